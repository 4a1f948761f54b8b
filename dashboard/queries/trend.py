"""Revenue over time: the selection by day, week or month, and the compared days laid over them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from dashboard.period import Compare, Days, earlier, is_outside
from dashboard.queries import held_sums
from dashboard.queries.held import known, meant, tallied
from dashboard.queries.held_arrays import Held
from dashboard.queries.selected import Statement, selected
from dashboard.reader import View
from dashboard.selection import Selection

Grain = Literal["day", "week", "month"]
GRAINS: Final[tuple[Grain, ...]] = ("day", "week", "month")
# A span of at most so many days is shown by day, by week; longer ones by month.
MOST_DAYS: Final = 45
MOST_WEEK_DAYS: Final = 800
Sums = dict[date, tuple[Decimal, int]]  # revenue and orders by first day
NOTHING: Final = (Decimal(0), 0)


class Bucket(NamedTuple):
    """One day, week (from Monday) or month of a trend.

    Parameters
    ----------
    first, last : its days; the calendar's, also where the period covers only some of them.
    covered : how many of its days lie in the period.
    revenue : net sum within the period, exact.
    orders : orders with a positive purchase.
    before : the same of the compared days, moved onto these; None without a comparison, and
        where the data had not begun.
    """

    first: date
    last: date
    covered: int
    revenue: Decimal
    orders: int
    before: Decimal | None = None

    @property
    def is_whole(self) -> bool:
        """Whether the period covers every day of it."""
        return self.covered == (self.last - self.first).days + 1


@dataclass(frozen=True)
class Trend:
    """Revenue of a selection over time.

    Parameters
    ----------
    grain : what a bucket is.
    days : the days that are shown; None where no line has a date.
    buckets : in order, without gaps; no sale is a revenue of 0, and where the data hold none of
        the days there is no bucket.
    days_before : what is compared with.
    """

    grain: Grain
    days: Days | None
    buckets: tuple[Bucket, ...]
    days_before: Days | None = None

    @property
    def total(self) -> Decimal:
        """Revenue of all buckets: the board's revenue, where every line has a date."""
        return sum((b.revenue for b in self.buckets), Decimal(0))

    @property
    def total_before(self) -> Decimal | None:
        """Revenue of the compared days; None where the data do not hold all of them."""
        known = [b.before for b in self.buckets if b.before is not None]
        if self.days_before is None or len(known) < len(self.buckets):
            return None
        return sum(known, Decimal(0))

    def drawn(self) -> tuple[Bucket, ...]:
        """The whole buckets; all of them where hardly any is whole."""
        whole = tuple(b for b in self.buckets if b.is_whole)
        return whole if len(whole) >= 3 else self.buckets


def suitable(days: Days | None) -> Grain:
    """The grain that shows a span best: neither three points nor a thousand."""
    if days is None or days.length > MOST_WEEK_DAYS:
        return "month"
    return "day" if days.length <= MOST_DAYS else "week"


def trend(view: View, selection: Selection, grain: Grain | None = None) -> Trend:
    """Revenue of ``selection`` by ``grain``; by what suits the period if that is None."""
    about = view.vocabulary.about
    days = selection.lens.period.days(about)
    if days is None and about.first_day and about.last_day:
        days = Days(about.first_day, about.last_day)
    chosen = grain or suitable(days)
    key = ("trend", chosen, selection.meaning())
    return view.cached(key, lambda: _trend(view, selection, chosen, days))


def _trend(view: View, selection: Selection, grain: Grain, days: Days | None) -> Trend:
    if days is None or is_outside(days, view.vocabulary.about):
        return Trend(grain, days, ())
    held = known(view, selection)
    now, before = (
        _asked(view, selection, grain)
        if held is None
        else _added(view, selection, held, calendar(days, grain))
    )
    first_day, days_before = view.vocabulary.about.first_day, selection.spans()[1]
    compare = selection.lens.compare
    buckets = []
    for first, last in calendar(days, grain):
        begin = max(first, days.first)
        revenue, orders = now.get(first, NOTHING)
        is_known = False
        if days_before is not None and compare is not None and first_day is not None:
            is_known = _laid_over(begin, days, days_before, compare) >= first_day
        buckets.append(
            Bucket(
                first,
                last,
                (min(last, days.last) - begin).days + 1,
                revenue,
                orders,
                before.get(first, NOTHING)[0] if is_known else None,
            )
        )
    return Trend(grain, days, tuple(buckets), days_before)


