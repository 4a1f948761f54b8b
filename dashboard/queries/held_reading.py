"""Reads the arrays of a generation from the warehouse, once."""

from datetime import date
from typing import TYPE_CHECKING, Final

import numpy as np

from dashboard.queries.held_arrays import (
    GROUPS,
    NEVER,
    Calendar,
    Columns,
    Customers,
    Daily,
    Flags,
    Held,
    Ints,
    Nobody,
    Orders,
    Places,
    Rows,
    ordinal,
    summed,
)
from dashboard.queries.held_pieces import SO_FAR, Pieces, room
from dashboard.queries.vocabulary import REACHABLE

if TYPE_CHECKING:
    from dashboard.reader import View

EXACT: Final = 2**53  # sums below are whole numbers in a double too
AN_ORDER: Final = 16  # bytes
RISK_DAYS: Final = 365  # whose spend is at risk: what a year would miss
_COLUMNS: Final = """
    coalesce(customer_key, 0) as customer,
    cast(revenue * 100 as bigint)::double as cents,
    has_purchase as bought,
    case when is_whole then 0 else order_key end as order
"""
_NO_ROWS: Final[Columns] = {
    "day": np.empty(0, np.int32),
    "customer": np.empty(0, np.int32),
    "cents": np.empty(0),
    "bought": np.empty(0, np.bool_),
    "order": np.empty(0, np.int32),
}


def read(view: "View") -> Held | None:
    """The arrays of a generation; None where they are too large, or keys are not dense.

    None too where sums would not be exact.
    """
    pieces = Pieces.of(view, "marts.orders", "revenue")
    if pieces.total >= EXACT or pieces.n_rows * AN_ORDER > room():
        return None
    customers = _customers(view)
    if customers is None:
        return None
    reading = _Reading(view, pieces, len(customers["rated"]))
    for rows in pieces.read(view, _COLUMNS):
        reading.add(rows)
    return reading.held(Customers(**customers, **reading.of_customers()))


class _Reading:
    """Arrays that grow from piece to piece.

    Parameters
    ----------
    size : one more than there are customers.
    """

    def __init__(self, view: "View", pieces: Pieces, size: int) -> None:
        self._is_mixed = _mixed_customers(view, size)
        self._year = _year(view)
        self._n = 0
        self._customer = np.empty(pieces.n_rows, np.int32)
        self._cents = np.empty(pieces.n_rows, pieces.cents_type)
        self._before = np.full(pieces.n_rows, NEVER, np.int32)
        self._earlier = self._before.copy()
        self._last = np.full(size, -1, np.int32)  # place of each customer's last purchase so far
        self._calendars: list[Calendar] = []
        self._mixed: list[Columns] = [_NO_ROWS]
        self._nobody: list[Columns] = [_NO_ROWS]
        self._sums = {name: np.zeros(size) for name in ("total", "year")}
        self._bought = np.zeros(size, np.bool_)

    def add(self, rows: Columns) -> None:
        """Go on with the rows of some later days."""
        customer = rows["customer"]
        self._sums["total"] += summed(customer, rows["cents"], len(self._bought))
        begin, end = np.searchsorted(rows["day"], self._year)
        if begin < end:
            lately = slice(begin, end)
            self._sums["year"] += summed(customer[lately], rows["cents"][lately], len(self._bought))
        self._bought[customer[rows["bought"]]] = True
        is_known = customer > 0
        is_mixed = self._is_mixed[customer] & is_known
        self._nobody.append(_only(rows, ~is_known))
        self._mixed.append(_only(rows, is_mixed))
        self._add_whole(_only(rows, is_known & ~is_mixed))

    def _add_whole(self, rows: Columns) -> None:
        calendar, first = Calendar.of(rows["day"]), self._n
        self._calendars.append(Calendar(calendar.days, calendar.starts + first))
        self._n += len(rows["day"])
        self._customer[first : self._n] = rows["customer"]
        self._cents[first : self._n] = rows["cents"]
        self._chain(rows["customer"], np.flatnonzero(rows["bought"]), first)

    def _chain(self, customer: Ints, bought: Ints, first: int) -> None:
        """Of each row the customer's row before with a purchase, and the one before that."""
        if not len(bought):
            return
        # Sorted as one number: several times as fast as by customer and then by place.
        keys = customer[bought].astype(np.int64) << 32 | bought
        keys.sort()
        place, whose = (keys & 0xFFFFFFFF) + first, keys >> 32
        changes = whose[1:] != whose[:-1]
        is_first, is_last = np.append(True, changes), np.append(changes, True)
        found = np.append(-1, place[:-1])
        found[is_first] = self._last[whose[is_first]]
        self._last[whose[is_last]] = place[is_last]
        self._before[place] = found
        known = found >= 0
        self._earlier[place] = -1
        self._earlier[place[known]] = self._before[found[known]]

    def of_customers(self) -> Columns:
        """What the orders say of each customer."""
        self._bought[0] = False
        return {**self._sums, "bought": self._bought}

    def held(self, customers: Customers) -> Held:
        """All that was read."""
        for column in (self._customer, self._cents, self._before, self._earlier):
            column.resize(self._n, refcheck=False)
        orders = Orders(
            Calendar.joined(self._calendars, self._n),
            self._customer, self._cents, self._before, self._earlier,
        )  # fmt: skip
        return Held(orders, _daily(orders), _rows(self._mixed), _of_nobody(self._nobody), customers)


