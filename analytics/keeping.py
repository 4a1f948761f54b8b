"""Saved models of a generation: what they were made from, whether they still fit, and reuse."""

import hashlib
import importlib.metadata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal

import msgspec
import pandas as pd

from analytics import artifacts, churn, spend, table_models
from analytics.amount_model import AmountModel
from analytics.candidates import Model, Question
from analytics.clusters import ClusterModel
from analytics.reconciliation import restored
from analytics.reference import Reference
from analytics.situation import Situation
from warehouse.configuration import Settings
from warehouse.errors import NoModelError
from warehouse.manifest import Generation, ModelFile

Train = Literal["auto", "always", "never"]
# So many times the lines that a model saw: then it is asked to learn anew.
MUCH_GROWN = 1.5
AMOUNTS = "amounts"
# A model that was pickled by another version of these may not come back as what it was.
_LIBRARIES = ("scikit-learn", "lightgbm")


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """What a generation's models were trained on; saved and signed beside them."""

    as_of: date | None
    kind: str
    horizon_days: int
    features: list[str]
    settings: str
    libraries: dict[str, str]
    champions: dict[str, str]
    loads: list[int] = []
    n_lines: int = 0
    own_views: str = ""
    labels: dict[str, str] = {}
    left_out: list[str] = []
    rows: str = ""


@dataclass
class Kept:
    """The models that serve: by question, and the clusters. ``origin`` is None before a training.

    A question that could not be answered has no model. ``reference`` is what customers looked like
    when the models learnt, ``amounts`` what estimates a purchase; None where an older build made
    them.
    """

    models: dict[str, Model] = field(default_factory=dict)
    clusters: ClusterModel | None = None
    origin: Origin | None = None
    reference: Reference | None = None
    amounts: AmountModel | None = None


def questions(horizon_days: int) -> tuple[Question, ...]:
    """The questions that are judged at rolling origins."""
    return (spend.question(horizon_days), churn.question(horizon_days))


def origin_of(
    situation: Situation,
    features: Sequence[str],
    settings: Settings,
    champions: Mapping[str, str],
    rows: str = "",
) -> Origin:
    """What is written down when models are made; ``rows`` as :func:`digest_of` gives it."""
    return Origin(
        as_of=situation.as_of,
        kind=situation.kind,
        horizon_days=situation.horizon_days,
        features=list(features),
        settings=_that_shape_models(settings),
        libraries=_libraries(),
        champions=dict(champions),
        loads=list(situation.history.loads),
        n_lines=situation.history.n_lines,
        own_views=situation.own_views,
        labels={name: label.column for name, label in situation.labels.labels.items()},
        left_out=sorted(situation.labels.leave_out),
        rows=rows,
    )


def digest_of(frame: pd.DataFrame, situation: Situation) -> str:
    """What tells one frame from another where there are no dates; empty where there are.

    Parameters
    ----------
    frame : of the customers to learn from.
    """
    if situation.as_of is not None:
        return ""
    found = hashlib.sha256("\0".join(map(str, frame.columns)).encode())
    found.update(pd.util.hash_pandas_object(frame, index=False).to_numpy().tobytes())
    return found.hexdigest()


def _that_shape_models(settings: Settings) -> str:
    judged_by = (settings.min_buyers, settings.min_history_days, settings.train_customers)
    return msgspec.json.encode((settings.seed, settings.clusters, judged_by)).decode()


def save(folder: Path, kept: Kept, key: bytes) -> list[ModelFile]:
    """Write every model into ``folder``, in place of what was there."""
    for file in folder.iterdir():
        file.unlink()
    files = [artifacts.save(folder, "origin", msgspec.to_builtins(kept.origin), key)]
    for name, model in kept.models.items():
        files += artifacts.save_parts(folder, name, model.parts(), key)
    if kept.clusters is not None:
        files.append(artifacts.save(folder, "clusters", kept.clusters, key))
    if kept.reference is not None:
        reference = msgspec.to_builtins(kept.reference)
        files.append(artifacts.save(folder, "reference", reference, key))
    if kept.amounts is not None:
        files.append(artifacts.save(folder, AMOUNTS, kept.amounts, key))
    return files


