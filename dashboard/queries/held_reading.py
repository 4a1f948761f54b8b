"""Reads the arrays of a generation from the warehouse, once."""

from datetime import date
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from dashboard.queries.held_arrays import (
    EXACT,
    GROUPS,
    MOST_PAIRED,
    NEVER,
    Columns,
    Customers,
    Daily,
    Held,
    Nobody,
    Odd,
    Orders,
    Reals,
    summed,
)
from dashboard.queries.held_calendar import Calendar, Cells, Flags, Ints, Places, by_group, ordinal
from dashboard.queries.held_known import Traits
from dashboard.queries.held_mixed import Kinds, Mixed
from dashboard.queries.held_pieces import Pieces, room
from dashboard.queries.vocabulary import REACHABLE

if TYPE_CHECKING:
    from dashboard.reader import View

TRUTHS: Final = ("scored", "rated", "bought", "asked", "consents", "reachable")
RISK_DAYS: Final = 365  # whose spend is at risk: what a year would miss
_COLUMNS: Final = """
    coalesce(customer_key, 0) as customer,
    cast(revenue * 100 as bigint)::double as cents,
    has_purchase as bought,
    case when is_whole then 0 else order_key end as order
"""


def read(view: "View") -> Held | None:
    """The arrays of a generation; None where they are too large or sums would not be exact."""
    pieces = Pieces.of(view, "marts.orders", "revenue")
    if pieces.total >= EXACT or pieces.n_days >= NEVER:
        return None
    kinds = Kinds.of(view)
    if kinds.n_bytes(pieces.cents_type) > room():
        return None
    customers = _customers(view)
    reading = _Reading(kinds, pieces.cents_type, customers["groups"]["persona"], _year(view))
    for rows in pieces.read(view, _COLUMNS):
        reading.add(rows)
    return reading.held(_known(customers | reading.of_customers()))


class _Reading:
    """Arrays that are filled piece by piece.

    Parameters
    ----------
    kinds : how many rows there will be.
    cents_type : of the amounts.
    personas : their values, and the place of each customer's.
    year : the first of the days whose spend is at risk, and the one behind them.
    """

    def __init__(
        self,
        kinds: Kinds,
        cents_type: npt.DTypeLike,
        personas: tuple[tuple[str | None, ...], Places],
        year: tuple[int, int],
    ) -> None:
        self._values, self._persona = personas
        self._year = year
        size = len(self._persona)
        self._is_mixed = np.zeros(size, np.bool_)
        self._is_mixed[kinds.mixed] = True
        self._n = 0
        self._customer = np.empty(kinds.n_whole, np.int32)
        self._cents = np.empty(kinds.n_whole, cents_type)
        self._before = np.full(kinds.n_whole, NEVER, np.uint16)
        self._earlier = self._before.copy()
        # Days of each customer's last two purchases so far, as in ``before``.
        self._last, self._second = np.zeros(size, np.uint16), np.zeros(size, np.uint16)
        self._n_days = 0
        self._calendars: list[Calendar] = []
        self._cells: list[Cells] = []
        self._mixed = Mixed(kinds)
        self._nobody: list[Nobody] = []
        self._spent = np.zeros(size)
        self._bought = np.zeros(size, np.bool_)

    def add(self, rows: Columns) -> None:
        """Go on with the rows of some later days."""
        customer = rows["customer"]
        begin, end = np.searchsorted(rows["day"], self._year)
        if begin < end:
            lately = slice(begin, end)
            self._spent += summed(customer[lately], rows["cents"][lately], len(self._spent))
        self._bought[customer[rows["bought"]]] = True
        is_known = customer > 0
        is_mixed = self._is_mixed[customer]
        self._nobody.append(_of_nobody(rows["day"][~is_known], rows["cents"][~is_known]))
        self._mixed.add(_only(rows, is_mixed))
        self._add_whole(_only(rows, is_known & ~is_mixed))

    def _add_whole(self, rows: Columns) -> None:
        calendar, first = Calendar.of(rows["day"]), self._n
        in_order = by_group(calendar, self._persona[rows["customer"]])
        rows = {name: rows[name].take(in_order) for name in ("customer", "cents", "bought")}
        self._calendars.append(calendar)
        persona = self._persona[rows["customer"]]
        self._cells.append(Cells.of(calendar, persona, len(self._values)))
        self._n += len(in_order)
        self._customer[first : self._n] = rows["customer"]
        self._cents[first : self._n] = rows["cents"]
        bought = np.flatnonzero(rows["bought"])
        if len(bought):
            days = np.repeat(np.arange(len(calendar.days)), np.diff(calendar.starts))
            self._chain(rows["customer"][bought], days[bought] + self._n_days + 1, first + bought)
        self._n_days += len(calendar.days)

    def _chain(self, customer: Ints, day: Ints, place: Ints) -> None:
        """Of each purchase the day of the customer's purchase before, and of the one before that.

        Parameters
        ----------
        customer, day, place : one item a purchase, in the order of their days.
        """
        # Sorted as one number: several times as fast as by customer and then by place.
        keys = customer.astype(np.int64) << 32 | np.arange(len(place))
        keys.sort()
        whose, which = keys >> 32, keys & 0xFFFFFFFF
        day, place = day[which], place[which]
        is_first = np.append(True, whose[1:] != whose[:-1])
        before = np.append(0, day[:-1])
        before[is_first] = self._last[whose[is_first]]
        earlier = np.append(0, before[:-1])
        earlier[is_first] = self._second[whose[is_first]]
        self._before[place], self._earlier[place] = before, earlier
        is_last = np.append(is_first[1:], True)
        self._last[whose[is_last]] = day[is_last]
        self._second[whose[is_last]] = before[is_last]

    def of_customers(self) -> Columns:
        """What the orders say of each customer."""
        self._bought[0] = False
        return {"year": self._spent, "bought": self._bought}

    def held(self, customers: Customers) -> Held:
        """All that was read."""
        calendar = Calendar.joined(self._calendars)
        n_days = [len(each.days) for each in self._calendars]
        orders = Orders(
            calendar, Cells.joined(self._cells, n_days, len(self._values)),
            self._customer, self._cents, self._before, self._earlier,
            Odd.of(calendar, self._cents <= 0), Odd.of(calendar, self._before == NEVER),
            self._last > 0, self._second > 0,
        )  # fmt: skip
        personas = orders.cells.table(0, len(calendar.days), self._cents)
        daily = Daily.of(
            orders, (0, len(calendar.days)), personas.sum(axis=1), np.diff(calendar.starts)
        )
        nobody = Nobody(
            Calendar.joined([each.calendar for each in self._nobody]),
            np.concatenate([np.empty(0), *(each.cents for each in self._nobody)]),
        )
        return Held(orders, daily, personas, _pairs(orders), self._mixed.rows, nobody, customers)


