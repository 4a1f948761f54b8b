"""Running sums and maxima of many customers at once, over arrays.

Rows lie in the order of their customers, and of time within each. All numbers are integers (cents,
counts, days), so every result is exact and does not depend on how many rows go at once. A value
that is masked is not known: results are masked until the first that is.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Masked = np.ma.MaskedArray[Any, np.dtype[np.int64]]
_LARGEST = np.iinfo(np.int64).max
_SAFE = 2**62


@dataclass(frozen=True)
class Groups:
    """Where the rows of each customer begin.

    Parameters
    ----------
    starts : place of each customer's first row.
    sizes : number of her rows.
    """

    starts: Integers
    sizes: Integers

    @classmethod
    def of(cls, *keys: npt.NDArray[Any]) -> "Groups":
        """A group for each stretch of rows with the same keys; at least one row."""
        begins = np.ones(len(keys[0]), dtype=bool)
        begins[1:] = np.any([key[1:] != key[:-1] for key in keys], axis=0)
        starts = np.flatnonzero(begins)
        return cls(starts, np.diff(np.append(starts, len(begins))))

    def spread(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """One value a group, repeated for each of its rows."""
        return np.repeat(values, self.sizes)

    @property
    def numbers(self) -> Integers:
        """Which group each row belongs to, from 0."""
        return self.spread(np.arange(len(self.starts)))


def sums(values: npt.NDArray[Any], groups: Groups) -> Masked:
    """What each group comes to row by row; masked where nothing is known yet.

    A sum that 64 bits do not hold is the largest number, never a wrong one.
    """
    known = np.ma.filled(values, 0).astype(np.int64)
    total = _added(known, groups)
    if float(np.abs(known).max()) * float(groups.sizes.max()) > _SAFE:
        rough = _added(known.astype(float), groups)
        total = np.where(np.abs(rough) > _SAFE, _LARGEST, total)
    if not np.ma.is_masked(values):
        return np.ma.array(total)
    n_known = _added((~np.ma.getmaskarray(values)).astype(np.int64), groups)
    return np.ma.array(total, mask=n_known == 0)


def _added(values: npt.NDArray[Any], groups: Groups) -> npt.NDArray[Any]:
    """Sums from the first row of all, less what stood before the first of the group."""
    total = np.cumsum(values)
    added: npt.NDArray[Any] = total - groups.spread(total[groups.starts] - values[groups.starts])
    return added


def highest(values: npt.NDArray[Any], groups: Groups) -> Masked:
    """The largest value so far, row by row; masked where nothing is known yet."""
    is_known = ~np.ma.getmaskarray(values)
    numbers = np.ma.getdata(values).astype(np.int64)
    if not is_known.any():
        return np.ma.array(numbers, mask=True)
    low, high = int(numbers[is_known].min()), int(numbers[is_known].max())
    if (high - low + 2) * len(groups.starts) > _SAFE:
        # Too far apart to lie behind each other: their ranks are not.
        distinct, ranks = np.unique(numbers, return_inverse=True)
        found = highest(np.ma.array(ranks, mask=~is_known), groups)
        return np.ma.array(distinct[np.ma.filled(found, 0)], mask=np.ma.getmaskarray(found))
    # Each group lies above the one before, so one running maximum serves all. 0 is not known.
    floors = groups.numbers * (high - low + 2)
    steps = np.where(is_known, numbers - (low - 1), 0) + floors
    reached = np.maximum.accumulate(steps) - floors
    return np.ma.array(reached + (low - 1), mask=reached == 0)


def lowest(values: npt.NDArray[Any], groups: Groups) -> Masked:
    """The smallest value so far, row by row; masked where nothing is known yet."""
    return -highest(-values, groups)


def before(values: Masked, groups: Groups) -> Masked:
    """What stands in the row before; masked in the first of each group."""
    shifted = np.ma.array(
        np.roll(np.ma.getdata(values), 1), mask=np.roll(np.ma.getmaskarray(values), 1)
    )
    shifted[groups.starts] = np.ma.masked
    return shifted


def where_reached(reached: Masked, values: npt.NDArray[Any], beside: npt.NDArray[Any]) -> Masked:
    """What stands beside the value that a running maximum or minimum has reached."""
    is_it = ~np.ma.getmaskarray(values) & (np.ma.getdata(values) == np.ma.getdata(reached))
    places = np.maximum.accumulate(np.where(is_it, np.arange(len(is_it)), 0))
    return np.ma.array(np.ma.getdata(beside)[places], mask=np.ma.getmaskarray(reached))


def chosen(is_first: npt.NDArray[Any], first: npt.NDArray[Any], other: npt.NDArray[Any]) -> Masked:
    """Of two columns, row by row, the first or the other."""
    data, masks = (
        np.where(is_first, part(first), part(other)) for part in (np.ma.getdata, np.ma.getmaskarray)
    )
    return np.ma.array(data, mask=masks)


def is_above(values: npt.NDArray[Any], others: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Whether a value is known, and more than the other or the only one of both."""
    is_more = np.ma.getmaskarray(others) | (np.ma.getdata(values) > np.ma.getdata(others))
    known: npt.NDArray[np.bool_] = ~np.ma.getmaskarray(values) & is_more
    return known
