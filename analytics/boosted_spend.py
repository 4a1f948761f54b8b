"""Spend by LightGBM: squared error, a Tweedie loss, and a hurdle of two models."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np
import pandas as pd

from analytics.boosting import Fitting, boost, predict
from analytics.candidates import Fit, Model
from analytics.learning import Constant, meta, pool, scale_to_total
from analytics.matrix import matrix
from analytics.metrics import TWEEDIE_POWER, Array

if TYPE_CHECKING:
    from lightgbm import Booster

_TREES, _TREES_OF_VALUE = 75, 50


@dataclass(frozen=True)
class Boosted:
    """Boosted trees of one loss.

    Boosting that stops early shrinks towards the mean of what the loss sees; ``scale`` restores
    the total of the training windows.
    """

    columns: list[str]
    booster: "Booster"
    scale: float

    def predict(self, frame: pd.DataFrame) -> Array:
        """Expected spend; what would be negative is 0."""
        found = predict(self.booster, matrix(frame, self.columns))
        return np.maximum(found, 0) * self.scale

    def parts(self) -> dict[str, object]:
        """The columns, the scale and the booster."""
        return {"meta": {"columns": self.columns, "scale": self.scale}, "booster": self.booster}


@dataclass(frozen=True)
class Hurdle:
    """Probability of buying times the amount of those who buy, each by boosted trees.

    The amount is learnt on a log scale; ``scale`` restores the total of the training windows.
    """

    columns: list[str]
    buys: "Booster"
    value: "Booster"
    scale: float

    def predict(self, frame: pd.DataFrame) -> Array:
        """Expected spend."""
        return _hurdled(self.buys, self.value, matrix(frame, self.columns)) * self.scale

    def parts(self) -> dict[str, object]:
        """The columns, the scale and both boosters."""
        described = {"columns": self.columns, "scale": self.scale}
        return {"meta": described, "buys": self.buys, "value": self.value}


def _boosted(objective: str, **parameters: float) -> Fit:
    """A fit of boosted trees with that loss."""

    def fit(frames: Sequence[pd.DataFrame], fitting: Fitting) -> Model:
        known = pool(frames, fitting)
        if not known.target.any():
            return Constant(0.0)
        booster = boost(known.features, known.target, objective, _TREES, fitting, **parameters)
        found = np.maximum(predict(booster, known.features), 0)
        return Boosted(known.columns, booster, scale_to_total(known.target, found))

    return fit


fit_squared = _boosted("regression")
fit_tweedie = _boosted("tweedie", tweedie_variance_power=TWEEDIE_POWER)


def fit_hurdle(frames: Sequence[pd.DataFrame], fitting: Fitting) -> Model:
    """The hurdle model; nothing at all where nobody bought."""
    known = pool(frames, fitting)
    bought = known.target > 0
    if not bought.any():
        return Constant(0.0)
    buys = boost(known.features, bought.astype(float), "binary", _TREES, fitting)
    value = boost(
        known.features[bought],
        np.log1p(known.target[bought]),
        "regression",
        _TREES_OF_VALUE,
        fitting,
        min_child_samples=20,
    )
    found = _hurdled(buys, value, known.features)
    return Hurdle(known.columns, buys, value, scale_to_total(known.target, found))


def _hurdled(buys: "Booster", value: "Booster", features: pd.DataFrame) -> Array:
    return predict(buys, features) * np.expm1(np.maximum(predict(value, features), 0))


def restore(parts: Mapping[str, object]) -> Model:
    """A boosted model, or the constant that stood in where nobody bought anything."""
    if "value" in meta(parts):
        return Constant(**meta(parts))
    trees = cast("dict[str, Booster]", parts)
    if "booster" in parts:
        return Boosted(booster=trees["booster"], **meta(parts))
    return Hurdle(buys=trees["buys"], value=trees["value"], **meta(parts))
