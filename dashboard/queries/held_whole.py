"""What each customer spent on each value of a dimension, on all days.

A selection without a period adds up what stands beside each customer who is meant, not all lines.
"""

from typing import Final

import numpy as np

from dashboard.queries.held_calendar import Ints, Places

AT_A_TIME: Final = 1 << 12  # customers
_MOST: Final = np.iinfo(np.int32).max


class Whole:
    """Cents by customer and value, as lines are read.

    Parameters
    ----------
    sums : the table; None where there is no room for it, or a sum may not fit into it.
    """

    def __init__(self, sums: Ints | None) -> None:
        self.sums = sums
        self._sizes = np.zeros(0 if sums is None else len(sums))

    @classmethod
    def within(cls, n_bytes: int, shape: tuple[int, int]) -> "Whole":
        """An empty one, if it takes no more than so many bytes."""
        is_small = shape[0] * shape[1] * np.dtype(np.int32).itemsize <= n_bytes
        return cls(np.zeros(shape, np.int32) if is_small else None)

    def add(self, customer: Places, value: Places, cents: Ints) -> None:
        """Add some lines."""
        if self.sums is None:
            return
        # No sum of a customer is larger than all her amounts without their signs.
        self._sizes += np.bincount(customer, np.abs(cents), len(self._sizes))
        if self._sizes.max(initial=0) > _MOST:
            self.sums = None
            return
        cells = customer.astype(np.int64) * self.sums.shape[1] + value
        np.add.at(self.sums.reshape(-1), cells, cents.astype(np.int32, copy=False))


def of_rows(sums: Ints, whose: Ints) -> Ints:
    """Sums of some customers by value, exact."""
    found = np.zeros(sums.shape[1])
    for first in range(0, len(whose), AT_A_TIME):
        some = sums.take(whose[first : first + AT_A_TIME], axis=0)
        # A product of doubles takes half the time of a sum of whole numbers by column.
        found += np.ones(len(some)) @ some.astype(np.float64)
    return found.astype(np.int64)
