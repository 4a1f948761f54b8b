"""The door to LightGBM: one set of parameters, repeatable to the last bit, saved as text."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analytics.metrics import Array
from analytics.once import Once

if TYPE_CHECKING:
    import lightgbm

_PARAMETERS: dict[str, Any] = {
    "learning_rate": 0.1,
    "num_leaves": 15,
    "min_child_samples": 40,
    "feature_fraction": 0.7,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "deterministic": True,
    "force_row_wise": True,
    "verbose": -1,
}


@dataclass(frozen=True)
class Fitting:
    """What every fit is given. ``threads``: more than the free cores make LightGBM slower.

    ``once`` holds what fits on the same windows share.
    """

    seed: int = 0
    threads: int = 1
    once: Once = field(default_factory=Once, repr=False, compare=False)


def boost(
    features: pd.DataFrame,
    target: Array,
    objective: str,
    rounds: int,
    fitting: Fitting,
    **parameters: float,
) -> "lightgbm.Booster":
    """Fit a booster.

    Parameters
    ----------
    features : float64, NaN where not known; a row a customer.
    target : one number a row.
    objective : LightGBM's name, such as ``tweedie``.
    rounds : number of trees.
    parameters : LightGBM's, where they differ from those of this module.
    """
    import lightgbm

    given = _PARAMETERS | {"seed": fitting.seed, "num_threads": fitting.threads} | parameters
    # As an array: names of customers' own columns may hold what LightGBM's text format forbids.
    data = lightgbm.Dataset(features.to_numpy(), target)
    return lightgbm.train(given | {"objective": objective}, data, num_boost_round=rounds)


def predict(booster: "lightgbm.Booster", features: pd.DataFrame) -> Array:
    """One number a row of ``features``, whose columns stand as in the fit."""
    # A booster read from text has forgotten how many threads it may use: more than one here
    # would wait for the cores of the server.
    found = booster.predict(features.to_numpy(), num_threads=1)
    return np.asarray(found, dtype=float)
