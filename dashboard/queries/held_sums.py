"""The sums of a selection from arrays: the numbers of the statements, without a statement."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from dashboard.period import Days
from dashboard.queries.held_arrays import (
    UNDATED,
    Daily,
    Held,
    Reals,
    Rows,
    counted,
    summed,
)
from dashboard.queries.held_calendar import Flags, Ints, ordinal
from dashboard.queries.held_known import Counts

if TYPE_CHECKING:
    from dashboard.queries.held_tally import Tally

Measures = dict[str, Any]

CENT: Final = Decimal("0.01")


def taken(orders: Rows, chosen: Flags, days: Days | None) -> Rows:
    """The rows of some customers within some days."""
    span = slice(*within(orders, days))
    begin, end = np.searchsorted(orders.split, [span.start, span.stop])
    rows = Rows(
        orders.customer[span], orders.day[span], orders.cents[span], orders.bought[span],
        orders.split[begin:end] - span.start, orders.order[begin:end],
    )  # fmt: skip
    kept = chosen[rows.customer]
    return rows if kept.all() else _only(rows, kept)


def within(orders: Rows, days: Days | None) -> tuple[int, int]:
    """Place of the first row of some days and the one behind; None is all, undated ones too."""
    if days is None:
        return 0, len(orders.day)
    begin, end = orders.day.searchsorted([ordinal(days.first), ordinal(days.last) + 1])
    return int(begin), max(int(begin), int(end))


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


def measured(rows: Rows) -> Measures:
    """What the rows add up to."""
    orders = whole(rows)
    times = np.unique(orders.customer[orders.bought], return_counts=True)[1]
    return {
        "revenue": money(orders.cents.sum()),
        "n_active": len(times),
        "n_repeat": counted(times > 1),
        **_paid(orders.cents),
    }


def both(one: Measures, other: Measures) -> Measures:
    """The sums of two sets of customers that share nobody."""
    return {name: value + other[name] for name, value in one.items()}


def _paid(cents: Reals) -> Measures:
    positive = cents > 0
    return {"n_orders": counted(positive), "paid": money(cents.sum(where=positive))}


def money(cents: Any) -> Decimal:  # noqa: ANN401 - any whole number of cents
    """Currency, exact."""
    return int(cents) * CENT


def parts(rows: Rows, edges: Sequence[date]) -> Iterator[tuple[int, Measures]]:
    """The same measures of each part of the period that has rows, with its number.

    Parameters
    ----------
    edges : first days of the parts, and the day behind the last; other rows are left out.
    """
    days = np.array([ordinal(day) for day in edges], np.int64)
    orders = whole(rows, days)
    for number, (begin, end) in enumerate(pairwise(orders.day.searchsorted(days))):
        if begin < end:
            yield number, measured(_span(orders, int(begin), int(end)))


def _span(orders: Rows, begin: int, end: int) -> Rows:
    """Some of the rows, whose orders are put together already."""
    part = slice(begin, end)
    return replace(
        orders, customer=orders.customer[part], day=orders.day[part], cents=orders.cents[part],
        bought=orders.bought[part],
    )  # fmt: skip


def by_day(rows: Rows, firsts: list[date]) -> list[tuple[Decimal, int]]:
    """Revenue and orders with a purchase, from each first day on until the next one.

    An order with rows in several of these counts once in each. A first day that is the next one's
    too has no days, and nothing in it.
    """
    days = np.array([ordinal(day) for day in firsts])
    # The last part has an end as well: what an order has without a day is no part of it.
    edges = np.append(days, UNDATED)
    orders = whole(rows, edges)
    bounds = orders.day.searchsorted(edges)
    return [
        (money(orders.cents[begin:end].sum()), counted(orders.bought[begin:end]))
        for begin, end in pairwise(bounds)
    ]


def stepped(daily: Daily, firsts: Sequence[date]) -> list[tuple[Decimal, int]]:
    """Revenue and orders with a purchase, from each first day on until the next one.

    Rows without a day are in none.
    """
    ends = daily.days.searchsorted([*(ordinal(first) for first in firsts), UNDATED])
    cents, bought = between(daily.cents, ends), between(daily.bought, ends)
    return [(money(net), n) for net, n in zip(cents, bought, strict=True)]


def between(values: Ints, ends: Ints) -> list[int]:
    """Sums of ``values`` from each of the ends up to the next one."""
    sums = np.concatenate([[0], values.cumsum()])
    found: list[int] = np.diff(sums[ends]).tolist()
    return found


def customers(held: Held, chosen: Flags) -> "tuple[dict[str, Any], list[Group]]":
    """What is known of the customers as of the generation; of all of them, and by persona."""
    of, whose = held.customers, np.flatnonzero(chosen)
    counts = of.traits.counts(whose)
    values, place = of.groups["churn_band"]
    leaving = whose[:0]
    if "high" in values:
        leaving = whose.take(np.flatnonzero(place.take(whose) == values.index("high")))
    found = {
        "n_customers": len(whose),
        "n_scored": counts.having("scored"),
        "expected": money(of.expected.take(whose).sum()),
        "n_rated": sum(counts.by("churn_band")[1:]),
        "n_leaving": len(leaving),
        "n_asked": counts.having("asked"),
        "n_consenting": counts.having("consents"),
        "n_reachable": counts.having("reachable"),
        "at_risk": money(of.year.take(leaving).sum()),
    }
    return found, _groups(held, whose, counts)


def banded(held: Held, chosen: Flags, column: str) -> dict[str | None, int]:
    """Customers by value of ``column``, of those that occur."""
    values, place = held.customers.groups[column]
    found = {value: counted(chosen & (place == at)) for at, value in enumerate(values)}
    return {value: n for value, n in found.items() if n}


@dataclass(frozen=True)
class Group:
    """The customers of one persona, at its place among all of them.

    Parameters
    ----------
    buyers : how many of them ever bought.
    churn_risk : mean probability; None without a score.
    """

    place: int
    persona: str | None
    customers: int
    buyers: int
    churn_risk: float | None


def _groups(held: Held, whose: Ints, counts: Counts) -> list[Group]:
    """Those of the personas that occur, who has none included; nobody's is left out."""
    values, place = held.customers.groups["persona"]
    n, rated = counts.by("persona"), counts.by("persona", rated=1)
    buyers = counts.by("persona", bought=1)
    risks = summed(place.take(whose), held.customers.churn_risk.take(whose), len(values))
    return [
        Group(at, value, n[at], buyers[at], float(risks[at] / rated[at]) if rated[at] else None)
        for at, value in enumerate(values) if n[at]
    ]  # fmt: skip


def personas(
    found: Sequence[Group], now: "Tally", before: "Tally | None"
) -> Iterator[dict[str, Any]]:
    """One row a persona."""
    for group in found:
        yield {
            "persona": group.persona,
            "customers": group.customers,
            "revenue": money(now.cents[group.place]),
            "buyers": group.buyers if now.buyers is None else int(now.buyers[group.place]),
            "churn_risk": group.churn_risk,
            "before": None if before is None else money(before.cents[group.place]),
        }


def unattributed(held: Held, days: Days | None) -> Decimal:
    """Revenue of the rows without a customer."""
    first, behind = held.nobody.calendar.within(days)
    return money(held.nobody.cents[first:behind].sum())
