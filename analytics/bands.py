"""Bands: where a number is cut into low, medium and high, each cut point written down in words."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from analytics.metrics import Array

THIRDS = (1 / 3, 2 / 3)
LEVELS = ("low", "medium", "high")
COLUMNS = ("question", "band", "lower", "upper", "words")


def cut_points(values: Array, quantiles: Sequence[float]) -> list[float]:
    """Quantiles of ``values``, to the cent: what stands in words is what is applied."""
    return [round(float(np.quantile(values, each)), 2) for each in quantiles]


def described(question: str, what: str, cuts: Sequence[float], why: Sequence[str]) -> pd.DataFrame:
    """Rows of scores.thresholds for three bands.

    Parameters
    ----------
    what : what is cut, with a currency: ``Total spend in GBP``.
    cuts : the two cut points.
    why : where each cut point comes from.
    """
    low, high = (f"{each:,.2f}" for each in cuts)
    rows = [
        ("low", None, cuts[0], f"{what} up to {low} ({why[0]})."),
        ("medium", cuts[0], cuts[1], f"{what} above {low} and up to {high}."),
        ("high", cuts[1], None, f"{what} above {high} ({why[1]})."),
    ]
    return pd.DataFrame([(question, *row) for row in rows], columns=list(COLUMNS))


def band_of(
    thresholds: Sequence[Mapping[str, Any]], question: str, value: float | None
) -> str | None:
    """The band of a number by the rows of scores.thresholds; None where either is missing.

    A cut point of a churn risk belongs to the band above it, every other one to the band below.
    """
    if value is None:
        return None
    for row in thresholds:
        if row["question"] != question:
            continue
        is_above = pd.isna(row["lower"]) or value > row["lower"]
        is_below = pd.isna(row["upper"]) or value <= row["upper"]
        if question == "churn":
            is_above, is_below = value >= row["lower"], value < row["upper"] or row["upper"] == 1
        if is_above and is_below:
            return str(row["band"])
    return None


def value_cuts(
    expected: Array, currency: str, horizon_days: int
) -> tuple[list[float], pd.DataFrame]:
    """Where value bands are cut, by thirds of expected spend; their rows of scores.thresholds."""
    cuts = cut_points(expected, THIRDS)
    what = f"Spend expected in the next {horizon_days} days, in {currency},"
    why = ("a third of the scored customers", "two thirds of the scored customers")
    return cuts, described("spend", what, cuts, why)


def churn_cuts(high: float) -> tuple[list[float], pd.DataFrame]:
    """The probability from which the band is ``high``, and the rows of scores.thresholds."""
    words = f"{high * 100:g} %"
    rows = [
        ("churn", "low", 0.0, high, f"A churn risk below {words}."),
        ("churn", "high", high, 1.0, f"A churn risk of {words} or more."),
    ]
    return [high], pd.DataFrame(rows, columns=list(COLUMNS))
