"""From a frame to the numbers that a model sees: rates beside totals, and tamed tails."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analytics.frames import KEYS, LABELS, finite

MONTH_DAYS = 30
# A ratio of two small numbers can be anything; beyond this it says no more than "very late".
MOST_GAPS = 20.0


def with_rates(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with rates beside its totals: they mean the same however long a history is.

    Adds ``gaps_since_last`` (recency over the customer's mean gap, at most 20; NaN without a gap),
    ``orders_per_30d`` and ``spend_per_30d`` (over the lifetime, at least 30 days).
    """
    lifetime = frame["customer_lifetime_days"].clip(lower=MONTH_DAYS) / MONTH_DAYS
    gap = frame["mean_gap_days"].where(frame["mean_gap_days"] > 0)
    return frame.assign(
        gaps_since_last=(frame["recency_days"] / gap).clip(upper=MOST_GAPS),
        orders_per_30d=frame["frequency"] / lifetime,
        spend_per_30d=frame["monetary"] / lifetime,
    )


def feature_columns(frame: pd.DataFrame) -> list[str]:
    """Columns that tell customers apart: known for somebody, and not the same for everybody."""
    names = [str(name) for name in frame.columns if name not in (*KEYS, *LABELS)]
    known = finite(frame, names)
    return [name for name in names if known[name].nunique(dropna=False) > 1]


def matrix(frame: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """The named columns as float64, NaN where not known; a column that is missing is all NaN."""
    return finite(frame.reindex(columns=list(columns)), list(columns))


def signed_log(values: pd.DataFrame) -> pd.DataFrame:
    """``sign(x) * log(1 + |x|)``: tames heavy tails and leaves refunds negative."""
    numbers = values.to_numpy(dtype=float)
    tamed = np.abs(numbers)
    np.log1p(tamed, out=tamed)
    np.copysign(tamed, numbers, out=tamed)
    return pd.DataFrame(tamed, index=values.index, columns=values.columns, copy=False)
