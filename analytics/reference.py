"""What customers looked like when the models learnt: what is typical, what occurs, in which shares.

Saved beside the models. Manual entry takes from it what was not given, explanations hold a customer
against it, and drift is measured by it. It is made of the newest training window: older ones tell
of younger customers, and would call every shop drifted that has grown older.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

import msgspec
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.frames import KEYS, LABELS, finite
from analytics.metrics import Array

_DECILES: Final = np.arange(1, 10) / 10
# A category that is rarer than these counts as known, but not as a bin of its own.
_MOST_CATEGORIES: Final = 200


class Numbers(msgspec.Struct, frozen=True, tag="numbers"):
    """A numeric column.

    ``typical`` is the median (None where most are not known), ``low`` and ``high`` the smallest and
    largest value. ``steps`` are its distinct deciles; ``shares`` says which part of the customers
    lies up to each of them, above the last one, and is not known.
    """

    typical: float | None
    low: float | None
    high: float | None
    steps: list[float]
    shares: list[float]


class Texts(msgspec.Struct, frozen=True, tag="texts"):
    """A column of categories: the commonest, and the share of each; ``missing`` is not known."""

    typical: str | None
    shares: dict[str, float]
    missing: float


class Reference(msgspec.Struct, frozen=True):
    """Every column that the models see, and the scores that they gave first.

    ``cutoff`` is the last day that the window's features saw; None without dates. ``n_scored`` are
    the customers of the scores, which need not be those of the window.
    """

    cutoff: date | None
    n_rows: int
    columns: dict[str, Numbers | Texts]
    scores: dict[str, Numbers] = {}
    n_scored: int = 0

    def typical(self, names: Sequence[str]) -> dict[str, float | str | None]:
        """The typical value of each of these columns; NaN or None where it is not known."""
        found: dict[str, float | str | None] = {}
        for name in names:
            column = self.columns.get(name)
            if isinstance(column, Texts):
                found[name] = column.typical
            else:
                known = column is not None and column.typical is not None
                found[name] = column.typical if column is not None and known else float("nan")
        return found


def describe(
    frame: pd.DataFrame, cutoff: date | None, scores: Mapping[str, Array] | None = None
) -> Reference:
    """What is kept of a frame that models learnt from.

    Parameters
    ----------
    frame : one row a customer; keys and labels are left out, text columns are categories.
    cutoff : last day that its features saw.
    scores : what the models say of each customer, by name; of as many for every name.
    """
    names = [str(name) for name in frame.columns if name not in (*KEYS, *LABELS)]
    columns: dict[str, Numbers | Texts] = {}
    for name in names:
        if pd.api.types.is_numeric_dtype(frame[name]):
            columns[name] = _numbers(finite(frame, [name])[name].to_numpy())
        else:
            columns[name] = _texts(frame[name])
    given = scores or {}
    said = {name: _numbers(values) for name, values in given.items()}
    return Reference(cutoff, len(frame), columns, said, max(map(len, given.values()), default=0))


def _numbers(values: Array) -> Numbers:
    known = values[np.isfinite(values)]
    if not len(known):
        return Numbers(None, None, None, [], [0.0, 1.0] if len(values) else [0.0, 0.0])
    steps = sorted({float(step) for step in np.quantile(known, _DECILES)})
    typical = float(np.median(known)) if 2 * len(known) >= len(values) else None
    low, high = float(known.min()), float(known.max())
    return Numbers(typical, low, high, steps, shares(values, steps).tolist())


def _texts(values: pd.Series) -> Texts:
    counts = values.dropna().astype(str).value_counts().sort_index(kind="stable")
    largest = counts.sort_values(ascending=False, kind="stable").head(_MOST_CATEGORIES)
    n = max(1, len(values))
    found = {str(name): float(count) / n for name, count in largest.items()}
    typical = next(iter(found), None)
    return Texts(typical, found, float(values.isna().sum()) / n)


def shares(values: Array, steps: Sequence[float]) -> NDArray[np.float64]:
    """Which part of ``values`` lies up to each step, above the last one, and is not known."""
    known = np.isfinite(values)
    places = np.searchsorted(np.asarray(steps), values[known], side="left")
    counts = np.bincount(places, minlength=len(steps) + 1).astype(float)
    return np.append(counts, float((~known).sum())) / max(1, len(values))
