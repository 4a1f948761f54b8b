"""What a selection spends its money on: the largest values of one purchase dimension."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from dashboard.period import reaches_back
from dashboard.queries.cube import spent
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
    rows = view.rows(
        statement.ctes
        + _sql(
            dimension,
            has_before=reaches_back(statement.days, statement.days_before, view.vocabulary.about),
        ),
        {**statement.parameters, "most": most},
    )
    by_value = view.vocabulary.keys[dimension].by_value
    ranks = []
    for row in rows:
        choice = by_value.get(str(row["value"])) if row["value"] is not None else None
        ranks.append(
            Rank(
                choice.slug if choice else None,
                choice.title if choice else None,
                Decimal(str(row["revenue"])),
                None if row["before"] is None else Decimal(str(row["before"])),
            )
        )
    return ranks


def _sql(dimension: str, *, has_before: bool) -> str:
    """Revenue by value, the largest ``$most`` by name; NULL gathers the rest."""
    earlier, before, join = "", "null", ""
    if has_before:
        earlier = f""",
        earlier as (
            select {dimension} as value, sum(revenue) as revenue
            from lines_before
            group by {dimension}
        )"""
        before = "sum(coalesce(earlier.revenue, 0))"
        join = "left join earlier on ranked.value is not distinct from earlier.value"
    return f""",
        now as (
            select {dimension} as value, sum(revenue) as revenue from lines group by {dimension}
        ){earlier},
        ranked as (
            select
                value,
                revenue,
                row_number() over (order by value is null, revenue desc, value) as place
            from now
        ),
        summed as (
            select
                case when ranked.place <= $most then ranked.value end as value,
                sum(ranked.revenue) as revenue,
                {before} as before
            from ranked
            {join}
            group by all
        )
        select value, revenue, before from summed order by value is null, revenue desc, value"""
