"""Saved models: written beside the scores they made, and verified before they are read again.

A pickle runs code when it is loaded. So nothing is loaded that this installation did not write:
each file's digest stands in the manifest, signed with a key that lies outside the workspace.
"""

import hashlib
import hmac
import io
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import joblib
import msgspec

from warehouse.errors import CorruptGenerationError
from warehouse.manifest import ModelFile


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _signed(name: str, file: str, digest: str, key: bytes) -> str:
    """The signature covers name and suffix too: a churn model cannot be passed off as a spend
    model, nor a text as a pickle.
    """
    text = f"{name}:{Path(file).suffix}:{digest}"
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def _encoded(model: Any) -> tuple[str, bytes]:  # noqa: ANN401
    """Suffix and content of a model's file: text where that is enough, a pickle where not."""
    if hasattr(model, "model_to_string"):  # a LightGBM booster
        return ".txt", model.model_to_string().encode()
    if isinstance(model, dict):
        return ".json", msgspec.json.encode(model)
    buffer = io.BytesIO()
    joblib.dump(model, buffer)
    return ".joblib", buffer.getvalue()


def _decoded(suffix: str, content: bytes) -> Any:  # noqa: ANN401
    if suffix == ".txt":
        import lightgbm

        return lightgbm.Booster(model_str=content.decode())
    if suffix == ".json":
        return msgspec.json.decode(content)
    return joblib.load(io.BytesIO(content))


def save(folder: Path, name: str, model: object, key: bytes) -> ModelFile:
    """Write ``model`` into ``folder`` and return what the manifest says of it.

    A LightGBM booster becomes text, a dict JSON, anything else a pickle.

    Parameters
    ----------
    folder : ``models/`` of the generation that is being made.
    name : the question that the model answers.
    key : the installation's signing key.
    """
    folder.mkdir(parents=True, exist_ok=True)
    suffix, content = _encoded(model)
    file = folder / f"{name}{suffix}"
    with file.open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    digest = _digest(content)
    return ModelFile(name, file.name, digest, _signed(name, file.name, digest, key))


def save_parts(folder: Path, name: str, parts: Mapping[str, object], key: bytes) -> list[ModelFile]:
    """Write a model that consists of several parts, each into a file ``name.part``."""
    return [save(folder, f"{name}.{part}", model, key) for part, model in parts.items()]


def load(folder: Path, models: Sequence[ModelFile], name: str, key: bytes) -> Any:  # noqa: ANN401
    """The saved model called ``name``; None where there is none.

    Raises
    ------
    CorruptGenerationError : the file is missing, altered, or signed by another installation. It is
        not read in any of these cases.
    """
    entry = next((model for model in models if model.name == name), None)
    if entry is None:
        return None
    file = folder / Path(entry.file).name
    fix = "run `spendboard refresh --train always` to make new models"
    if not file.is_file():
        raise CorruptGenerationError(f"{file}: the saved model is missing", fix=fix)
    # Read once: what was verified is what is decoded, whatever happens to the file meanwhile.
    content = file.read_bytes()
    digest = _digest(content)
    if not hmac.compare_digest(digest, entry.sha256):
        raise CorruptGenerationError(
            f"{file}: the saved model was altered since it was written; it is not loaded", fix=fix
        )
    if not hmac.compare_digest(_signed(name, file.name, digest, key), entry.hmac):
        raise CorruptGenerationError(
            f"{file}: the saved model was not written by this installation; it is not loaded",
            found="its signature was made with another signing.key, as after a restore on another"
            " machine",
            fix=f"{fix}; or, to keep these, copy signing.key from the configuration folder of the"
            " installation that wrote them",
        )
    return _decoded(file.suffix, content)


def fault(model: ModelFile, digest: str, key: bytes) -> str | None:
    """What is wrong with a model whose file has that digest; None if it would be loaded."""
    if not hmac.compare_digest(digest, model.sha256):
        return "altered since it was written"
    if not hmac.compare_digest(_signed(model.name, model.file, digest, key), model.hmac):
        return (
            "not written by this installation: `spendboard refresh --train always` makes new ones"
        )
    return None


def load_parts(
    folder: Path, models: Sequence[ModelFile], name: str, key: bytes
) -> dict[str, object]:
    """The parts of a saved model, by part; empty where there is none. Raises as :func:`load`."""
    mine = [model.name for model in models if model.name.startswith(f"{name}.")]
    return {each.removeprefix(f"{name}."): load(folder, models, each, key) for each in mine}
