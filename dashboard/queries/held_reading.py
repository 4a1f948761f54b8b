"""Reads the arrays of a generation from the warehouse, once."""

from datetime import date
from typing import TYPE_CHECKING, Final

import numpy as np

from dashboard.period import Days
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
    Reals,
    Rows,
    in_order,
    narrow,
    ordinal,
    summed,
)
from dashboard.queries.vocabulary import REACHABLE

if TYPE_CHECKING:
    from dashboard.reader import View

EXACT: Final = 2.0**53  # sums below are whole numbers in a double too
RISK_DAYS: Final = 365  # whose spend is at risk: what a year would miss


def read(view: "View") -> Held | None:
    """The arrays of a generation; None where they would not be exact, or keys are not dense."""
    rows = _rows(view)
    if np.abs(rows["cents"]).sum() >= EXACT:
        return None
    customers = _customers(view, rows)
    if customers is None:
        return None
    is_known = rows["customer"] > 0
    is_mixed = np.zeros(len(customers.total), np.bool_)
    is_mixed[rows["customer"][rows["order"] > 0]] = True
    is_mixed = is_mixed[rows["customer"]] & is_known
    orders = _orders(_only(rows, is_known & ~is_mixed))
    return Held(
        orders=orders,
        daily=_daily(orders),
        mixed=_mixed(_only(rows, is_mixed)),
        nobody=_nobody(_only(rows, ~is_known)),
        customers=customers,
    )


def _rows(view: "View") -> Columns:
    found = view.arrays(
        """
        select
            coalesce(customer_key, 0) as customer,
            coalesce(purchased_on - date '1970-01-01', 2147483647)::integer as day,
            cast(revenue * 100 as bigint)::double as cents,
            has_purchase as bought,
            case when is_whole then 0 else order_key end as order
        from marts.orders
        where $last_day::date is null or purchased_on is null or purchased_on <= $last_day
        """,
        {"last_day": view.vocabulary.about.last_day},
    )
    return in_order(found)


def _only(rows: Columns, kept: Flags) -> Columns:
    return rows if kept.all() else {name: values[kept] for name, values in rows.items()}


def _orders(rows: Columns) -> Orders:
    before, earlier = _chained(rows["customer"], np.flatnonzero(rows["bought"]))
    return Orders(
        Calendar.of(rows["day"]), rows["customer"], narrow(rows["cents"]), before, earlier
    )


def _daily(orders: Orders) -> Daily:
    of = orders.calendar
    return Daily.of(of.days, of.starts, orders.cents, orders.before)


def _chained(customer: Ints, bought: Ints) -> tuple[Ints, Ints]:
    """Of each row the customer's row before with a purchase, and the one before that."""
    # Sorted as one number: several times as fast as by customer and then by place.
    keys = customer[bought].astype(np.int64) << 32 | bought
    keys.sort()
    place, whose = keys & 0xFFFFFFFF, keys >> 32
    del keys
    before = np.full(len(customer), NEVER, np.int32)
    earlier = before.copy()
    for behind, chain in ((1, before), (2, earlier)):
        found = np.full(len(place), -1, np.int32)
        same = whose[behind:] == whose[:-behind]
        found[behind:][same] = place[:-behind][same]
        chain[place] = found
    return before, earlier


def _mixed(rows: Columns) -> Rows:
    split = np.flatnonzero(rows["order"])
    names = ("customer", "day", "cents", "bought")
    return Rows(**{n: rows[n] for n in names}, split=split, order=rows["order"][split])


def _nobody(rows: Columns) -> Nobody:
    calendar = Calendar.of(rows["day"])
    days = np.repeat(np.arange(len(calendar.days)), np.diff(calendar.starts))
    return Nobody(calendar, summed(days, rows["cents"], len(calendar.days)))


def _customers(view: "View", rows: Columns) -> Customers | None:
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
    size = len(keys) + 1
    shifted = {name: np.insert(items, 0, 0) for name, items in found.items()}
    bought = np.zeros(size, np.bool_)
    bought[rows["customer"][rows["bought"]]] = True
    bought[0] = False
    total = summed(rows["customer"], rows["cents"], size)
    groups = {column: _group(view, column) for column in GROUPS}
    return Customers(
        **shifted, total=total, year=_year(view, rows, size), bought=bought, groups=groups
    )


def _year(view: "View", rows: Columns, size: int) -> Reals:
    """Cents in the 365 days up to the as-of day, by customer."""
    as_of = view.vocabulary.about.as_of
    if as_of is None:
        return np.zeros(size)
    days = Days(date.fromordinal(max(1, as_of.toordinal() - RISK_DAYS + 1)), as_of)
    begin, end = np.searchsorted(rows["day"], [ordinal(days.first), ordinal(days.last) + 1])
    return summed(rows["customer"][begin:end], rows["cents"][begin:end], size)


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
