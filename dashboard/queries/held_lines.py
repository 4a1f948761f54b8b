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
from dashboard.queries.held_arrays import Calendar, Flags, Ints, Places, Reals
from dashboard.queries.held_pieces import SO_FAR, Pieces, room

if TYPE_CHECKING:
    from dashboard.reader import View

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
    if not view.vocabulary.about.has_transactions:
        return None
    names = {name: _names(view, name) for name in dimensions}
    names = {name: known for name, known in names.items() if len(known) <= MOST_VALUES}
    types = {name: np.min_scalar_type(len(known)) for name, known in names.items()}
    pieces = Pieces.of(view, "marts.purchases", "amount", f"customer_key is not null and {SO_FAR}")
    columns = {
        "customer": np.empty(pieces.n_rows, np.int32),
        "cents": np.empty(pieces.n_rows, pieces.cents_type),
        **{name: np.empty(pieces.n_rows, types[name]) for name in names},
    }
    if sum(column.nbytes for column in columns.values()) > room():
        return None
    calendars, first = [], 0
    for rows in pieces.read(view, *_sql(list(names)), values=_bound(names)):
        calendar = Calendar.of(rows["day"])
        calendars.append(Calendar(calendar.days, calendar.starts + first))
        behind = first + len(rows["day"])
        for name, column in columns.items():
            column[first:behind] = rows[name]
        first = behind
    return Lines(
        Calendar.joined(calendars, first),
        columns["customer"],
        columns["cents"],
        {name: (np.array([None, *known], object), columns[name]) for name, known in names.items()},
    )


def _sql(names: list[str]) -> tuple[str, str]:
    """Columns of the lines, and the joins that number their values."""
    columns = "".join(
        f", coalesce(of_{n}.place, 0)::usmallint as {name}" for n, name in enumerate(names)
    )
    joins = [
        f"left join (select unnest($v_{n}::varchar[]) as value,"
        f" unnest(range(1, len($v_{n}::varchar[]) + 1)) as place) as of_{n}"
        f" on lines.{name} = of_{n}.value"
        for n, name in enumerate(names)
    ]
    own = "customer_key as customer, cast(amount * 100 as bigint) as cents"
    return own + columns, "\n".join(joins)


def _bound(names: dict[str, list[str]]) -> dict[str, object]:
    return {f"v_{n}": known for n, known in enumerate(names.values())}


def _names(view: "View", dimension: str) -> list[str]:
    """Values of a dimension."""
    rows = view.rows(
        "select value from marts.dimensions where dimension = $dimension order by value limit $n",
        {"dimension": dimension, "n": MOST_VALUES + 1},
    )
    return [str(row["value"]) for row in rows]
