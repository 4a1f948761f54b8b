"""How likely each customer is to buy nothing in the horizon.

Logistic regression on signed logarithms against boosted trees and BG/NBD. All are calibrated on a
later window than those that they were fitted on: what was learnt in one season is put right by the
next. BG/NBD gives the probability of a purchase in the horizon; its probability to be alive is 1
for everybody who bought once, and so no measure of churn.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.backtest import thinned
from analytics.boosting import Fitting, boost, predict
from analytics.candidates import Candidate, Model, Question
from analytics.champion import Guardrail, Rule
from analytics.learning import pool
from analytics.lifetimes import Lifetimes, lifetimes_of, restored
from analytics.matrix import matrix, signed_log
from analytics.metrics import Array, churn_metrics
from analytics.penalties import set_penalty

LABEL = "purchased_again"
_TREES, _LEAVES = 40, 7
# Of the logistic regression where there is one window only; otherwise a search decides.
_INVERSE_PENALTY = 0.1
_SEARCHED, _SMALLEST_INVERSE, _LARGEST_INVERSE = 6, 1e-3, 10.0
_FOLDS, _ROWS_OF_SEARCH = 5, 8_000
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


@dataclass(frozen=True)
class Silence:
    """One minus BG/NBD's probability of a purchase in the horizon."""

    lifetimes: Lifetimes
    calibration: Calibration = Calibration()

    def predict(self, frame: pd.DataFrame) -> Array:
        """Churn risk, in [0, 1]."""
        return self.calibration(1 - self.lifetimes.buys(frame))

    def parts(self) -> dict[str, object]:
        """The parameters and the calibration."""
        line = self.calibration
        described = {"slope": line.slope, "intercept": line.intercept}
        return {"meta": {"lifetimes": asdict(self.lifetimes), **described}}


Fitted = Logistic | Trees | Silence


def _described(model: Logistic | Trees) -> dict[str, object]:
    line = model.calibration
    return {"columns": model.columns, "slope": line.slope, "intercept": line.intercept}


def _fit_rate(frames: Sequence[pd.DataFrame], fitting: Fitting) -> Model:
    return Rate(float(np.concatenate([_outcome(frame) for frame in frames]).mean()))


def _calibrated(
    learn: Callable[[Sequence[pd.DataFrame], Fitting], Fitted | None],
) -> Callable[[Sequence[pd.DataFrame], Fitting], Model]:
    """A fit on all but the newest window, calibrated on that; on the only one, uncalibrated."""

    def fit(frames: Sequence[pd.DataFrame], fitting: Fitting) -> Model:
        newest, older = frames[0], frames[1:]
        learnt = older or [newest]
        if not 0 < np.concatenate([_outcome(frame) for frame in learnt]).mean() < 1:
            return _fit_rate(frames, fitting)
        model = learn(learnt, fitting)
        if model is None:
            return _fit_rate(frames, fitting)
        if not older:
            return model
        return replace(model, calibration=calibrate(model.predict(newest), _outcome(newest)))

    return fit


def folds(frames: Sequence[pd.DataFrame]) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Rows to learn from and rows to judge by: each later window by those before it.

    The frames stand newest first, below one another.
    """
    ends = np.cumsum([len(frame) for frame in frames])
    rows = np.arange(ends[-1] if len(ends) else 0)
    starts = [0, *ends[:-1]]
    return [
        (rows[end:], rows[start:end])
        for start, end in zip(starts[:_FOLDS], ends[:-1], strict=False)
    ]


def _learn_logistic(frames: Sequence[pd.DataFrame], fitting: Fitting) -> Logistic:
    from scipy.stats import loguniform
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    known = pool(frames, fitting, _outcome)
    pipeline = make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True),
        StandardScaler(),
        LogisticRegression(C=_INVERSE_PENALTY, solver="newton-cholesky"),
    )
    few = [frame for frame in thinned(frames, fitting.seed, _ROWS_OF_SEARCH) if len(frame)]
    if _searchable(few):
        tried = pd.concat(few, ignore_index=True)
        set_penalty(
            pipeline,
            signed_log(matrix(tried, known.columns)),
            _outcome(tried),
            folds(few),
            penalties=loguniform(_SMALLEST_INVERSE, _LARGEST_INVERSE),
            n=_SEARCHED,
            seed=fitting.seed,
        )
    return Logistic(known.columns, pipeline.fit(signed_log(known.features), known.target))


def _searchable(frames: Sequence[pd.DataFrame]) -> bool:
    """Whether there are two windows at least, and in each of them both outcomes."""
    return len(frames) > 1 and all(0 < _outcome(frame).mean() < 1 for frame in frames)


def _learn_trees(frames: Sequence[pd.DataFrame], fitting: Fitting) -> Trees:
    known = pool(frames, fitting, _outcome)
    booster = boost(known.features, known.target, "binary", _TREES, fitting, num_leaves=_LEAVES)
    return Trees(known.columns, booster)


def _learn_silence(
    horizon_days: int,
) -> Callable[[Sequence[pd.DataFrame], Fitting], Silence | None]:
    def learn(frames: Sequence[pd.DataFrame], fitting: Fitting) -> Silence | None:
        lifetimes = lifetimes_of(frames, horizon_days, fitting)
        return Silence(lifetimes) if lifetimes else None

    return learn


def _restore(parts: Mapping[str, object]) -> Model:
    meta = cast("dict[str, Any]", parts["meta"])
    if "rate" in meta:
        return Rate(meta["rate"])
    line = Calibration(meta["slope"], meta["intercept"])
    if "lifetimes" in meta:
        return Silence(restored(meta["lifetimes"]), line)
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


def question(horizon_days: int) -> Question:
    """The question of churn over a horizon, with every candidate that is tried."""
    return Question(
        name="churn",
        candidates=(
            Candidate("base_rate", "the churn rate", _fit_rate, _restore),
            Candidate("logistic", "logistic regression", _calibrated(_learn_logistic), _restore),
            Candidate("lightgbm", "LightGBM", _calibrated(_learn_trees), _restore),
            Candidate(
                "bgnbd",
                "BG/NBD's chance of a purchase",
                _calibrated(_learn_silence(horizon_days)),
                _restore,
            ),
        ),
        outcome=_outcome,
        metrics=churn_metrics,
        rule=RULE,
        windows=2,
    )
