"""Which points of a line on the wall are withheld: those of few customers, and what tells of them.

The sum over a whole line stands on the wall too. So where all that is missing in it holds fewer
than ten customers, the smallest point of the others is withheld beside it: the sum less what is
shown is then never theirs alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dashboard.queries.held import known, meant
from dashboard.queries.held_tally import present
from dashboard.queries.selected import selected
from dashboard.queries.trend import Bucket, Grain, Trend, calendar, laid_out, moved_day, trend
from dashboard.selection import Selection

if TYPE_CHECKING:
    from dashboard.queries.held_arrays import Held
    from dashboard.reader import View

FEWEST: Final = 10  # customers behind a number on the wall
WITHHELD: Final = f"fewer than {FEWEST} customers"
BESIDE: Final = f"would tell of {WITHHELD}"
Counts = Mapping[tuple[date, bool], int]  # customers by bucket and whether it is of the comparison


_BETWEEN: Final = """
    select count(distinct lines.customer_key) as customers
    from lines
    asof join (select unnest($firsts::date[]) as first) as edges
        on lines.purchased_on >= edges.first
    group by edges.first"""


class Point(NamedTuple):
    """A bucket of the trend: its customers, and whether the wall leaves it out."""

    first: date
    customers: int
    is_missing: bool


def withheld(counts: Sequence[int], missing: Iterable[int] = ()) -> frozenset[int]:
    """Places of the parts that may not be shown.

    Parameters
    ----------
    counts : customers behind each part; one of nobody tells of nobody.
    missing : places that are not shown anyway.
    """
    found = {*missing, *(at for at, n in enumerate(counts) if 0 < n < FEWEST)}
    most = max((counts[at] for at in found), default=0)
    if 0 < most < FEWEST:
        # One of ten or more is enough: whom several small ones share does not matter then.
        others = [at for at, n in enumerate(counts) if n and at not in found]
        found |= set(sorted(others, key=lambda at: counts[at])[:1])
    return frozenset(found)


def points(view: "View", selection: Selection, *, is_before: bool = False) -> list[Point]:
    """All buckets of the wall's trend, or of what it is compared with, in order."""
    found = trend(view, selection)
    counts = customers(view, selection, found)
    drawn = {bucket.first for bucket in found.drawn()}
    sizes = [_size(bucket, counts, is_before=is_before) for bucket in found.buckets]
    left_out = (at for at, bucket in enumerate(found.buckets) if bucket.first not in drawn)
    missing = withheld(sizes, left_out)
    return [
        Point(bucket.first, n, at in missing)
        for at, (bucket, n) in enumerate(zip(found.buckets, sizes, strict=True))
    ]


def _size(bucket: Bucket, counts: Counts, *, is_before: bool) -> int:
    if is_before and bucket.before is None:
        return 0  # the data had not begun, and no sum is told
    return counts.get((bucket.first, is_before), 0)


def telling(of: Sequence[Point], edges: Sequence[date], sizes: Sequence[int]) -> set[int]:
    """Places of a sparkline's parts from which the points that the trend withholds could be told.

    Between two edges that both lines share, the parts less the points are what is missing there.
    For lines that share few edges see :func:`crossing`.

    Parameters
    ----------
    edges : first day of each part, and the day behind the last.
    sizes : customers behind each part.
    """
    begins = [max(point.first, edges[0]) for point in of] if edges else []
    ends = {0, len(edges) - 1}
    shared = [at for at, edge in enumerate(edges) if at in ends or edge in begins]
    found: set[int] = set()
    is_told = False
    for first, behind in pairwise(shared):
        inside = [
            point
            for point, begin in zip(of, begins, strict=True)
            if edges[first] <= begin < edges[behind] and point.customers
        ]
        most = max((point.customers for point in inside if point.is_missing), default=0)
        if not most:
            continue
        is_whole = all(point.is_missing for point in inside)  # what is missing is the parts
        if most < FEWEST and is_whole and max(sizes[first:behind]) >= FEWEST:
            continue
        is_told |= most < FEWEST
        found |= set(range(first, behind))
    return found if is_told else set()


def crossing(of: Sequence[Point], edges: Sequence[date]) -> list[date]:
    """First days of what two lines tell together, where neither is the finer one.

    Each line tells the sum up to each of its edges. So where weeks and parts of eight days lie
    across each other, the days between an edge of one and an edge of the other are told too.
    """
    if not edges:
        return []
    begins, starts = {max(point.first, edges[0]) for point in of}, set(edges[:-1])
    return [] if begins <= starts or starts <= begins else sorted(begins | starts)


def is_telling_between(view: "View", selection: Selection, firsts: Sequence[date]) -> bool:
    """Whether few customers bought from one of these days on until the next one."""

    def ask() -> list[int]:
        held = known(view, selection)
        if held is not None:
            days = selection.lens.period.days(view.vocabulary.about)
            return present(held, meant(view, selection), days, firsts)
        what = selected(selection, view)
        sql = f"{what.ctes}\n{_BETWEEN}"
        rows = view.rows(sql, what.parameters | {"firsts": list(firsts)})
        return [int(str(row["customers"])) for row in rows]

    key = ("wall-between", tuple(firsts), selection.meaning())
    return any(0 < n < FEWEST for n in view.cached(key, ask))


def customers(view: "View", selection: Selection, found: Trend) -> Counts:
    """Customers behind each bucket of the trend."""

    def ask() -> Counts:
        held = known(view, selection)
        if held is not None and found.days is not None:
            return _counted(view, selection, held, calendar(found.days, found.grain))
        what = selected(selection, view)
        parts = [_count_sql(found.grain, "purchased_on", "false", "")]
        day = moved_day(what, selection.lens.compare)
        if day is not None:
            parts.append(_count_sql(found.grain, day, "true", "_before"))
        rows: list[dict[str, Any]] = view.rows(
            f"{what.ctes}\n{' union all '.join(parts)}", what.parameters
        )
        return {(row["bucket"], row["is_before"]): row["customers"] for row in rows}

    return view.cached(("wall-counts", found.grain, selection.meaning()), ask)


def _counted(
    view: "View", selection: Selection, held: "Held", buckets: Sequence[tuple[date, date]]
) -> Counts:
    """The same from what the server holds."""
    chosen = meant(view, selection)
    return {
        (bucket[0], bool(is_before)): n
        for is_before, part in enumerate(laid_out(selection, buckets))
        for bucket, n in zip(buckets, present(held, chosen, *part), strict=True)
    }


def _count_sql(grain: Grain, day: str, is_before: str, suffix: str) -> str:
    return f"""
    select
        cast(date_trunc('{grain}', {day}) as date) as bucket,
        {is_before} as is_before,
        count(distinct customer_key) as customers
    from lines{suffix}
    where purchased_on is not null
    group by 1"""
