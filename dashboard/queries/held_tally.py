"""What some customers bought within some days, added up from the orders in memory.

One pass over the rows gives what all panels of a page need: sums by day, of which any step of a
trend and any part of a period can be made, and what cannot be added up over days (buyers) for the
period and for its parts. Customers some of whose orders have several rows are added from their own
rows, where those orders have to be put together first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np

from dashboard.period import Days
from dashboard.queries import held_sums
from dashboard.queries.held_arrays import (
    Daily,
    Flags,
    Held,
    Ints,
    Places,
    Reals,
    Rows,
    counted,
    ordinal,
    summed,
)
from dashboard.queries.held_sums import Measures, money


@dataclass(frozen=True)
class Tally:
    """What was bought.

    Parameters
    ----------
    daily : of the customers all of whose orders stand in one row each.
    whole : sums of everybody within the days.
    parts : the same of each part.
    cents, buyers : by place of the persona.
    """

    daily: Daily
    whole: Measures
    parts: list[Measures]
    cents: Reals
    buyers: Ints


def tally(held: Held, chosen: Flags, days: Days | None, edges: Sequence[date] = ()) -> Tally:
    """Go through the rows of ``chosen`` within ``days``, once.

    Parameters
    ----------
    edges : first days of the parts, and the day behind the last.
    """
    calendar = held.orders.calendar
    first, behind = calendar.within(days)
    cuts = np.clip(calendar.days.searchsorted([ordinal(edge) for edge in edges]), first, behind)
    place = held.customers.groups["persona"][1]
    spans = [(first, behind), *pairwise(cuts.tolist())]
    passing = _Passing(held, chosen, None if days is None else place, spans)
    for begin, end in calendar.pieces(first, behind):
        passing.go(begin, end)
    mixed = held_sums.taken(held.mixed, chosen, days)
    daily = passing.daily()
    whole, *parts = passing.measures(daily)
    if days is None:
        cents, buyers = _ever(held, chosen)
    else:
        cents, buyers = _with(passing, mixed, place)
    if len(mixed.customer):
        whole = held_sums.both(whole, held_sums.measured(mixed))
        for number, part in held_sums.parts(mixed, edges):
            parts[number] = held_sums.both(parts[number], part)
    return Tally(daily, whole, parts, cents, buyers)


def _ever(held: Held, chosen: Flags) -> tuple[Reals, Ints]:
    """Cents and buyers by persona on whatever day, which is known of every customer."""
    values, place = held.customers.groups["persona"]
    bought = chosen & held.customers.bought
    buyers = [counted(bought & (place == at)) for at in range(len(values))]
    return summed(place, held.customers.total * chosen, len(values)), np.array(buyers)


def _with(passing: "_Passing", mixed: Rows, place: Places) -> tuple[Reals, Ints]:
    """The same within some days."""
    size = len(passing.buyers)
    whoever = np.unique(mixed.customer[mixed.bought])
    return (
        passing.cents + summed(place[mixed.customer], mixed.cents, size),
        passing.buyers + np.bincount(place[whoever], minlength=size),
    )


class _Passing:
    """Sums that grow from piece to piece.

    Parameters
    ----------
    place : of each customer's persona; None where nobody asks for sums by persona.
    spans : first day and the one behind the last, as places in the calendar; the whole, then parts.
    """

    def __init__(
        self, held: Held, chosen: Flags, place: Places | None, spans: list[tuple[int, int]]
    ) -> None:
        self._held, self._place, self._spans = held, place, spans
        self._chosen = None if chosen[1:].all() else chosen
        self._start = held.orders.calendar.starts[spans[0][0]]
        self._daily = [held.daily.some(0, 0)]
        self._once, self._twice = [0] * len(spans), [0] * len(spans)
        n_groups = len(held.customers.groups["persona"][0])
        self.cents, self.buyers = np.zeros(n_groups), np.zeros(n_groups, np.int64)

    def go(self, first: int, behind: int) -> None:
        """Add the rows of these days."""
        orders, starts = self._held.orders, self._held.orders.calendar.starts
        rows, ends = (
            slice(starts[first], starts[behind]),
            starts[first : behind + 1] - starts[first],
        )
        columns = [c[rows] for c in (orders.customer, orders.cents, orders.before, orders.earlier)]
        if self._chosen is not None:
            places = np.flatnonzero(self._chosen.take(columns[0]))
            columns = [column.take(places) for column in columns]
            ends = places.searchsorted(ends)
        customer, cents, before, earlier = columns
        if self._chosen is None:
            self._daily.append(self._held.daily.some(first, behind))
        else:
            days = orders.calendar.days[first:behind]
            self._daily.append(Daily.of(days, ends, cents, before))
        for number, (begin, end) in enumerate(self._spans):
            if begin < behind and end > first:
                span = slice(ends[max(begin - first, 0)], ends[min(end, behind) - first])
                self._once[number] += counted(before[span] < starts[begin])
                self._twice[number] += counted(earlier[span] < starts[begin])
        if self._place is not None:
            size, mine = len(self.cents), self._place.take(customer)
            self.cents += summed(mine, cents, size)
            self.buyers += np.bincount(mine[before < self._start], minlength=size)

    def daily(self) -> Daily:
        """Sums by day."""
        return Daily.joined(self._daily)

    def measures(self, daily: Daily) -> list[Measures]:
        """Sums of each span."""
        found, origin = [], self._spans[0][0]
        for once, twice, (begin, end) in zip(self._once, self._twice, self._spans, strict=True):
            of = daily.some(begin - origin, end - origin)
            found.append({
                "revenue": money(of.cents.sum()),
                "n_active": once,
                "n_repeat": twice - once,
                "n_orders": int(of.n_paid.sum()),
                "paid": money(of.paid.sum()),
            })  # fmt: skip
        return found
