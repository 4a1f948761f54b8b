"""The sums of a selection from arrays: the numbers of the statements, without a statement."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

import numpy as np

from dashboard.period import Days
from dashboard.queries.held import (
    UNDATED,
    Flags,
    Held,
    Ints,
    Orders,
    Reals,
    counted,
    ordinal,
    summed,
    within,
)

CENT: Final = Decimal("0.01")


@dataclass(frozen=True)
class Rows:
    """Rows of orders that count, in the order of their days.

    Parameters
    ----------
    split : places of the rows whose order has other rows, with the ``order`` of each.
    """

    customer: Ints
    day: Ints
    cents: Reals
    bought: Flags
    split: Ints
    order: Ints


def taken(orders: Orders, chosen: Flags, days: Days | None) -> Rows:
    """The rows of some customers within some days."""
    span = within(orders, days)
    begin, end = np.searchsorted(orders.split, [span.start, span.stop])
    rows = Rows(
        orders.customer[span], orders.day[span], orders.cents[span], orders.bought[span],
        orders.split[begin:end] - span.start, orders.order[begin:end],
    )  # fmt: skip
    kept = chosen[rows.customer]
    return rows if kept.all() else _only(rows, kept)


def _only(rows: Rows, kept: Flags) -> Rows:
    mine, places = kept[rows.split], np.flatnonzero(kept)
    split = rows.split[mine]
    return Rows(
        rows.customer.take(places), rows.day.take(places), rows.cents.take(places),
        rows.bought.take(places), places.searchsorted(split) if len(split) else split,
        rows.order[mine],
    )  # fmt: skip


def whole(rows: Rows, firsts: Ints | None = None) -> Rows:
    """Orders put together, each in its first row; where ``firsts`` are given, only within a part.

    Few orders have rows on several days, and the others are left as they are.
    """
    if not len(rows.split):
        return rows
    part = np.zeros(len(rows.split), np.intp)
    if firsts is not None:
        part = firsts.searchsorted(rows.day[rows.split], side="right")
    both = np.stack([rows.order, part], axis=1)
    _, first, of = np.unique(both, axis=0, return_index=True, return_inverse=True)
    cents, bought = rows.cents.copy(), rows.bought.copy()
    cents[rows.split[first]] = np.bincount(of, cents[rows.split])
    bought[rows.split[first]] = np.bincount(of, bought[rows.split]) > 0
    kept = np.ones(len(rows.day), np.bool_)
    kept[np.delete(rows.split, first)] = False
    return _only(replace(rows, cents=cents, bought=bought, split=rows.split[:0],
                         order=rows.order[:0]), kept)  # fmt: skip


@dataclass(frozen=True)
class Spent:
    """What was bought within some days: cents and orders by customer key, and the sums."""

    cents: Reals
    orders: Ints
    measures: dict[str, Any]


def spent(chosen: Flags, rows: Rows) -> Spent:
    """What the rows of the chosen add up to."""
    orders = whole(rows)
    by_customer = summed(orders.customer, orders.cents, len(chosen))
    times = np.bincount(orders.customer[orders.bought], minlength=len(chosen))
    measures = {
        "revenue": money(orders.cents.sum()),
        "n_active": counted(times),
        "n_repeat": counted(times > 1),
        **_paid(orders.cents),
    }
    return Spent(by_customer, times, measures)


def _paid(cents: Reals) -> dict[str, Any]:
    positive = cents > 0
    return {"n_orders": counted(positive), "paid": money(cents.sum(where=positive))}


def money(cents: Any) -> Decimal:  # noqa: ANN401 - any whole number of cents
    """Currency, exact."""
    return int(cents) * CENT


def parts(rows: Rows, edges: list[date], n_keys: int) -> Iterator[dict[str, Any]]:
    """The same measures of each part of the period, from one edge to the next.

    Parameters
    ----------
    edges : first days of the parts, and the day behind the last; other rows are left out.
    """
    days = np.array([ordinal(day) for day in edges])
    orders = whole(rows, days)
    seen = np.zeros(n_keys, np.int32)
    for number, (begin, end) in enumerate(pairwise(orders.day.searchsorted(days))):
        if begin == end:
            continue
        cents, bought = orders.cents[begin:end], orders.bought[begin:end]
        n_active, n_repeat = _distinct(orders.customer[begin:end][bought], seen)
        yield {
            "place": number,
            "revenue": money(cents.sum()),
            "n_active": n_active,
            "n_repeat": n_repeat,
            **_paid(cents),
        }


def by_day(rows: Rows, firsts: list[date]) -> list[tuple[Decimal, int]]:
    """Revenue and orders with a purchase, from each first day on until the next one.

    An order with rows in several of these counts once in each. A first day that is the next one's
    too has no days, and nothing in it.
    """
    days = np.array([ordinal(day) for day in firsts])
    orders = whole(rows, days)
    bounds = [*orders.day.searchsorted(days), orders.day.searchsorted(UNDATED)]
    return [
        (money(orders.cents[begin:end].sum()), counted(orders.bought[begin:end]))
        for begin, end in pairwise(bounds)
    ]


def _distinct(keys: Ints, seen: Ints) -> tuple[int, int]:
    """How many different keys there are, and how many of them occur again.

    Each key's last place is written down: whoever stands elsewhere too occurs again. ``seen`` has
    an item for each key, whatever stands in it.
    """
    again = _elsewhere(keys, seen)
    return len(keys) - len(again), len(again) - len(_elsewhere(again, seen))


def _elsewhere(keys: Ints, seen: Ints) -> Ints:
    places = np.arange(len(keys), dtype=np.int32)
    seen[keys] = places
    elsewhere: Ints = keys[seen[keys] != places]
    return elsewhere


def _places(chosen: Flags) -> Ints | slice:
    """Where the chosen stand; of everybody a slice, which costs nothing."""
    return slice(1, None) if chosen[1:].all() else np.flatnonzero(chosen)


def customers(held: Held, chosen: Flags) -> dict[str, Any]:
    """What is known of the customers as of the generation."""
    of, whom = held.customers, _places(chosen)
    expected = of.expected[whom]
    churn = banded(held, chosen, "churn_band")
    values, place = of.groups["churn_band"]
    leaving = chosen & (place == values.index("high")) if "high" in values else chosen & False
    return {
        "n_customers": counted(chosen),
        "n_scored": counted(expected >= 0),
        "expected": money(expected.sum(where=expected >= 0)),
        "n_rated": sum(n for value, n in churn.items() if value is not None),
        "n_leaving": counted(leaving),
        "n_asked": counted(of.asked[whom]),
        "n_consenting": counted(of.consents[whom]),
        "n_reachable": counted(of.reachable[whom]),
        "at_risk": money(of.year.sum(where=leaving)),
    }


def banded(held: Held, chosen: Flags, column: str) -> dict[str | None, int]:
    """Customers by value of ``column``, of those that occur."""
    values, place = held.customers.groups[column]
    found = np.bincount(place[_places(chosen)], minlength=len(values))
    return {value: int(n) for value, n in zip(values, found, strict=True) if n}


def personas(
    held: Held, chosen: Flags, now: Spent, before: Spent | None
) -> Iterator[dict[str, Any]]:
    """One row a persona, those without one included; nobody's persona is left out."""
    values, place = held.customers.groups["persona"]
    size, whom = len(values), _places(chosen)
    mine = place[whom]
    n = np.bincount(mine, minlength=size)
    risk = held.customers.churn_risk[whom]
    rated = ~np.isnan(risk)
    n_rated = np.bincount(mine[rated], minlength=size)
    risks = summed(mine[rated], risk[rated], size)
    revenue = summed(mine, now.cents[whom], size)
    buyers = np.bincount(mine[now.orders[whom] > 0], minlength=size)
    earlier = None if before is None else summed(mine, before.cents[whom], size)
    for at, value in enumerate(values):
        if n[at]:
            yield {
                "persona": value,
                "customers": int(n[at]),
                "revenue": money(revenue[at]),
                "buyers": int(buyers[at]),
                "churn_risk": float(risks[at] / n_rated[at]) if n_rated[at] else None,
                "before": None if earlier is None else money(earlier[at]),
            }


def unattributed(held: Held, days: Days | None) -> Decimal:
    """Revenue of the rows without a customer."""
    span = within(held.orders, days)
    return money(held.orders.cents[span].sum(where=held.orders.customer[span] == 0))
