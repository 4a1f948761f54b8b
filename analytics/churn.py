"""How likely each customer is to buy nothing in the horizon.

Logistic regression on signed logarithms against boosted trees. Both are calibrated on a later
window than those that they were fitted on: what was learnt in one season is put right by the next.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import pandas as pd

from analytics.boosting import Fitting, boost, predict
from analytics.candidates import Candidate, Model, Question
from analytics.champion import Guardrail, Rule
from analytics.matrix import feature_columns, matrix, signed_log
from analytics.metrics import Array, churn_metrics

LABEL = "purchased_again"
_TREES, _LEAVES = 40, 7
# Of the logistic regression; the result hardly depends on it between 0.01 and 1.
_INVERSE_PENALTY = 0.1
# Risks beyond this and its mirror say no more than "surely"; it keeps the log odds finite.
_SMALLEST = 1e-4
# A trace of a penalty: outcomes that the risk separates perfectly still give a finite line.
_NEARLY_FREE = 1e4


def _outcome(frame: pd.DataFrame) -> Array:
    return 1.0 - frame[LABEL].to_numpy(dtype=float)


def _log_odds(risk: Array) -> Array:
    safe = np.clip(risk, _SMALLEST, 1 - _SMALLEST)
    return np.asarray(np.log(safe / (1 - safe)))


@dataclass(frozen=True)
class Calibration:
    """A straight line on the log odds (Platt); slope 1 and intercept 0 change nothing."""

    slope: float = 1.0
    intercept: float = 0.0

    def __call__(self, risk: Array) -> Array:
        """The calibrated risk, in (0, 1)."""
        return np.asarray(1 / (1 + np.exp(-(self.slope * _log_odds(risk) + self.intercept))))


def calibrate(risk: Array, churned: Array) -> Calibration:
    """The calibration that fits outcomes best; none where everybody did the same.

    A line that would turn the order round is refused: then only the level is put right.
    """
    from sklearn.linear_model import LogisticRegression

    if not 0 < churned.mean() < 1:
        return Calibration()
    odds = _log_odds(risk)
    line = LogisticRegression(C=_NEARLY_FREE, max_iter=1000).fit(odds[:, None], churned)
    if line.coef_[0, 0] > 0:
        return Calibration(float(line.coef_[0, 0]), float(line.intercept_[0]))
    return Calibration(1.0, float(_log_odds(churned.mean()) - odds.mean()))


@dataclass(frozen=True)
class Rate:
    """The same risk for everybody: the share that churned."""

    rate: float

    def predict(self, frame: pd.DataFrame) -> Array:
        """``rate`` for every row."""
        return np.full(len(frame), self.rate)

    def parts(self) -> dict[str, object]:
        """The rate."""
        return {"meta": {"rate": self.rate}}


@dataclass(frozen=True)
class Logistic:
    """Logistic regression on standardised signed logarithms of the features."""

    columns: list[str]
    pipeline: Any
    calibration: Calibration = Calibration()

    def predict(self, frame: pd.DataFrame) -> Array:
        """Churn risk, in [0, 1]."""
        found = self.pipeline.predict_proba(signed_log(matrix(frame, self.columns)))[:, 1]
        return self.calibration(np.asarray(found, dtype=float))

    def parts(self) -> dict[str, object]:
        """The columns, the calibration and the fitted pipeline."""
        return {"meta": _described(self), "pipeline": self.pipeline}


@dataclass(frozen=True)
class Trees:
    """Boosted trees with a logistic loss."""

    columns: list[str]
    booster: Any
    calibration: Calibration = Calibration()

    def predict(self, frame: pd.DataFrame) -> Array:
        """Churn risk, in [0, 1]."""
        return self.calibration(predict(self.booster, matrix(frame, self.columns)))

    def parts(self) -> dict[str, object]:
        """The columns, the calibration and the booster."""
        return {"meta": _described(self), "booster": self.booster}


def _described(model: Logistic | Trees) -> dict[str, object]:
    line = model.calibration
    return {"columns": model.columns, "slope": line.slope, "intercept": line.intercept}


def _fit_rate(frames: Sequence[pd.DataFrame], fitting: Fitting) -> Model:
    return Rate(float(np.concatenate([_outcome(frame) for frame in frames]).mean()))


def _calibrated(
    learn: Callable[[pd.DataFrame, Fitting], Logistic | Trees],
) -> Callable[[Sequence[pd.DataFrame], Fitting], Model]:
    """A fit on all but the newest window, calibrated on that; on the only one, uncalibrated."""

    def fit(frames: Sequence[pd.DataFrame], fitting: Fitting) -> Model:
        newest, older = frames[0], frames[1:]
        learnt = pd.concat(older or [newest], ignore_index=True)
        if not 0 < _outcome(learnt).mean() < 1:
            return _fit_rate(frames, fitting)
        model = learn(learnt, fitting)
        if not older:
            return model
        return replace(model, calibration=calibrate(model.predict(newest), _outcome(newest)))

    return fit


def _learn_logistic(frame: pd.DataFrame, fitting: Fitting) -> Logistic:
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    columns = feature_columns(frame)
    pipeline = make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True),
        StandardScaler(),
        LogisticRegression(C=_INVERSE_PENALTY, solver="newton-cholesky"),
    )
    return Logistic(columns, pipeline.fit(signed_log(matrix(frame, columns)), _outcome(frame)))


def _learn_trees(frame: pd.DataFrame, fitting: Fitting) -> Trees:
    columns = feature_columns(frame)
    booster = boost(
        matrix(frame, columns), _outcome(frame), "binary", _TREES, fitting, num_leaves=_LEAVES
    )
    return Trees(columns, booster)


def _restore(parts: Mapping[str, object]) -> Model:
    meta = cast("dict[str, Any]", parts["meta"])
    if "rate" in meta:
        return Rate(meta["rate"])
    line = Calibration(meta["slope"], meta["intercept"])
    if "booster" in parts:
        return Trees(meta["columns"], parts["booster"], line)
    return Logistic(meta["columns"], parts["pipeline"], line)


RULE = Rule(
    primary="auc",
    primary_title="AUC",
    baseline="logistic",
    tie=0.001,
    tie_breaker="log_loss",
    tie_breaker_title="log loss",
    guardrails=(
        Guardrail("brier", "the Brier score is at most 1.02 times the baseline's", 0.0, 1.02, True),
    ),
)


def question() -> Question:
    """The question of churn over a horizon, with every candidate that is tried."""
    return Question(
        name="churn",
        candidates=(
            Candidate("base_rate", "the churn rate", _fit_rate, _restore),
            Candidate("logistic", "logistic regression", _calibrated(_learn_logistic), _restore),
            Candidate("lightgbm", "LightGBM", _calibrated(_learn_trees), _restore),
        ),
        outcome=_outcome,
        metrics=churn_metrics,
        rule=RULE,
        windows=2,
    )