def _mixed_customers(view: "View", size: int) -> Flags:
    """Of each customer key whether one of her orders has several rows."""
    found = np.zeros(size, np.bool_)
    keys = view.arrays(
        f"""
        select distinct customer_key
        from marts.orders
        where not is_whole and customer_key is not null and {SO_FAR}
        """,
        {"last_day": view.vocabulary.about.last_day},
    )
    found[keys["customer_key"]] = True
    return found


def _only(rows: Columns, kept: Flags) -> Columns:
    return rows if kept.all() else {name: values[kept] for name, values in rows.items()}


def _daily(orders: Orders) -> Daily:
    of = orders.calendar
    found = []
    for first, behind in [(0, 0), *of.pieces(0, len(of.days))]:
        rows = slice(of.starts[first], of.starts[behind])
        ends = of.starts[first : behind + 1] - of.starts[first]
        found.append(Daily.of(of.days[first:behind], ends, orders.cents[rows], orders.before[rows]))
    return Daily.joined(found)


def _joined(pieces: list[Columns], names: tuple[str, ...]) -> Columns:
    return {name: np.concatenate([piece[name] for piece in pieces]) for name in names}


def _rows(pieces: list[Columns]) -> Rows:
    rows = _joined(pieces, ("customer", "day", "cents", "bought", "order"))
    order = rows.pop("order")
    split = np.flatnonzero(order)
    return Rows(**rows, split=split, order=order[split])


def _of_nobody(pieces: list[Columns]) -> Nobody:
    rows = _joined(pieces, ("day", "cents"))
    calendar = Calendar.of(rows["day"])
    days = np.repeat(np.arange(len(calendar.days)), np.diff(calendar.starts))
    return Nobody(calendar, summed(days, rows["cents"], len(calendar.days)))


def _customers(view: "View") -> Columns | None:
    """What the warehouse says of each customer; None where keys are not dense."""
    found = view.arrays(
        f"""
        select
            customer_key,
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
    keys = found.pop("customer_key")
    if len(keys) != view.vocabulary.about.n_customers or (len(keys) and keys[-1] != len(keys)):
        return None  # not dense
    shifted = {name: np.insert(items, 0, 0) for name, items in found.items()}
    return {**shifted, "groups": {column: _group(view, column) for column in GROUPS}}


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
