"""Revenue over time: the selection by day, week or month, and the compared days laid over them."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, Literal

from dashboard.period import Days
from dashboard.queries.selected import Statement, selected
from dashboard.reader import View
from dashboard.selection import Selection

Grain = Literal["day", "week", "month"]
GRAINS: Final[tuple[Grain, ...]] = ("day", "week", "month")
# A span of at most so many days is shown by day, by week; longer ones by month.
MOST_DAYS: Final = 45
MOST_WEEK_DAYS: Final = 800


@dataclass(frozen=True)
class Bucket:
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
    buckets : in order, without gaps; no sale is a revenue of 0.
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
    if days is None:
        return Trend(grain, None, ())
    statement = selected(selection, view)
    rows = view.rows(_sql(statement, grain), statement.parameters)
    now = {row["bucket"]: row for row in rows if not row["is_before"]}
    before = {row["bucket"]: row for row in rows if row["is_before"]}
    begins = _comparable_from(statement, view)
    buckets = []
    for first, last in calendar(days, grain):
        row = now.get(first, {})
        earlier = before.get(first, {}).get("revenue", 0)
        is_known = begins is not None and max(first, days.first) >= begins
        buckets.append(
            Bucket(
                first,
                last,
                (min(last, days.last) - max(first, days.first)).days + 1,
                Decimal(str(row.get("revenue", 0))),
                int(str(row.get("orders", 0))),
                Decimal(str(earlier)) if is_known else None,
            )
        )
    return Trend(grain, days, tuple(buckets), statement.days_before)


def _comparable_from(statement: Statement, view: View) -> date | None:
    """First day of the period whose compared day lies within the data; None without any."""
    first_day = view.vocabulary.about.first_day
    if not statement.days or not statement.days_before or first_day is None:
        return None
    return first_day + (statement.days.first - statement.days_before.first)


def reaches_back(statement: Statement, view: View) -> bool:
    """Whether the data hold all of the compared days; a change against less would be false."""
    begins = _comparable_from(statement, view)
    return begins is not None and statement.days is not None and begins <= statement.days.first


def _sql(statement: Statement, grain: Grain) -> str:
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
    if statement.has_before and statement.days and statement.days_before:
        shift = (statement.days.first - statement.days_before.first).days
        # A leap day may push the last day of a year earlier beyond the period's end.
        end = statement.days.last.isoformat()
        day = f"least(purchased_on + {shift:d}, date '{end}')"
        parts.append(one.format(grain=grain, day=day, before="true", suffix="_before"))
    return f"{statement.ctes}\n{' union all '.join(parts)}"


def calendar(days: Days, grain: Grain) -> list[tuple[date, date]]:
    """First and last day of every bucket that ``days`` touch."""
    first = start_of(days.first, grain)
    found = []
    while first <= days.last:
        following = _next(first, grain)
        found.append((first, following - timedelta(days=1)))
        first = following
    return found


def start_of(day: date, grain: Grain) -> date:
    """First day of the bucket that ``day`` lies in."""
    if grain == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if grain == "month" else day


def _next(first: date, grain: Grain) -> date:
    if grain == "month":
        return (first + timedelta(days=32)).replace(day=1)
    return first + timedelta(days=7 if grain == "week" else 1)
