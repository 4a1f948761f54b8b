"""What a selection spends its money on: the largest values of one purchase dimension."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from dashboard.queries.selected import selected
from dashboard.queries.trend import reaches_back
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
    statement = selected(selection, view, (dimension,))
    before = ""
    if reaches_back(statement, view):
        before = f""",
        earlier as (
            select {dimension} as value, sum(revenue) as revenue
            from lines_before
            group by {dimension}
        )"""
    rows = view.rows(
        f"""{statement.ctes},
        now as (
            select {dimension} as value, sum(revenue) as revenue
            from lines
            group by {dimension}
        ){before},
        ranked as (
            select
                value,
                revenue,
                case when value is not null
                    then row_number() over (order by value is null, revenue desc, value)
                end as place
            from now
        ),
        kept as (
            select
                value as source,
                case when place <= $most then value end as value,
                revenue
            from ranked
        )
        select
            kept.value,
            sum(kept.revenue) as revenue
            {", sum(coalesce(earlier.revenue, 0)) as before" if before else ", null as before"}
        from kept
        {"left join earlier on kept.source is not distinct from earlier.value" if before else ""}
        group by kept.value
        order by kept.value is null, revenue desc, kept.value
        """,
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
