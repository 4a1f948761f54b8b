"""What each customer will spend in the horizon.

A boosted hurdle and a boosted Tweedie model against a linear model, last window's spend, the mean
and nothing at all. Mean absolute error must not choose among them: forecasting nothing at all
wins it in most shops, because most customers buy nothing in a month.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from analytics.boosting import Fitting, boost, predict
from analytics.candidates import Candidate, Model, Question
from analytics.champion import Guardrail, Rule
from analytics.matrix import feature_columns, matrix
from analytics.metrics import TWEEDIE_POWER, Array, spend_metrics

if TYPE_CHECKING:
    from lightgbm import Booster

LABEL = "future_spend"
WINDOWS = (7, 30, 60, 90, 180)
_TREES, _TREES_OF_VALUE = 75, 50
_PENALTIES = (10.0, 100.0, 1000.0, 10000.0)


def _outcome(frame: pd.DataFrame) -> Array:
    return frame[LABEL].to_numpy(dtype=float)


@dataclass(frozen=True)
class Constant:
    """The same amount for everybody."""

    value: float

    def predict(self, frame: pd.DataFrame) -> Array:
        """``value`` for every row."""
        return np.full(len(frame), self.value)

    def parts(self) -> dict[str, object]:
        """The value."""
        return {"meta": {"value": self.value}}


@dataclass(frozen=True)
class LastWindow:
    """What a customer spent in the last so many days, stretched to the horizon. Learns nothing."""

    window_days: int
    horizon_days: int

    def predict(self, frame: pd.DataFrame) -> Array:
        """Net spend of the window, never negative."""
        spent = frame[f"spend_{self.window_days}d"].fillna(0).clip(lower=0)
        return spent.to_numpy(dtype=float) * self.horizon_days / self.window_days

    def parts(self) -> dict[str, object]:
        """The two lengths."""
        return {"meta": {"window_days": self.window_days, "horizon_days": self.horizon_days}}


@dataclass(frozen=True)
class Linear:
    """A ridge regression on standardised features; its strength by leave-one-out."""

    columns: list[str]
    pipeline: Any

    def predict(self, frame: pd.DataFrame) -> Array:
        """Expected spend; what would be negative is 0."""
        found = self.pipeline.predict(matrix(frame, self.columns))
        return np.asarray(np.maximum(found, 0), dtype=float)

    def parts(self) -> dict[str, object]:
        """The columns and the fitted pipeline."""
        return {"meta": {"columns": self.columns}, "pipeline": self.pipeline}


@dataclass(frozen=True)
class Tweedie:
    """Boosted trees with a Tweedie loss: amounts that are often 0 and sometimes large.

    Boosting that stops early shrinks towards the mean of the logarithm; ``scale`` restores the
    total of the training windows.
    """

    columns: list[str]
    booster: "Booster"
    scale: float

    def predict(self, frame: pd.DataFrame) -> Array:
        """Expected spend."""
        return predict(self.booster, matrix(frame, self.columns)) * self.scale

    def parts(self) -> dict[str, object]:
        """The columns, the scale and the booster."""
        meta = {"columns": self.columns, "scale": self.scale}
        return {"meta": meta, "booster": self.booster}


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
        meta = {"columns": self.columns, "scale": self.scale}
        return {"meta": meta, "buys": self.buys, "value": self.value}


def _pooled(frames: Sequence[pd.DataFrame]) -> tuple[pd.DataFrame, list[str], Array]:
    together = pd.concat(frames, ignore_index=True)
    columns = feature_columns(together)
    return matrix(together, columns), columns, _outcome(together)


def _fit_nothing(frames: Sequence[pd.DataFrame], fitting: Fitting) -> Model:
    return Constant(0.0)


def _fit_mean(frames: Sequence[pd.DataFrame], fitting: Fitting) -> Model:
    return Constant(float(np.concatenate([_outcome(frame) for frame in frames]).mean()))


def _fit_linear(frames: Sequence[pd.DataFrame], fitting: Fitting) -> Model:
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import RidgeCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    features, columns, target = _pooled(frames)
    pipeline = make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True),
        StandardScaler(),
        RidgeCV(alphas=_PENALTIES),
    )
    return Linear(columns, pipeline.fit(features, target))


def _scale(target: Array, found: Array) -> float:
    """What makes the total of ``found`` the total of ``target``."""
    total = float(found.sum())
    return float(target.sum()) / total if total > 0 else 1.0


def _fit_tweedie(frames: Sequence[pd.DataFrame], fitting: Fitting) -> Model:
    features, columns, target = _pooled(frames)
    if not target.any():
        return Constant(0.0)
    booster = boost(
        features, target, "tweedie", _TREES, fitting, tweedie_variance_power=TWEEDIE_POWER
    )
    return Tweedie(columns, booster, _scale(target, predict(booster, features)))


def _fit_hurdle(frames: Sequence[pd.DataFrame], fitting: Fitting) -> Model:
    features, columns, target = _pooled(frames)
    bought = target > 0
    if not bought.any():
        return Constant(0.0)
    buys = boost(features, bought.astype(float), "binary", _TREES, fitting)
    value = boost(
        features[bought],
        np.log1p(target[bought]),
        "regression",
        _TREES_OF_VALUE,
        fitting,
        min_child_samples=20,
    )
    return Hurdle(columns, buys, value, _scale(target, _hurdled(buys, value, features)))


def _hurdled(buys: "Booster", value: "Booster", features: pd.DataFrame) -> Array:
    return predict(buys, features) * np.expm1(np.maximum(predict(value, features), 0))


def _meta(parts: Mapping[str, object]) -> dict[str, Any]:
    return cast("dict[str, Any]", parts["meta"])


def _restore_trees(parts: Mapping[str, object]) -> Model:
    """A boosted model, or the constant that stood in where nobody bought anything."""
    if "value" in _meta(parts):
        return Constant(**_meta(parts))
    trees = cast("dict[str, Booster]", parts)
    if "booster" in parts:
        return Tweedie(booster=trees["booster"], **_meta(parts))
    return Hurdle(buys=trees["buys"], value=trees["value"], **_meta(parts))


def _restore_constant(parts: Mapping[str, object]) -> Model:
    return Constant(**_meta(parts))


def _last_window(horizon_days: int) -> Candidate:
    nearest = min(WINDOWS, key=lambda days: (abs(days - horizon_days), days))
    model = LastWindow(nearest, horizon_days)
    return Candidate(
        "last_window",
        f"spend of the last {nearest} days",
        lambda frames, fitting: model,
        lambda parts: LastWindow(**_meta(parts)),
    )


RULE = Rule(
    primary="ngini",
    primary_title="normalised Gini",
    baseline="linear",
    tie=0.005,
    tie_breaker="tweedie",
    tie_breaker_title="Tweedie deviance",
    guardrails=(
        Guardrail("total_ratio", "the totals expected and spent are within 0.8 to 1.25", 0.8, 1.25),
        Guardrail("rmse", "the RMSE is at most 1.02 times the baseline's", 0.0, 1.02, True),
    ),
)


def question(horizon_days: int) -> Question:
    """The question of spend over a horizon, with every candidate that is tried."""
    return Question(
        name="spend",
        candidates=(
            Candidate("zero", "nothing at all", _fit_nothing, _restore_constant),
            Candidate("mean", "the mean", _fit_mean, _restore_constant),
            _last_window(horizon_days),
            Candidate(
                "linear",
                "the linear model",
                _fit_linear,
                lambda parts: Linear(pipeline=parts["pipeline"], **_meta(parts)),
            ),
            Candidate("lightgbm_tweedie", "LightGBM (Tweedie)", _fit_tweedie, _restore_trees),
            Candidate("lightgbm_hurdle", "LightGBM (hurdle)", _fit_hurdle, _restore_trees),
        ),
        outcome=_outcome,
        metrics=spend_metrics,
        rule=RULE,
        windows=1,
    )
