"""The arrays that a server holds of a generation: orders, purchase lines and customers.

Rows stand in the order of their days, so a period is a slice; customers stand at their keys, so
whoever is meant is a flag at that place. Rows are gone through a piece at a time: what one step
writes is still in the processor's cache when the next one reads it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from dashboard.answers import Answers
from dashboard.period import Days

Ints = npt.NDArray[np.signedinteger[Any]]
Places = npt.NDArray[np.integer[Any]]
Reals = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Columns = dict[str, Any]

UNDATED: Final = np.iinfo(np.int32).max
NEVER: Final = np.iinfo(np.int32).max
GROUPS: Final = ("persona", "churn_band", "value_band", "risk_band")
AT_A_TIME: Final = 1 << 17  # rows of a piece
MOST_COLUMNS: Final = 8  # 5 or 9 bytes a customer each
MOST_TALLIES: Final = 64  # each has some numbers a day
_EPOCH: Final = date(1970, 1, 1).toordinal()


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
    def joined(cls, calendars: "Sequence[Calendar]", n_rows: int) -> "Calendar":
        """Calendars of rows behind each other, whose places count from the first of all."""
        none = np.empty(0, np.int32)
        return cls(
            np.concatenate([none, *(each.days for each in calendars)]),
            np.concatenate([*(each.starts[:-1] for each in calendars), [n_rows]]).astype(np.int64),
        )

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
class Orders:
    """Orders of the customers all of whose orders stand in one row each.

    Parameters
    ----------
    calendar : of the rows.
    customer : key.
    cents : net.
    before : place of the customer's row before with a purchase, -1 without one; :data:`NEVER` in
        a row that has no purchase itself. So a row is her first one within a span, if ``before``
        lies in front of the span, and nobody has to be looked up to count the buyers.
    earlier : the same of the row at ``before``: of the first two rows within a span it lies in
        front of it.
    """

    calendar: Calendar
    customer: Ints
    cents: Ints
    before: Ints
    earlier: Ints


@dataclass(frozen=True)
class Daily:
    """Sums of orders that stand in one row each, by day; one item for each day that has rows.

    Parameters
    ----------
    days : since 1970.
    cents, bought : net, and how many orders have a purchase.
    paid, n_paid : cents of the orders above 0, and how many there are.
    """

    days: Ints
    cents: Reals
    bought: Ints
    paid: Reals
    n_paid: Ints

    @classmethod
    def of(cls, days: Ints, ends: Ints, cents: Ints, before: Ints) -> "Daily":
        """Sums of rows, of each day those between two ``ends``."""
        size, some = len(days), np.flatnonzero(np.diff(ends))
        net = np.zeros(size)
        if len(some):
            net[some] = np.add.reduceat(cents.astype(np.float64), ends[some])
        # Rows that are no purchase, or not above 0, are few: they are found and taken away.
        unpaid, unbought = np.flatnonzero(cents <= 0), np.flatnonzero(before == NEVER)
        refunded = ends.searchsorted(unpaid, side="right") - 1
        given = np.bincount(ends.searchsorted(unbought, side="right") - 1, minlength=size)
        return cls(
            days,
            net,
            np.diff(ends) - given,
            net - summed(refunded, cents[unpaid], size),
            np.diff(ends) - np.bincount(refunded, minlength=size),
        )

    @classmethod
    def joined(cls, pieces: "Sequence[Daily]") -> "Daily":
        """Pieces behind each other; at least one."""
        names = cls.__dataclass_fields__
        return cls(**{n: np.concatenate([getattr(piece, n) for piece in pieces]) for n in names})

    def some(self, first: int, behind: int) -> "Daily":
        """These of the days."""
        names = self.__dataclass_fields__
        return Daily(**{name: getattr(self, name)[first:behind] for name in names})


@dataclass(frozen=True)
class Rows:
    """Rows of orders that count, in the order of their days; some orders have several rows.

    Parameters
    ----------
    customer : key.
    day : since 1970.
    cents : net; whole numbers, as doubles, because that is what sums by key are made of.
    bought : whether a line has an amount above 0.
    split : places of the rows whose order has other rows.
    order : the key of each of these.
    """

    customer: Ints
    day: Ints
    cents: Reals
    bought: Flags
    split: Ints
    order: Ints


@dataclass(frozen=True)
class Nobody:
    """Cents by day of the rows without a customer."""

    calendar: Calendar
    cents: Reals


@dataclass(frozen=True)
class Customers:
    """One item a customer, at her key; item 0 is nobody.

    Parameters
    ----------
    expected, scored : cents, and whether she has a score; 0 without one.
    churn_risk, rated : a probability, and whether she has one; 0 without one.
    total : cents that she spent, on whatever day.
    year : cents that she spent in the 365 days up to the as-of day.
    bought : whether she ever did.
    asked, consents, reachable : consent known, given, and given with an address.
    groups : by column of :data:`GROUPS` its values, the missing one first, and each one's place.
    """

    expected: Reals
    scored: Flags
    churn_risk: Reals
    rated: Flags
    total: Reals
    year: Reals
    bought: Flags
    asked: Flags
    consents: Flags
    reachable: Flags
    groups: dict[str, tuple[tuple[str | None, ...], Places]]


@dataclass(frozen=True)
class Held:
    """All of it.

    Parameters
    ----------
    daily : of all ``orders``.
    tallies : sums by day that were asked for lately; several panels are made of the same.
    columns : what customers were chosen by lately.
    """

    orders: Orders
    daily: Daily
    mixed: Rows
    nobody: Nobody
    customers: Customers
    tallies: Answers = field(default_factory=lambda: Answers(most=MOST_TALLIES))
    columns: Answers = field(default_factory=lambda: Answers(most=MOST_COLUMNS))


def ordinal(day: date) -> int:
    """Days since 1970."""
    return day.toordinal() - _EPOCH


def in_order(found: Columns) -> Columns:
    """Rows in the order of their days; that is how the warehouse stores them."""
    if (np.diff(found["day"]) < 0).any():
        places = np.argsort(found["day"], kind="stable")
        return {name: values[places] for name, values in found.items()}
    return found


def narrow(cents: Reals | Ints) -> Ints:
    """Whole numbers in as few bytes as hold them all."""
    most = np.abs(cents).max(initial=0)
    return cents.astype(np.int32 if most < np.iinfo(np.int32).max else np.int64)


def summed(keys: Places, values: Reals | Ints, size: int) -> Reals:
    """Sums of ``values`` by key, exact for whole numbers."""
    return np.bincount(keys, values, size).astype(np.float64, copy=False)


def counted(flags: Any) -> int:  # noqa: ANN401 - any array of truths
    """How many are true."""
    return int(np.count_nonzero(flags))
