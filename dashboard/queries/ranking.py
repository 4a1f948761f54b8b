"""What a selection spends its money on: the largest values of one purchase dimension."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import numpy as np

from dashboard.period import Days, reaches_back
from dashboard.queries.cube import is_known, spent
from dashboard.queries.held import known_lines, meant
from dashboard.queries.held_arrays import Columns
from dashboard.queries.held_calendar import Flags
from dashboard.queries.held_lines import Lines
from dashboard.queries.held_sums import money
from dashboard.queries.selected import selected
from dashboard.reader import View
from dashboard.selection import Selection

AS_MANY: Final = 2_000_000  # lines that take as long as the sums by month


@dataclass(frozen=True)
class Rank:
    """One value; ``slug`` and ``title`` are None for everything beyond the listed ones."""

    slug: str | None
    title: str | None
    revenue: Decimal
    before: Decimal | None


def ranking(view: View, selection: Selection, dimension: str, most: int = 7) -> list[Rank]:
    """The ``most`` values of ``dimension`` with the highest revenue, then the rest as one.

    Lines without a value belong to the rest. Revenues add up to the selection's revenue.
    """
    key = ("ranking", dimension, most, selection.meaning())
    return view.cached(key, lambda: _ranking(view, selection, dimension, most))


def _ranking(view: View, selection: Selection, dimension: str, most: int) -> list[Rank]:
    has_before = reaches_back(*selection.spans(), view.vocabulary.about)
    found = _found(view, selection, dimension, has_before)
    listed = _largest(found, most)
    by_value = view.vocabulary.keys[dimension].by_value
    ranks = []
    for place in listed:
        choice = by_value[str(found["value"][place])]
        now, before = money(found["now"][place]), money(found["before"][place])
        ranks.append(Rank(choice.slug, choice.title, now, before if has_before else None))
    if len(listed) < len(found["value"]):
        now, before = (money(np.delete(found[name], listed).sum()) for name in ("now", "before"))
        ranks.append(Rank(None, None, now, before if has_before else None))
    return ranks


def _found(view: View, selection: Selection, dimension: str, has_before: bool) -> Columns:
    """Cents now and before by value, from wherever it is the least work."""
    days, days_before = selection.spans()
    lines = known_lines(view, selection, dimension)
    if lines is not None:
        before, chosen = days_before if has_before else None, meant(view, selection)
        spans = [days] if before is None else [days, before]
        n_lines = sum(lines.n_to_add(dimension, chosen, span) for span in spans)
        if n_lines <= AS_MANY or not is_known(view, selection, dimension):
            return _added(lines, dimension, chosen, days, before)
    statement = spent(view, selection, dimension) or selected(selection, view, (dimension,))
    return view.arrays(statement.ctes + _sql(dimension, has_before), statement.parameters)


def _added(
    lines: Lines, dimension: str, chosen: Flags, days: Days | None, days_before: Days | None
) -> Columns:
    """The same from the lines in memory."""
    now, there = lines.spent(dimension, chosen, days)
    before = np.zeros_like(now)
    if days_before is not None:
        before, there_before = lines.spent(dimension, chosen, days_before)
        there = there | there_before
    names = lines.values[dimension][0]
    is_named = np.arange(len(names)) > 0
    columns = {"value": names, "is_named": is_named, "now": now, "before": before}
    return {name: column[there] for name, column in columns.items()}


def _largest(found: Columns, most: int) -> list[int]:
    """Places of the ``most`` largest values, the largest first; equals by their name."""
    named = np.flatnonzero(found["is_named"])
    if len(named) > most:
        now = found["now"][named]
        named = named[now >= np.partition(now, -most)[-most]]
    in_order = sorted(named, key=lambda place: (-found["now"][place], found["value"][place]))
    return [int(place) for place in in_order[:most]]


def _sql(dimension: str, has_before: bool) -> str:
    """Cents by value; also of what sold only in the compared days."""
    cents = "cast(coalesce(sum({}), 0) * 100 as bigint)::double"
    earlier = ""
    if has_before:
        earlier = f"union all select {dimension}, null, revenue from lines_before"
    return f"""
        select
            coalesce({dimension}, '') as value,
            {dimension} is not null as is_named,
            {cents.format("now")} as now,
            {cents.format("before")} as before
        from (
            select {dimension}, revenue as now, null::decimal(18, 2) as before from lines
            {earlier}
        )
        group by {dimension}"""
