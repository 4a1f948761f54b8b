"""What a selection spends its money on: the largest values of one purchase dimension."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import numpy as np

from dashboard.period import reaches_back
from dashboard.queries.cube import spent
from dashboard.queries.held_sums import money
from dashboard.queries.selected import selected
from dashboard.reader import View
from dashboard.selection import Selection

# The dimensions worth a panel, the most telling first.
DIMENSIONS: Final = (
    "category", "merchant", "product", "city", "country", "payment_method", "channel",
)  # fmt: skip


@dataclass(frozen=True)
class Rank:
    """One value; ``slug`` and ``title`` are None for everything beyond the listed ones."""

    slug: str | None
    title: str | None
    revenue: Decimal
    before: Decimal | None


def rankable(view: View) -> list[str]:
    """Purchase dimensions with more than one value, which alone tell anything."""
    keys = view.vocabulary.keys
    return [name for name in DIMENSIONS if name in keys and len(keys[name].choices) > 1]


def ranking(view: View, selection: Selection, dimension: str, most: int = 7) -> list[Rank]:
    """The ``most`` values of ``dimension`` with the highest revenue, then the rest as one.

    Lines without a value belong to the rest. Revenues add up to the selection's revenue.
    """
    key = ("ranking", dimension, most, selection.meaning())
    return view.cached(key, lambda: _ranking(view, selection, dimension, most))


def _ranking(view: View, selection: Selection, dimension: str, most: int) -> list[Rank]:
    statement = spent(view, selection, dimension) or selected(selection, view, (dimension,))
    has_before = reaches_back(statement.days, statement.days_before, view.vocabulary.about)
    found = view.arrays(statement.ctes + _sql(dimension, has_before), statement.parameters)
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


def _largest(found: "dict[str, Any]", most: int) -> list[int]:
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
