"""What all customers together will spend in the horizon, forecast apart from each of them.

The errors of customers do not cancel: a model that takes the season for loyalty is wrong about
everybody in the same direction. So the total is forecast in several ways, each tested where the
customers were, and their scores are stretched to it. The mean of three ways that err differently
serves unless another is better (combining forecasts: Bates and Granger 1969).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from analytics.champion import Guardrail, Rule
from analytics.forecasters import smoothed
from analytics.metrics import Array, spend_metrics

BASELINE = "combined"
TITLES = {
    "customers": "the sum of the customers",
    "corrected": "the sum of the customers, corrected by the last three tests",
    "last_window": "the last window, for as many customers as now",
    "three_windows": "the mean of three windows, for as many customers as now",
    "smoothing": "exponential smoothing of the windows",
    BASELINE: "the mean of the sum, the corrected sum and the last window",
}
RULE = Rule(
    primary="total_accuracy",
    primary_title="ratio of the smaller total to the larger",
    baseline=BASELINE,
    tie=0.005,
    tie_breaker="rmse",
    tie_breaker_title="RMSE",
    guardrails=(
        Guardrail("total_ratio", "the totals expected and spent are within 0.8 to 1.25", 0.8, 1.25),
    ),
)
# A correction beyond these says that the customers' scores are useless, not that they need one.
LEAST, MOST = 0.5, 2.0
_RECENT = 3


@dataclass(frozen=True)
class Holdout:
    """What the champion expected at one origin, and what came: one entry a customer, currency."""

    origin: date
    expected: Array
    actual: Array


@dataclass(frozen=True)
class Window:
    """How many customers were known at a cutoff, and what they spent in the horizon after it."""

    cutoff: date
    n_customers: int
    spent: float


def forecasts(
    expected: Array, tests: Sequence[Holdout], windows: Sequence[Window]
) -> dict[str, float]:
    """The total by every way.

    Parameters
    ----------
    expected : of each customer, by the model that serves; currency.
    tests : of that model at earlier origins, oldest first.
    windows : that are over, oldest first; at least one.
    """
    whole = float(expected.sum())
    recent = tests[-_RECENT:]
    said = sum(float(test.expected.sum()) for test in recent)
    came = sum(float(test.actual.sum()) for test in recent)
    each = np.array([window.spent / max(1, window.n_customers) for window in windows])
    found = {
        "customers": whole,
        "corrected": whole * came / said if said > 0 else whole,
        "last_window": float(each[-1]) * len(expected),
        "three_windows": float(each[-_RECENT:].mean()) * len(expected),
        "smoothing": max(0.0, float(smoothed(each, 1)[0])) * len(expected),
    }
    parts = (found["customers"], found["corrected"], found["last_window"])
    return found | {BASELINE: float(np.mean(parts))}


def told(total: float, expected: Array) -> str:
    """What is done to the scores of customers, in a sentence: also where they cannot add up."""
    times = factor(total, expected)
    whole = float(expected.sum()) * times
    if math.isclose(whole, total, rel_tol=1e-6):
        return f"Scores of customers are multiplied by {times:.3f} to add up to it."
    return (
        f"Scores of customers are multiplied by {times:.3f} and add up to {whole:,.0f}, not to the "
        f"{total:,.0f} that are forecast: beyond {LEAST:g} to {MOST:g} they are not stretched."
    )


def factor(total: float, expected: Array) -> float:
    """By how much the scores of customers are stretched to add up to ``total``: 0.5 to 2."""
    whole = float(expected.sum())
    return float(np.clip(total / whole, LEAST, MOST)) if whole > 0 else 1.0


def at_origins(
    tests: Sequence[Holdout], windows: Sequence[Window], known: Mapping[date, int]
) -> pd.DataFrame:
    """Every way at every origin: it sees earlier tests, and windows that were over by then.

    Parameters
    ----------
    tests : oldest first.
    windows : every window, oldest first.
    known : for each origin, how many of ``windows`` were over by then.

    Returns
    -------
    DataFrame: candidate, origin, metric, value; the metrics are those of the customers' scores
    after they were stretched, and ``total_accuracy``.
    """
    rows = []
    for number, test in enumerate(tests):
        over = windows[: known[test.origin]]
        if not over:
            continue
        for name, total in forecasts(test.expected, tests[:number], over).items():
            scores = test.expected * factor(total, test.expected)
            values = spend_metrics(test.actual, scores)
            values["total_accuracy"] = _accuracy(values)
            rows += [(name, test.origin, metric, value) for metric, value in values.items()]
    return pd.DataFrame(rows, columns=["candidate", "origin", "metric", "value"])


def _accuracy(values: Mapping[str, float]) -> float:
    low, high = sorted((values["total_expected"], values["total_actual"]))
    return low / high if high > 0 else np.nan
