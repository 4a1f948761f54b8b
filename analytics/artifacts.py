"""Saved models: written beside the scores they made, and verified before they are read again.

A pickle runs code when it is loaded. So nothing is loaded that this installation did not write:
each file's digest stands in the manifest, signed with a key that lies outside the workspace.
"""

import hashlib
import hmac
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import joblib

from warehouse.errors import CorruptGenerationError
from warehouse.manifest import ModelFile


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _signed(name: str, digest: str, key: bytes) -> str:
    """The signature covers the name too: a churn model cannot be passed off as a spend model."""
    return hmac.new(key, f"{name}:{digest}".encode(), hashlib.sha256).hexdigest()


def save(folder: Path, name: str, model: object, key: bytes) -> ModelFile:
    """Write ``model`` into ``folder`` and return what the manifest says of it.

    Parameters
    ----------
    folder : ``models/`` of the generation that is being made.
    name : the question that the model answers.
    key : the installation's signing key.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.joblib"
    with file.open("wb") as out:
        joblib.dump(model, out)
        out.flush()
        os.fsync(out.fileno())
    digest = _digest(file)
    return ModelFile(name, file.name, digest, _signed(name, digest, key))


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
    digest = _digest(file)
    if not hmac.compare_digest(digest, entry.sha256):
        raise CorruptGenerationError(
            f"{file}: the saved model was altered since it was written; it is not loaded", fix=fix
        )
    if not hmac.compare_digest(_signed(name, digest, key), entry.hmac):
        raise CorruptGenerationError(
            f"{file}: the saved model was not written by this installation; it is not loaded",
            fix=fix,
        )
    return joblib.load(file)