def _added(
    view: View, selection: Selection, held: Held, buckets: Sequence[tuple[date, date]]
) -> tuple[Sums, Sums]:
    """Revenue and orders by bucket, now and before, from what the server holds."""
    firsts = [first for first, _ in buckets]
    now, *before = (
        dict(zip(firsts, _stepped(view, selection, held, *part), strict=True))
        for part in laid_out(selection, buckets)
    )
    return now, before[0] if before else {}


def laid_out(
    selection: Selection, buckets: Sequence[tuple[date, date]]
) -> list[tuple[Days | None, list[date]]]:
    """The days of the period, then the compared ones, and where in them each bucket begins."""
    firsts = [first for first, _ in buckets]
    days, days_before = selection.spans()
    compare = selection.lens.compare
    if days is None or days_before is None or compare is None:
        return [(days, firsts)]
    moved = [_laid_over(max(first, days.first), days, days_before, compare) for first in firsts]
    return [(days, firsts), (days_before, moved)]


def _stepped(
    view: View, selection: Selection, held: Held, days: Days | None, firsts: list[date]
) -> list[tuple[Decimal, int]]:
    """Revenue and orders from each first day on until the next one."""
    sums = held_sums.stepped(tallied(view, selection, held, days).daily, firsts)
    mixed = held_sums.taken(held.mixed, meant(view, selection), days)
    if len(mixed.customer):
        more = held_sums.by_day(mixed, firsts)
        sums = [(a + c, b + d) for (a, b), (c, d) in zip(sums, more, strict=True)]
    return sums


def _laid_over(day: date, days: Days, before: Days, compare: Compare) -> date:
    """The first of the compared days that is laid over ``day`` or over a later one.

    Over the period's first day it is the first of all, also where that has another date.
    """
    return before.first if day == days.first else earlier(day, days, before, compare)


def _asked(view: View, selection: Selection, grain: Grain) -> tuple[Sums, Sums]:
    """The same from a statement."""
    statement = selected(selection, view)
    rows = view.rows(_sql(statement, grain, selection.lens.compare), statement.parameters)
    sums: tuple[Sums, Sums] = ({}, {})
    for row in rows:
        measures = Decimal(str(row["revenue"])), int(str(row["orders"]))
        sums[bool(row["is_before"])][row["bucket"]] = measures  # type: ignore[index]
    return sums


def _sql(statement: Statement, grain: Grain, compare: Compare | None) -> str:
    """Revenue and orders by bucket; the compared lines are moved onto the period's days."""
    one = """
    select
        cast(date_trunc('{grain}', {day}) as date) as bucket,
        sum(revenue) as revenue,
        count(*) filter (where has_purchase and is_whole)
            + count(distinct order_key) filter (where has_purchase and not is_whole) as orders,
        {before} as is_before
    from lines{suffix}
    where purchased_on is not null
    group by 1"""
    parts = [one.format(grain=grain, day="purchased_on", before="false", suffix="")]
    day = moved_day(statement, compare)
    if day is not None:
        parts.append(one.format(grain=grain, day=day, before="true", suffix="_before"))
    return f"{statement.ctes}\n{' union all '.join(parts)}"


def moved_day(statement: Statement, compare: Compare | None) -> str | None:
    """SQL of the day of the period that a compared line is laid over; None without a comparison."""
    days, before = statement.days, statement.days_before
    if not statement.has_before or days is None or before is None:
        return None
    # By the calendar, not by 365 days: a leap day would move all that follow.
    by = "interval 1 year" if compare == "year" else f"{(days.first - before.first).days:d}"
    # A period that begins on 29 February is compared from the 28th on, whose own date is before it.
    return f"greatest(cast(purchased_on + {by} as date), date '{days.first.isoformat()}')"


@lru_cache(maxsize=32)
def calendar(days: Days, grain: Grain) -> tuple[tuple[date, date], ...]:
    """First and last day of every bucket that ``days`` touch."""
    first = start_of(days.first, grain)
    found = []
    while first <= days.last:
        following = _next(first, grain)
        found.append((first, following - timedelta(days=1)))
        first = following
    return tuple(found)


def start_of(day: date, grain: Grain) -> date:
    """First day of the bucket that ``day`` lies in."""
    if grain == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if grain == "month" else day


def _next(first: date, grain: Grain) -> date:
    if grain == "month":
        return (first + timedelta(days=32)).replace(day=1)
    return first + timedelta(days=7 if grain == "week" else 1)