def read(generation: Generation | None, key: bytes) -> Kept:
    """The models of a generation, each verified before it is loaded.

    Raises
    ------
    CorruptGenerationError : a file is altered, or was not written by this installation.
    """
    origin = None if generation is None else _origin(generation, key)
    if generation is None or origin is None:
        return Kept()
    folder, files = generation.models, generation.manifest.models
    kept = Kept(origin=origin)
    if origin.libraries != _libraries():
        return kept
    for question in questions(origin.horizon_days):
        champion = origin.champions.get(question.name)
        if champion is not None:
            parts = artifacts.load_parts(folder, files, question.name, key)
            restore = question.candidate(champion).restore
            if question.name in origin.labels:
                restore = table_models.restore
            kept.models[question.name] = restored(parts, restore)
    kept.clusters = artifacts.load(folder, files, "clusters", key)
    reference = artifacts.load(folder, files, "reference", key)
    kept.reference = msgspec.convert(reference, Reference) if reference else None
    kept.amounts = artifacts.load(folder, files, AMOUNTS, key)
    return kept


def read_amounts(generation: Generation, key: bytes) -> AmountModel | None:
    """What estimates the amount of a purchase; None where no build that runs here made it.

    Raises
    ------
    CorruptGenerationError : as :func:`read`.
    """
    origin = _origin(generation, key)
    if origin is None or origin.libraries != _libraries():
        return None
    found: AmountModel | None = artifacts.load(
        generation.models, generation.manifest.models, AMOUNTS, key
    )
    return found


def _origin(generation: Generation, key: bytes) -> Origin | None:
    """What its models were trained on; None before a training."""
    saved = artifacts.load(generation.models, generation.manifest.models, "origin", key)
    return None if saved is None else msgspec.convert(saved, Origin)


def _libraries() -> dict[str, str]:
    return {name: importlib.metadata.version(name) for name in _LIBRARIES}


def unfit(
    kept: Kept, situation: Situation, features: Sequence[str], settings: Settings
) -> str | None:
    """Why the saved models cannot score this situation, in words; None if they can."""
    origin = kept.origin
    if origin is None:
        return "there is no model yet"
    now = origin_of(situation, features, settings, {})
    if origin.libraries != now.libraries:
        return "the models were made with other versions of the libraries"
    if _inputs(origin) != _inputs(now):
        return "the features changed"
    if origin.horizon_days != now.horizon_days:
        return f"the models look {origin.horizon_days} days ahead, not {now.horizon_days}"
    if origin.as_of and now.as_of and origin.as_of > now.as_of:
        return f"the models saw what came after {now.as_of}, up to {origin.as_of}"
    return None


def _inputs(origin: Origin) -> tuple[object, ...]:
    """What models learn from, and to foretell what."""
    return origin.kind, origin.features, origin.own_views, origin.labels, origin.left_out


def why_train(
    kept: Kept,
    situation: Situation,
    features: Sequence[str],
    settings: Settings,
    train: Train,
    *,
    rows: str = "",
) -> str | None:
    """Why models are made anew, in words; None where the saved ones serve.

    Parameters
    ----------
    rows : what :func:`digest_of` says of the frame to learn from.

    Raises
    ------
    NoModelError : ``train`` is ``never``, and the saved models do not fit.
    """
    misfit = unfit(kept, situation, features, settings)
    if train == "never":
        if misfit:
            raise NoModelError(
                f"the saved models cannot be used: {misfit}",
                fix="leave --train never out, and new models are made",
            )
        return None
    if train == "always":
        return "it was asked for"
    if not misfit and kept.reference is None:
        return "an older build made the models, which cannot be explained"
    return misfit or _aged(kept.origin, situation, settings, rows)


def _aged(origin: Origin | None, situation: Situation, settings: Settings, rows: str) -> str | None:
    """Why models that could score should not any more, in words; None if they may."""
    if origin is None or origin.settings != _that_shape_models(settings):
        return "the settings changed"
    if origin.as_of is None or situation.as_of is None:
        # Without dates nothing ages: the same rows would make the same models.
        return None if rows and origin.rows == rows else "the customers changed"
    gone = sorted(set(origin.loads) - set(situation.history.loads))
    if gone:
        return f"the models saw load {gone[0]}, which was taken out"
    if situation.history.n_lines > MUCH_GROWN * origin.n_lines:
        return "the history grew by more than half"
    age = (situation.as_of - origin.as_of).days
    return f"the last training is {age} days old" if age > situation.horizon_days else None
