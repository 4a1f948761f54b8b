"""How good a forecast was, once the outcome is known. Pure functions of two arrays."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]
Metrics = dict[str, float]

TWEEDIE_POWER = 1.5
# The Tweedie deviance is infinite where somebody spends of whom nothing was expected.
SMALLEST_EXPECTED = 0.01
CALIBRATION_BINS = 10


def spend_metrics(actual: Array, expected: Array) -> Metrics:
    """Metrics of expected spend; both arrays in currency, one entry per customer, never negative.

    Returns
    -------
    ``mae``, ``rmse``, ``r2``, ``spearman``, ``ngini``, ``top10`` (share of all spend that the tenth
    with the highest expectation made), ``decile_error`` (mean distance between what a tenth of
    them spent and what was expected, over the mean of all), ``total_ratio`` (expected /
    actual), ``tweedie`` (deviance of power 1.5), ``total_expected``, ``total_actual``. NaN where a
    metric is not defined.
    """
    error = expected - actual
    variance = float(np.mean((actual - actual.mean()) ** 2))
    total = float(actual.sum())
    return {
        "mae": float(np.mean(np.abs(error))),
        "rmse": float(np.sqrt(np.mean(error**2))),
        "r2": 1 - float(np.mean(error**2)) / variance if variance else np.nan,
        "spearman": spearman(actual, expected),
        "ngini": normalised_gini(actual, expected),
        "top10": top_share(actual, expected, 0.1),
        "decile_error": calibration_error(actual, expected) * len(actual) / total
        if total
        else np.nan,
        "total_ratio": float(expected.sum()) / total if total else np.nan,
        "tweedie": tweedie_deviance(actual, expected),
        "total_expected": float(expected.sum()),
        "total_actual": total,
    }


def churn_metrics(churned: Array, risk: Array) -> Metrics:
    """Metrics of a churn risk.

    Parameters
    ----------
    churned : 1 where a customer bought nothing in the horizon, else 0.
    risk : probability of that, in [0, 1].

    Returns
    -------
    ``auc``, ``pr_auc`` (average precision for the rarer of the two outcomes), ``brier``,
    ``log_loss``, ``ece``, ``rate_expected``, ``rate_actual``. ``auc`` and ``pr_auc`` are NaN where
    everybody did the same.
    """
    from sklearn.metrics import average_precision_score, roc_auc_score

    rate = float(churned.mean())
    both = 0 < rate < 1
    rare, score = (churned, risk) if rate <= 0.5 else (1 - churned, 1 - risk)
    safe = np.clip(risk, 1e-6, 1 - 1e-6)
    log_loss = -np.mean(churned * np.log(safe) + (1 - churned) * np.log(1 - safe))
    return {
        "auc": float(roc_auc_score(churned, risk)) if both else np.nan,
        "pr_auc": float(average_precision_score(rare, score)) if both else np.nan,
        "brier": float(np.mean((risk - churned) ** 2)),
        "log_loss": float(log_loss),
        "ece": calibration_error(churned, risk),
        "rate_expected": float(risk.mean()),
        "rate_actual": rate,
    }


def _in_order_of(score: Array, values: Array) -> Array:
    """``values`` from the highest ``score`` down; customers of equal score share their mean."""
    _, group = np.unique(-score, return_inverse=True)
    mean = np.bincount(group, weights=values) / np.bincount(group)
    return np.asarray(mean[np.sort(group)])


def _gini(score: Array, actual: Array) -> float:
    cumulated = np.cumsum(_in_order_of(score, actual)) / actual.sum()
    n = len(actual)
    # Rounded: a forecast without any order shall have 0, not what is left of adding up.
    return round(float(cumulated.sum() / n - (n + 1) / (2 * n)), 12)


def normalised_gini(actual: Array, expected: Array) -> float:
    """How well the expectation orders customers by what they spent: 1 perfect, 0 by chance.

    After Wang, Liu and Miao (2019). Customers of equal expectation stand in random order, on
    average. NaN where everybody spent the same.
    """
    if actual.sum() <= 0:
        return np.nan
    best = _gini(actual, actual)
    return _gini(expected, actual) / best if best > 1e-12 else np.nan


def top_share(actual: Array, expected: Array, share: float) -> float:
    """Share of all spend made by the ``share`` of customers with the highest expectation."""
    total = float(actual.sum())
    if total <= 0:
        return np.nan
    n_top = max(1, round(share * len(actual)))
    return float(_in_order_of(expected, actual)[:n_top].sum()) / total


def spearman(actual: Array, expected: Array) -> float:
    """Rank correlation; NaN where one side does not vary."""
    from scipy.stats import rankdata

    a, b = rankdata(actual), rankdata(expected)
    if not a.std() or not b.std():
        return np.nan
    return float(np.corrcoef(a, b)[0, 1])


def tweedie_deviance(actual: Array, expected: Array) -> float:
    """Mean Tweedie deviance of power 1.5, for amounts that are often 0 and sometimes large."""
    p = TWEEDIE_POWER
    mu = np.maximum(expected, SMALLEST_EXPECTED)
    terms = (
        np.power(actual, 2 - p) / ((1 - p) * (2 - p))
        - actual * np.power(mu, 1 - p) / (1 - p)
        + np.power(mu, 2 - p) / (2 - p)
    )
    return float(2 * terms.mean())


def calibration_error(happened: Array, risk: Array) -> float:
    """Expected calibration error over ten groups of equal size, by risk (or by any expectation).

    The mean distance between what was expected and what happened in a group. Customers of equal
    risk are never torn apart.
    """
    group = _groups(risk)
    gap = np.abs(np.bincount(group, weights=risk) - np.bincount(group, weights=happened))
    return float(gap.sum() / len(risk))


def calibration_error_by_chance(risk: Array) -> tuple[float, float]:
    """Mean and standard deviation of the calibration error of risks that are exactly right.

    Even then each group's count strays from what was expected, as sums of coin tosses do; their
    distances are taken as those of normal numbers.
    """
    variance = np.bincount(_groups(risk), weights=risk * (1 - risk))
    mean = np.sqrt(2 / np.pi * variance).sum()
    return float(mean / len(risk)), float(np.sqrt((1 - 2 / np.pi) * variance.sum()) / len(risk))


def _groups(risk: Array) -> NDArray[np.intp]:
    """Up to ten groups of about equal size, by risk."""
    edges = np.quantile(risk, np.linspace(0, 1, CALIBRATION_BINS + 1)[1:-1])
    return np.searchsorted(np.unique(edges), risk, side="left")
