"""What each customer spent on each value of a dimension, on all days.

A selection without a period adds up what stands beside each customer who is meant, not all lines.
"""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from dashboard.queries.held_calendar import Flags, Ints, Places

AT_A_TIME: Final = 1 << 12  # customers
_MOST: Final = np.iinfo(np.int32).max
_A_CELL: Final = np.dtype(np.int32).itemsize + np.dtype(np.bool_).itemsize


class Whole:
    """Cents by customer and value, as lines are read.

    Parameters
    ----------
    shape : customers and values.
    sums : the table; what sums that come to 0 cannot tell, whether there are lines, is in ``has``.
    is_exact : False where a sum may not have fitted; then no answer is right.
    """

    def __init__(self, shape: tuple[int, int]) -> None:
        self.shape = shape
        self.sums = np.zeros(shape, np.int32)
        self.has = np.zeros(shape, np.bool_)
        self.is_exact = True
        self._sizes = np.zeros(shape[0])

    @classmethod
    def within(cls, n_bytes: int, shape: tuple[int, int]) -> "Whole | None":
        """An empty one, if it takes no more than so many bytes."""
        return cls(shape) if shape[0] * shape[1] * _A_CELL <= n_bytes else None

    def add(self, customer: Places, value: Places, cents: Ints) -> None:
        """Add some lines."""
        # No sum of a customer is larger than all her amounts without their signs.
        self._sizes += np.bincount(customer, np.abs(cents), len(self._sizes))
        self.is_exact &= bool(self._sizes.max(initial=0) <= _MOST)
        if not self.is_exact:
            return
        cells = customer.astype(np.int64) * self.shape[1] + value
        np.add.at(self.sums.reshape(-1), cells, cents.astype(np.int32, copy=False))
        self.has.reshape(-1)[cells] = True

    def of(self, whose: Ints) -> tuple[Ints, Flags]:
        """Sums of some customers by value, exact, and which of the values have a line."""
        found = np.zeros(self.shape[1])
        for some in _parts(self.sums, whose):
            # A product of doubles takes half the time of a sum of whole numbers by column.
            found += np.ones(len(some)) @ some.astype(np.float64)
        has = found != 0
        for some in _parts(self.has, whose):
            if has.all():
                break
            has |= some.any(axis=0)
        return found.astype(np.int64), has


def _parts(table: npt.NDArray[Any], whose: Ints) -> Iterator[npt.NDArray[Any]]:
    """Rows of some customers, not too many at a time."""
    for first in range(0, len(whose), AT_A_TIME):
        yield table.take(whose[first : first + AT_A_TIME], axis=0)
