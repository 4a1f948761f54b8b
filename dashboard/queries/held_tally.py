"""What some customers bought within some days, added up from the orders in memory.

One pass over the rows gives what all panels of a page need: sums by day, of which any step of a
trend and any part of a period can be made, and what cannot be added up over days (buyers) for the
period and for its parts. Customers some of whose orders have several rows are added from their own
rows, where those orders have to be put together first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import pairwise

import numpy as np

from dashboard.period import Days
from dashboard.queries import held_sums
from dashboard.queries.held_arrays import UNDATED, Daily, Flags, Held, counted, summed
from dashboard.queries.held_calendar import Ints, ordinal
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
    cents: Ints
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
    spans = [(first, behind), *pairwise(cuts.tolist())]
    passing = _Passing(held, chosen, spans, has_buyers=days is not None)
    passing.run()
    mixed = held_sums.taken(held.mixed, chosen, days)
    whole, *parts = passing.measures()
    place = held.customers.groups["persona"][1]
    cents, buyers = passing.groups()
    cents += summed(place[mixed.customer], mixed.cents, len(cents)).astype(np.int64)
    if days is None:
        buyers = _ever(held, chosen)
    else:
        whoever = np.unique(mixed.customer[mixed.bought])
        buyers += np.bincount(place[whoever], minlength=len(buyers))
    if len(mixed.customer):
        whole = held_sums.both(whole, held_sums.measured(mixed))
        for number, part in held_sums.parts(mixed, edges):
            parts[number] = held_sums.both(parts[number], part)
    return Tally(passing.daily, whole, parts, cents, buyers)


def _ever(held: Held, chosen: Flags) -> Ints:
    """Buyers by persona on whatever day, which is known of every customer."""
    values, place = held.customers.groups["persona"]
    bought = chosen & held.customers.bought
    return np.array([counted(bought & (place == at)) for at in range(len(values))])


def present(held: Held, chosen: Flags, days: Days | None, firsts: Sequence[date]) -> list[int]:
    """How many customers have any row, from each first day on until the next one.

    Rows without a day are in none.
    """
    calendar, mixed = held.orders.calendar, held.mixed
    within = calendar.within(days)
    edges = [*(ordinal(first) for first in firsts), UNDATED]
    ends = np.clip(calendar.days.searchsorted(edges), *within)
    split = np.clip(mixed.day.searchsorted(edges), *held_sums.within(mixed, days))
    found = []
    for part, mixed_part in zip(pairwise(ends.tolist()), pairwise(split.tolist()), strict=True):
        there = np.zeros(len(chosen), np.bool_)
        there[mixed.customer[slice(*mixed_part)]] = True
        for first, behind in calendar.pieces(*part):
            there[held.orders.customer[calendar.starts[first] : calendar.starts[behind]]] = True
        found.append(counted(there & chosen))
    return found


class _Passing:
    """Sums that grow from piece to piece.

    All rows of a piece are gone through, and those that are not meant count as nothing: that
    takes less time than to put the others together.

    Parameters
    ----------
    spans : first day and the one behind the last, as places in the calendar; the whole, then parts.
    has_buyers : whether somebody asks for buyers by persona.
    """

    def __init__(
        self, held: Held, chosen: Flags, spans: list[tuple[int, int]], *, has_buyers: bool
    ) -> None:
        self._held, self._spans, self._has_buyers = held, spans, has_buyers
        self._chosen = None if chosen[1:].all() else chosen
        n_groups = held.orders.cells.n_groups
        self._net: list[Ints] = [np.empty((0, n_groups), np.int64)]
        self._rows = self._net.copy()
        self._once, self._twice = [0] * len(spans), [0] * len(spans)
        self._buyers = np.zeros(n_groups, np.int64)

    def run(self) -> None:
        """Go through all rows, or look up what is known of everybody."""
        is_known = self._chosen is None and self._held.pairs is not None
        if self._held.pairs is not None and is_known:
            sums = [_of_pairs(self._held.pairs, span) for span in self._spans]
            self._once, self._twice = map(list, zip(*sums, strict=True))
        if is_known and not self._has_buyers:
            return
        for first, behind in self._held.orders.calendar.pieces(*self._spans[0]):
            self._go(first, behind, counts=not is_known)

    def _go(self, first: int, behind: int, *, counts: bool) -> None:
        """Add the rows of these days."""
        orders, starts = self._held.orders, self._held.orders.calendar.starts
        rows = slice(starts[first], starts[behind])
        mine: Flags | None = None
        if self._chosen is not None:
            mine = self._chosen.take(orders.customer[rows])
            self._net.append(orders.cells.table(first, behind, orders.cents[rows] * mine))
            self._rows.append(orders.cells.table(first, behind, mine.view(np.uint8)))
        if self._has_buyers:
            buyers = _both(orders.before[rows] <= self._spans[0][0], mine)
            self._buyers += orders.cells.table(first, behind, buyers.view(np.uint8)).sum(axis=0)
        if counts:
            self._count(first, behind, mine)

    def _count(self, first: int, behind: int, mine: Flags | None) -> None:
        """Customers of each span, by their first rows in it, and by their first two."""
        orders, starts = self._held.orders, self._held.orders.calendar.starts
        for number, (begin, end) in enumerate(self._spans):
            if begin < behind and end > first:
                rows = slice(starts[max(begin, first)], starts[min(end, behind)])
                among = None
                if mine is not None:
                    among = mine[rows.start - starts[first] : rows.stop - starts[first]]
                for chain, counts in ((orders.before, self._once), (orders.earlier, self._twice)):
                    counts[number] += counted(_both(chain[rows] <= begin, among))

    @cached_property
    def daily(self) -> Daily:
        """Sums by day."""
        first, behind = self._spans[0]
        if self._chosen is None:
            return self._held.daily.some(first, behind)
        net, rows = (np.concatenate(tables).sum(axis=1) for tables in (self._net, self._rows))
        return Daily.of(self._held.orders, (first, behind), net, rows, self._chosen)

    def groups(self) -> tuple[Ints, Ints]:
        """Cents and buyers by place of the persona."""
        first, behind = self._spans[0]
        net = np.concatenate(self._net)
        if self._chosen is None:
            net = self._held.personas[first:behind]
        return net.sum(axis=0), self._buyers

    def measures(self) -> list[Measures]:
        """Sums of each span."""
        ends = np.array(self._spans).ravel() - self._spans[0][0]
        of = self.daily
        net, n_paid, paid = (
            held_sums.between(column, ends)[::2] for column in (of.cents, of.n_paid, of.paid)
        )
        return [
            {
                "revenue": money(net[number]),
                "n_active": once,
                "n_repeat": twice - once,
                "n_orders": n_paid[number],
                "paid": money(paid[number]),
            }
            for number, (once, twice) in enumerate(zip(self._once, self._twice, strict=True))
        ]


def _of_pairs(pairs: tuple[Ints, Ints], span: tuple[int, int]) -> tuple[int, int]:
    """Of everybody: how many rows of a span are a customer's first in it, and her first two."""
    begin, end = span
    once, twice = (int(counts[begin:end, : begin + 1].sum()) for counts in pairs)
    return once, twice


def _both(one: Flags, other: Flags | None) -> Flags:
    return one if other is None else np.logical_and(one, other, out=one)
