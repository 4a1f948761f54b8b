"""Where the rows of each day stand, and of each group within a day.

Rows stand in the order of their days, so a period is a slice, and within a day in the order of
one group, so that sums by day and group are sums of what stands together: that takes a fifth of
the time of counting by key. They are gone through a piece at a time: what one step writes is
still in the processor's cache when the next one reads it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from dashboard.period import Days

Ints = npt.NDArray[np.signedinteger[Any]]
Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.integer[Any]]

AT_A_TIME: Final = 1 << 16  # rows of a piece
_EPOCH: Final = date(1970, 1, 1).toordinal()


def ordinal(day: date) -> int:
    """Days since 1970."""
    return day.toordinal() - _EPOCH


@dataclass(frozen=True)
class Calendar:
    """Where the rows of each day stand.

    Parameters
    ----------
    days : since 1970, those that have rows, ascending; undated rows last.
    starts : place of the first row of each, and behind them the number of rows.
    """

    days: Ints
    starts: Ints

    @classmethod
    def of(cls, days: Ints) -> "Calendar":
        """The calendar of rows in the order of ``days``."""
        changes = np.flatnonzero(np.diff(days, prepend=days[:1] - 1)) if len(days) else days[:0]
        return cls(days[changes], np.append(changes, len(days)).astype(np.int64))

    @classmethod
    def joined(cls, calendars: "Sequence[Calendar]") -> "Calendar":
        """One calendar of rows that stand behind each other."""
        behind = np.cumsum([0, *(each.starts[-1] for each in calendars)])
        starts = [each.starts[:-1] + n for each, n in zip(calendars, behind[:-1], strict=True)]
        days = [np.empty(0, np.int32), *(each.days for each in calendars)]
        return cls(np.concatenate(days), np.concatenate([*starts, behind[-1:]]))

    def within(self, days: Days | None) -> tuple[int, int]:
        """Places of the first of some days and of the one behind the last; None is all of them."""
        if days is None:
            return 0, len(self.days)
        first, behind = self.days.searchsorted([ordinal(days.first), ordinal(days.last) + 1])
        return int(first), max(int(first), int(behind))

    def pieces(self, first: int, behind: int) -> Iterator[tuple[int, int]]:
        """These days in pieces of about :data:`AT_A_TIME` rows, a whole day at least."""
        while first < behind:
            end = self.starts.searchsorted(self.starts[first] + AT_A_TIME, side="right") - 1
            end = min(max(int(end), first + 1), behind)
            yield first, end
            first = end


@dataclass(frozen=True)
class Cells:
    """Where the rows of each day and group stand.

    Parameters
    ----------
    n_groups : how many there are on every day.
    which : those that have rows, ascending: the place of the day times ``n_groups``, and the group.
    starts : place of the first row of each, and behind them the number of rows.
    """

    n_groups: int
    which: Ints
    starts: Ints

    @classmethod
    def of(cls, calendar: Calendar, group: Places, n_groups: int) -> "Cells":
        """The cells of rows that stand in the order of their days and groups."""
        counts = np.diff(calendar.starts)
        keys = np.repeat(np.arange(len(counts)) * n_groups, counts) + group
        changes = np.flatnonzero(np.diff(keys, prepend=-1))
        return cls(n_groups, keys[changes], np.append(changes, len(keys)))

    @classmethod
    def joined(cls, cells: "Sequence[Cells]", n_days: Sequence[int], n_groups: int) -> "Cells":
        """Cells of rows that stand behind each other; ``n_days`` of each."""
        days = np.cumsum([0, *n_days])[:-1] * n_groups
        rows = np.cumsum([0, *(each.starts[-1] for each in cells)])
        which = [each.which + n for each, n in zip(cells, days, strict=True)]
        starts = [each.starts[:-1] + n for each, n in zip(cells, rows[:-1], strict=True)]
        return cls(
            n_groups,
            np.concatenate([np.empty(0, np.int64), *which]),
            np.concatenate([*starts, rows[-1:]]),
        )

    def table(self, first: int, behind: int, values: Places) -> Ints:
        """Sums by day and group of ``values``, one a row of these days."""
        which, sums = self._sums(first, behind, values)
        found = np.zeros((behind - first) * self.n_groups, np.int64)
        found[which - first * self.n_groups] = sums
        return found.reshape(-1, self.n_groups)

    def by_group(self, first: int, behind: int, values: Places) -> Ints:
        """The same by group alone, exact as long as a double is."""
        which, sums = self._sums(first, behind, values)
        return np.bincount(which % self.n_groups, sums, self.n_groups).astype(np.int64)

    def _sums(self, first: int, behind: int, values: Places) -> tuple[Ints, Ints]:
        begin, end = self.which.searchsorted([first * self.n_groups, behind * self.n_groups])
        if begin == end:  # reduceat knows no sum of nothing
            return self.which[:0], np.empty(0, np.int64)
        starts = self.starts[begin:end] - self.starts[begin]
        return self.which[begin:end], np.add.reduceat(values, starts, dtype=np.int64)


def by_group(calendar: Calendar, group: Places) -> Places:
    """Places of rows in the order of their days, and within a day in that of ``group``."""
    # Numbers of two bytes are sorted digit by digit, several times as fast as larger ones.
    days = np.repeat(np.arange(len(calendar.days), dtype=np.uint16), np.diff(calendar.starts))
    first = np.argsort(group.astype(np.uint16, copy=False), kind="stable")
    return first[np.argsort(days[first], kind="stable")]