def _only(rows: Columns, kept: Flags) -> Columns:
    return rows if kept.all() else {name: values[kept] for name, values in rows.items()}


def _pairs(orders: Orders) -> tuple[Ints, Ints] | None:
    of, n_days = orders.calendar, len(orders.calendar.days)
    if n_days > MOST_PAIRED:
        return None
    found = []
    for chain in (orders.before, orders.earlier):
        counts = np.zeros((n_days, n_days + 1), np.int32)
        for first, behind in of.pieces(0, n_days):
            days = np.repeat(np.arange(behind - first), np.diff(of.starts[first : behind + 1]))
            earlier = chain[of.starts[first] : of.starts[behind]]
            bought = earlier != NEVER
            keys = days[bought] * (n_days + 1) + earlier[bought]
            among = counts[first:behind]
            among += np.bincount(keys, minlength=among.size).reshape(among.shape)
        found.append(counts)
    return found[0], found[1]


def _of_nobody(day: Ints, cents: Reals) -> Nobody:
    calendar = Calendar.of(day)
    days = np.repeat(np.arange(len(calendar.days)), np.diff(calendar.starts))
    return Nobody(calendar, summed(days, cents, len(calendar.days)))


def _customers(view: "View") -> Columns:
    """What the warehouse says of each customer, by place."""
    found = view.arrays(
        f"""
        select
            coalesce(cast(expected_spend * 100 as bigint), 0)::double as expected,
            expected_spend is not null as scored,
            coalesce(churn_risk, 0) as churn_risk,
            churn_risk is not null as rated,
            consent is not null as asked,
            coalesce(consent, false) as consents,
            {REACHABLE} as reachable
        from marts.customers as customers
        order by customer_key
        """
    )
    shifted = {name: np.insert(items, 0, 0) for name, items in found.items()}
    return {**shifted, "groups": {column: _group(view, column) for column in GROUPS}}


def _known(found: Columns) -> Customers:
    """Customers, and what is true of them put into one number."""
    groups = found["groups"]
    traits = {name: (groups[name][1], len(groups[name][0])) for name in ("persona", "churn_band")}
    traits |= {name: (found[name], 2) for name in TRUTHS}
    return Customers(
        found["expected"], found["churn_risk"], found["year"], groups, Traits.of(traits)
    )


def _year(view: "View") -> tuple[int, int]:
    """The first of the 365 days up to the as-of day, and the one behind them."""
    as_of = view.vocabulary.about.as_of
    if as_of is None:
        return 0, 0
    first = date.fromordinal(max(1, as_of.toordinal() - RISK_DAYS + 1))
    return ordinal(first), ordinal(as_of) + 1


def _group(view: "View", column: str) -> tuple[tuple[str | None, ...], Places]:
    """Values of ``column`` and the place of each customer's."""
    values = [
        str(row["value"])
        for row in view.rows(
            f"select distinct {column} as value from marts.customers"
            f" where {column} is not null order by value"
        )
    ]
    places = view.arrays(
        f"""
        select coalesce(list_position($known::varchar[], {column}), 0)::bigint as place
        from marts.customers
        order by customer_key
        """,
        {"known": values},
    )["place"]
    return (None, *values), np.insert(places, 0, 0).astype(np.min_scalar_type(len(values)))
