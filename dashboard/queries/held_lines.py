"""Purchase lines in memory: what any selection spent on each value of a dimension.

A group of customers is answered from sums by month (:mod:`dashboard.queries.cube`); ranges, areas
of the map and days of a month are not in them. Here a line is a customer, cents and one small
number a dimension, so that adding them up is counting.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from dashboard.period import Days
from dashboard.queries.held_arrays import Calendar, Flags, Ints, Places, Reals, in_order, narrow

if TYPE_CHECKING:
    from dashboard.reader import View

MOST_LINES: Final = 20_000_000  # 8 bytes each, and 1 or 2 for each dimension; of more, statements
MOST_TABS: Final = 3
MOST_VALUES: Final = 20_000  # a dimension with more of them is left to the statements


# The dimensions worth a panel, the most telling first.
DIMENSIONS: Final = (
    "category", "merchant", "product", "city", "country", "payment_method", "channel",
)  # fmt: skip


@dataclass(frozen=True)
class Lines:
    """Purchase lines that have a customer, in the order of their days, undated ones last.

    Parameters
    ----------
    calendar : of the lines.
    customer : key.
    cents : refunds are negative.
    values : of each dimension its values, the missing one first, and the place of each line's.
    """

    calendar: Calendar
    customer: Ints
    cents: Ints
    values: dict[str, tuple[npt.NDArray[Any], Places]]

    def n_within(self, days: Days | None) -> int:
        """How many lines there are within some days."""
        first, behind = self.calendar.within(days)
        return int(self.calendar.starts[behind] - self.calendar.starts[first])

    def spent(self, dimension: str, chosen: Flags, days: Days | None) -> tuple[Reals, Flags]:
        """Cents by value, and which of the values have a line at all."""
        names, places = self.values[dimension]
        everybody = bool(chosen[1:].all())
        cents, seen = np.zeros(len(names)), np.zeros(len(names), np.bool_)
        first, behind = self.calendar.within(days)
        starts = self.calendar.starts
        for begin, end in self.calendar.pieces(first, behind):
            rows = slice(starts[begin], starts[end])
            mine, amounts = places[rows], self.cents[rows]
            if not everybody:
                whose = np.flatnonzero(chosen.take(self.customer[rows]))
                mine, amounts = mine.take(whose), amounts.take(whose)
            cents += np.bincount(mine, amounts, len(names))
            if not seen.all():
                seen[mine] = True
        return cents, seen


def rankable(view: "View") -> list[str]:
    """Purchase dimensions worth a tab: with more than one value, or they tell nothing."""
    keys = view.vocabulary.keys
    return [name for name in DIMENSIONS if name in keys and len(keys[name].choices) > 1][:MOST_TABS]


def read_lines(view: "View", dimensions: list[str]) -> Lines | None:
    """The lines of a generation with some dimensions; None where there are too many."""
    about = view.vocabulary.about
    if not about.has_transactions or about.n_transactions > MOST_LINES:
        return None
    names = {name: _names(view, name) for name in dimensions}
    names = {name: known for name, known in names.items() if len(known) <= MOST_VALUES}
    joins = [
        f"left join (select unnest($v_{n}::varchar[]) as value, unnest(range(1, {len(known) + 1}))"
        f" as place) as of_{n} on lines.{name} = of_{n}.value"
        for n, (name, known) in enumerate(names.items())
    ]
    columns = "".join(
        f", coalesce(of_{n}.place, 0)::{'utinyint' if len(known) < 256 else 'usmallint'} as {name}"
        for n, (name, known) in enumerate(names.items())
    )
    found = in_order(
        view.arrays(
            f"""
            select
                lines.customer_key as customer,
                coalesce(lines.purchased_on - date '1970-01-01', 2147483647)::integer as day,
                cast(lines.amount * 100 as bigint) as cents
                {columns}
            from marts.purchases as lines
            {" ".join(joins)}
            where
                lines.customer_key is not null
                and (
                    $last_day::date is null
                    or lines.purchased_on is null
                    or lines.purchased_on <= $last_day
                )
            """,
            {"last_day": about.last_day} | {f"v_{n}": of for n, of in enumerate(names.values())},
        )
    )
    return Lines(
        Calendar.of(found["day"]),
        found["customer"],
        narrow(found["cents"]),
        {name: (np.array([None, *known], object), found[name]) for name, known in names.items()},
    )


def _names(view: "View", dimension: str) -> list[str]:
    """Values of a dimension."""
    rows = view.rows(
        "select value from marts.dimensions where dimension = $dimension order by value limit $n",
        {"dimension": dimension, "n": MOST_VALUES + 1},
    )
    return [str(row["value"]) for row in rows]
