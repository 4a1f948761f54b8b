"""What every spend model starts from: the pooled training windows as numbers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pandas as pd

from analytics.boosting import Fitting
from analytics.matrix import feature_columns, matrix
from analytics.metrics import Array

SPEND_LABEL = "future_spend"


def spend_outcome(frame: pd.DataFrame) -> Array:
    """What each customer of a training frame spent in the horizon, in currency."""
    return frame[SPEND_LABEL].to_numpy(dtype=float)


@dataclass(frozen=True)
class Pool:
    """Training windows below one another.

    Parameters
    ----------
    features : float64, NaN where not known; a row a customer and window.
    columns : names of the features, in order.
    target : what is to be learnt, one number a row.
    """

    features: pd.DataFrame
    columns: list[str]
    target: Array


def pool(
    frames: Sequence[pd.DataFrame],
    fitting: Fitting,
    outcome: Callable[[pd.DataFrame], Array] = spend_outcome,
) -> Pool:
    """The windows of ``frames`` as one, for every fit on them."""

    def pooled() -> Pool:
        together = pd.concat(frames, ignore_index=True)
        columns = feature_columns(together)
        return Pool(matrix(together, columns), columns, outcome(together))

    return fitting.once.of(("pool", outcome), frames, pooled)


def scale_to_total(target: Array, found: Array) -> float:
    """What makes the total of ``found`` the total of ``target``; 1 where nothing was found."""
    total = float(found.sum())
    return float(target.sum()) / total if total > 0 else 1.0


def meta(parts: Mapping[str, object]) -> dict[str, Any]:
    """The plain values among the saved parts of a model."""
    return cast("dict[str, Any]", parts["meta"])


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
