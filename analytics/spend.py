"""What each customer will spend in the horizon.

From nothing at all to a blend of models, each tested at the same origins. Mean absolute error must
not choose among them: forecasting nothing at all wins it in most shops, because most customers buy
nothing in a month.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from analytics import boosted_spend, lifetimes, regressors
from analytics.boosting import Fitting
from analytics.candidates import Candidate, Model, Question
from analytics.champion import Guardrail, Rule
from analytics.learning import Constant, LastWindow, meta, spend_outcome
from analytics.linear_hurdle import fit_linear_hurdle
from analytics.metrics import spend_metrics
from warehouse.titles import SPEND_MODEL_TITLES

WINDOWS = (7, 30, 60, 90, 180)
BASELINE = "bgnbd_gamma_gamma"

RULE = Rule(
    primary="ngini",
    primary_title="normalised Gini",
    baseline=BASELINE,
    tie=0.005,
    tie_breaker="tweedie",
    tie_breaker_title="Tweedie deviance",
    guardrails=(
        Guardrail("total_ratio", "the totals expected and spent are within 0.8 to 1.25", 0.8, 1.25),
        Guardrail("rmse", "the RMSE is at most 1.02 times the baseline's", 0.0, 1.02, True),
    ),
)


def _fit_nothing(frames: Sequence[pd.DataFrame], fitting: Fitting) -> Model:
    return Constant(0.0)


def _fit_mean(frames: Sequence[pd.DataFrame], fitting: Fitting) -> Model:
    return Constant(float(np.concatenate([spend_outcome(frame) for frame in frames]).mean()))


def _last_window(horizon_days: int) -> Candidate:
    nearest = min(WINDOWS, key=lambda days: (abs(days - horizon_days), days))
    model = LastWindow(nearest, horizon_days)
    return Candidate(
        "last_window",
        f"spend of the last {nearest} days",
        lambda frames, fitting: model,
        lambda parts: LastWindow(**meta(parts)),
    )


def _restore_constant(parts: Mapping[str, object]) -> Model:
    return Constant(**meta(parts))


def question(horizon_days: int) -> Question:
    """The question of spend over a horizon, with every candidate that is tried."""
    trees, fitted, lasting, called = boosted_spend, regressors, lifetimes, SPEND_MODEL_TITLES
    return Question(
        name="spend",
        candidates=(
            Candidate("zero", called["zero"], _fit_nothing, _restore_constant),
            Candidate("mean", called["mean"], _fit_mean, _restore_constant),
            _last_window(horizon_days),
            Candidate("linear", called["linear"], fitted.fit_least_squares, fitted.restore),
            Candidate("ridge", called["ridge"], fitted.fit_ridge, fitted.restore),
            Candidate("random_forest", called["random_forest"], fitted.fit_forest, fitted.restore),
            Candidate(
                "gradient_boosting",
                called["gradient_boosting"],
                fitted.fit_gradient_boosting,
                fitted.restore,
            ),
            Candidate("lightgbm_l2", called["lightgbm_l2"], trees.fit_squared, trees.restore),
            Candidate(
                "lightgbm_tweedie", called["lightgbm_tweedie"], trees.fit_tweedie, trees.restore
            ),
            Candidate(
                "lightgbm_hurdle", called["lightgbm_hurdle"], trees.fit_hurdle, trees.restore
            ),
            Candidate(
                BASELINE,
                called[BASELINE],
                lasting.lifetimes_fit(horizon_days),
                lasting.restore,
            ),
            Candidate(
                "linear_hurdle",
                called["linear_hurdle"],
                lasting.told_fit(fit_linear_hurdle, horizon_days),
                lasting.restore,
            ),
            Candidate(
                "blend",
                called["blend"],
                lasting.blend_fit(horizon_days),
                lasting.restore,
            ),
        ),
        outcome=spend_outcome,
        metrics=spend_metrics,
        rule=RULE,
        windows=1,
    )
