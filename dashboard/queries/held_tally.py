"""What some customers bought within some days, added up from the orders in memory.

One pass over the rows gives what all panels of a page need: sums by day, of which any step of a
trend and any part of a period can be made, and what cannot be added up over days (buyers) for the
period and for its parts. Customers some of whose orders have several rows are added from their own
rows, where those orders have to be put together first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial
from itertools import pairwise
from operator import add
from typing import NamedTuple

import numpy as np

from dashboard.period import Days
from dashboard.queries import held_sums
from dashboard.queries.held_arrays import UNDATED, Daily, Held, counted, summed
from dashboard.queries.held_calendar import Flags, Ints, ordinal
from dashboard.queries.held_sums import Measures, money
from dashboard.queries.held_threads import through


@dataclass(frozen=True)
class Tally:
    """What was bought.

    Parameters
    ----------
    daily : of the customers all of whose orders stand in one row each.
    whole : sums of everybody within the days.
    parts : the same of each part.
    cents : by place of the persona.
    buyers : the same within the days; None of all days, which is known of every customer.
    """

    daily: Daily
    whole: Measures
    parts: list[Measures]
    cents: Ints
    buyers: Ints | None


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
    passing = _Passing(held, chosen, spans, is_all=days is None)
    passing.run()
    mixed = held_sums.taken(held.mixed, chosen, days)
    whole, *parts = passing.measures()
    place = held.customers.groups["persona"][1]
    cents, buyers = passing.groups()
    cents += summed(place[mixed.customer], mixed.cents, len(cents)).astype(np.int64)
    whoever = np.unique(mixed.customer[mixed.bought])
    buyers += np.bincount(place[whoever], minlength=len(buyers))
    if len(mixed.customer):
        whole = held_sums.both(whole, held_sums.measured(mixed))
        for number, part in held_sums.parts(mixed, edges):
            parts[number] = held_sums.both(parts[number], part)
    return Tally(passing.daily, whole, parts, cents, None if days is None else buyers)


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


class _Piece(NamedTuple):
    """What the rows of some days add up to.

    Parameters
    ----------
    net : cents of those who are meant by day and group; None of everybody.
    rows : how many they have by day.
    buyers : by group.
    once, twice : customers by span.
    """

    net: Ints | None
    rows: Ints | None
    buyers: Ints
    once: list[int]
    twice: list[int]


class _Passing:
    """Sums that are put together from those of pieces.

    All rows of a piece are gone through, and those that are not meant count as nothing: that
    takes less time than to put the others together.

    Parameters
    ----------
    spans : first day and the one behind the last, as places in the calendar; the whole, then parts.
    is_all : whether the whole is all days.
    """

    def __init__(
        self, held: Held, chosen: Flags, spans: list[tuple[int, int]], *, is_all: bool
    ) -> None:
        self._held, self._spans, self._is_all = held, spans, is_all
        self._chosen = None if chosen[1:].all() else chosen
        self._pieces: list[_Piece] = []
        self._once, self._twice = [0] * len(spans), [0] * len(spans)

    def run(self) -> None:
        """Go through all rows, or look up what is known of everybody."""
        pairs, orders = self._held.pairs, self._held.orders
        is_known = self._chosen is None and pairs is not None
        if not is_known or not self._is_all:
            go = partial(self._go, counts=not is_known)
            self._pieces = through(orders.calendar.pieces(*self._spans[0]), go)
        if pairs is not None and is_known:
            sums = [_of_pairs(pairs, span) for span in self._spans]
            self._once, self._twice = map(list, zip(*sums, strict=True))
            return
        for piece in self._pieces:
            self._once = list(map(add, self._once, piece.once))
            self._twice = list(map(add, self._twice, piece.twice))
        if self._is_all:
            once, again = (
                counted(flags if self._chosen is None else flags & self._chosen)
                for flags in (orders.once, orders.twice)
            )
            self._once[0], self._twice[0] = once, once + again

    def _go(self, first: int, behind: int, *, counts: bool) -> _Piece:
        """The rows of these days."""
        orders, starts = self._held.orders, self._held.orders.calendar.starts
        rows = slice(starts[first], starts[behind])
        mine = net = n_rows = None
        buyers = np.zeros(orders.cells.n_groups, np.int64)
        if self._chosen is not None:
            mine = self._chosen.take(orders.customer[rows])
            net = orders.cells.table(first, behind, orders.cents[rows] * mine)
            days = starts[first:behind] - starts[first]
            n_rows = np.add.reduceat(mine.view(np.uint8), days, dtype=np.int64)
        if not self._is_all:
            is_first = _both(orders.before[rows] <= self._spans[0][0], mine)
            buyers = orders.cells.by_group(first, behind, is_first.view(np.uint8))
        once, twice = [0] * len(self._spans), [0] * len(self._spans)
        if counts:
            self._count(first, behind, mine, (once, twice))
        return _Piece(net, n_rows, buyers, once, twice)

    def _count(
        self, first: int, behind: int, mine: Flags | None, into: tuple[list[int], list[int]]
    ) -> None:
        """Customers of each span, by their first rows in it, and by their first two."""
        orders, starts = self._held.orders, self._held.orders.calendar.starts
        for number, (begin, end) in enumerate(self._spans):
            if number == 0 and self._is_all:
                continue  # known of every customer
            if begin < behind and end > first:
                rows = slice(starts[max(begin, first)], starts[min(end, behind)])
                among = None
                if mine is not None:
                    among = mine[rows.start - starts[first] : rows.stop - starts[first]]
                for chain, counts in zip((orders.before, orders.earlier), into, strict=True):
                    counts[number] += counted(_both(chain[rows] <= begin, among))

    @cached_property
    def daily(self) -> Daily:
        """Sums by day."""
        first, behind = self._spans[0]
        if self._chosen is None:
            return self._held.daily.some(first, behind)
        rows = [np.empty(0, np.int64), *(p.rows for p in self._pieces if p.rows is not None)]
        net = self._net().sum(axis=1)
        return Daily.of(self._held.orders, (first, behind), net, np.concatenate(rows), self._chosen)

    def _net(self) -> Ints:
        """Cents by day and group."""
        first, behind = self._spans[0]
        if self._chosen is None:
            return self._held.personas[first:behind]
        nothing = np.empty((0, self._held.orders.cells.n_groups), np.int64)
        return np.concatenate([nothing, *(p.net for p in self._pieces if p.net is not None)])

    def groups(self) -> tuple[Ints, Ints]:
        """Cents and buyers by place of the persona."""
        nobody = np.zeros(self._held.orders.cells.n_groups, np.int64)
        return self._net().sum(axis=0), sum((piece.buyers for piece in self._pieces), nobody)

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
