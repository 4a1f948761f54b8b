"""The arrays that a server holds of a generation: orders and customers.

Customers stand at their keys, so whoever is meant is a flag at that place. How orders stand is
said in :mod:`dashboard.queries.held_calendar`.
"""

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from dashboard.answers import Answers
from dashboard.queries.held_calendar import Calendar, Cells, Flags, Ints, Places
from dashboard.queries.held_known import Traits

Reals = npt.NDArray[np.float64]
Columns = dict[str, Any]

EXACT: Final = 2**53  # sums of cents below are whole numbers in a double too
UNDATED: Final = np.iinfo(np.int32).max
NEVER: Final = np.iinfo(np.uint16).max  # so many days a calendar has at most
GROUPS: Final = ("persona", "churn_band", "value_band", "risk_band")
MOST_PAIRED: Final = 1_500  # days; 8 bytes for each pair of them
MOST_COLUMNS: Final = 8  # 5 or 9 bytes a customer each
MOST_TALLIES: Final = 64  # each has some numbers a day


@dataclass(frozen=True)
class Odd:
    """Few of the rows: their places, and those of their days in the calendar."""

    place: Ints
    day: Ints

    @classmethod
    def of(cls, calendar: Calendar, is_odd: Flags) -> "Odd":
        """The rows that are odd."""
        place = np.flatnonzero(is_odd)
        return cls(place, calendar.starts.searchsorted(place, side="right") - 1)

    def within(self, begin: int, end: int) -> "Odd":
        """Those between two places."""
        first, behind = self.place.searchsorted([begin, end])
        return Odd(self.place[first:behind], self.day[first:behind])


@dataclass(frozen=True)
class Orders:
    """Orders of the customers all of whose orders stand in one row each.

    Parameters
    ----------
    calendar, cells : of the rows; the group is the persona of the customer.
    customer : key.
    cents : net.
    before : day of the customer's row before with a purchase, as its place in the calendar and one
        more, 0 without one; :data:`NEVER` in a row that has no purchase itself. So a row is her
        first one within a span, if ``before`` lies in front of the span, and nobody has to be
        looked up to count the buyers.
    earlier : the same of the row at ``before``: of the first two rows within a span it lies in
        front of it.
    unpaid : the rows of 0 cents or less.
    unbought : those without a purchase.
    once, twice : of each customer, whether she has one row with a purchase, and a second one.
    """

    calendar: Calendar
    cells: Cells
    customer: Ints
    cents: Ints
    before: Places
    earlier: Places
    unpaid: Odd
    unbought: Odd
    once: Flags
    twice: Flags


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
    cents: Ints
    bought: Ints
    paid: Ints
    n_paid: Ints

    @classmethod
    def of(
        cls,
        orders: Orders,
        span: tuple[int, int],
        cents: Ints,
        n_rows: Ints,
        chosen: Flags | None = None,
    ) -> "Daily":
        """From net and rows by day; what is no purchase or not above 0 is found and taken away.

        Parameters
        ----------
        span : first day and the one behind the last, as places in the calendar.
        chosen : of each customer whether she is meant; None is everybody.
        """
        first, behind = span
        begin, end = (int(orders.calendar.starts[place]) for place in span)
        unpaid, unbought = (
            _meant(odd.within(begin, end), orders, chosen)
            for odd in (orders.unpaid, orders.unbought)
        )
        size = behind - first
        refunded = summed(unpaid.day - first, orders.cents.take(unpaid.place), size)
        return cls(
            orders.calendar.days[first:behind],
            cents,
            n_rows - np.bincount(unbought.day - first, minlength=size),
            cents - refunded.astype(np.int64),
            n_rows - np.bincount(unpaid.day - first, minlength=size),
        )

    def some(self, first: int, behind: int) -> "Daily":
        """These of the days."""
        names = self.__dataclass_fields__
        return Daily(**{name: getattr(self, name)[first:behind] for name in names})


def _meant(odd: Odd, orders: Orders, chosen: Flags | None) -> Odd:
    if chosen is None:
        return odd
    kept = np.flatnonzero(chosen.take(orders.customer.take(odd.place)))
    return Odd(odd.place.take(kept), odd.day.take(kept))


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
    expected : cents; 0 without a score.
    churn_risk : a probability; 0 without one.
    year : cents that she spent in the 365 days up to the as-of day.
    groups : by column of :data:`GROUPS` its values, the missing one first, and each one's place.
    traits : places of persona and churn band, and whether she is ``scored`` and ``rated`` (has an
        expected spend, a churn risk), ever ``bought``, was ``asked`` for her consent, ``consents``,
        and is ``reachable`` with it.
    """

    expected: Reals
    churn_risk: Reals
    year: Reals
    groups: dict[str, tuple[tuple[str | None, ...], Places]]
    traits: Traits


@dataclass(frozen=True)
class Held:
    """All of it.

    Parameters
    ----------
    daily : of all ``orders``.
    personas : cents of all ``orders`` by day and place of the persona.
    pairs : how many of all ``orders`` there are by day and ``before``, and by day and ``earlier``;
        None where there are too many days.
    tallies : sums by day that were asked for lately; several panels are made of the same.
    columns : what customers were chosen by lately.
    """

    orders: Orders
    daily: Daily
    personas: Ints
    pairs: tuple[Ints, Ints] | None
    mixed: Rows
    nobody: Nobody
    customers: Customers
    tallies: Answers = field(default_factory=lambda: Answers(most=MOST_TALLIES))
    columns: Answers = field(default_factory=lambda: Answers(most=MOST_COLUMNS))


def in_order(found: Columns) -> Columns:
    """Rows in the order of their days; that is how the warehouse stores them."""
    if (np.diff(found["day"]) < 0).any():
        places = np.argsort(found["day"], kind="stable")
        return {name: values[places] for name, values in found.items()}
    return found


def summed(keys: Places, values: Reals | Ints, size: int) -> Reals:
    """Sums of ``values`` by key, exact for whole numbers."""
    return np.bincount(keys, values, size).astype(np.float64, copy=False)


def counted(flags: Any) -> int:  # noqa: ANN401 - any array of truths
    """How many are true."""
    return int(np.count_nonzero(flags))
