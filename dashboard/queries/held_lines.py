"""Purchase lines in memory: what any selection spent on each value of a dimension.

A group of customers is answered from sums by month (:mod:`dashboard.queries.cube`); ranges, areas
of the map and days of a month are not in them. Here a line is a customer, cents and one small
number a dimension, so that adding them up is counting.
"""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from dashboard.period import Days
from dashboard.queries.held_arrays import EXACT, NEVER, Columns, counted
from dashboard.queries.held_calendar import Calendar, Cells, Flags, Ints, Places, by_group
from dashboard.queries.held_pieces import SO_FAR, Pieces, room
from dashboard.queries.held_threads import through
from dashboard.queries.held_whole import Whole

if TYPE_CHECKING:
    from dashboard.reader import View

MOST_TABS: Final = 3
MOST_TOTALS: Final = 1 << 20  # days times values, 8 bytes each
VALUES_A_LINE: Final = 4  # sums of a customer that are added up as fast as a line
LINES_A_CELL: Final = 8  # from so many on they are added up faster where they stand
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
    totals : of each dimension sums of everybody by day and value; only of one whose values times
        days are not too many.
    there : of each dimension which values have a line at all.
    cells : of the first dimension, in whose order the lines of a day stand; None where its cells
        have few lines each.
    whole : cents of all days by customer and value of the first dimension; None where that is
        larger than the lines, or not exact.
    """

    calendar: Calendar
    customer: Ints
    cents: Ints
    values: dict[str, tuple[npt.NDArray[Any], Places]]
    totals: dict[str, Ints]
    there: dict[str, Flags]
    cells: Cells | None
    whole: Whole | None

    def n_to_add(self, dimension: str, chosen: Flags, days: Days | None) -> int:
        """How many lines have to be gone through for :meth:`spent`."""
        if dimension in self.totals and chosen[1:].all():
            return 0
        first, behind = self.calendar.within(days)
        if (whole := self._of_customers(dimension, (first, behind))) is not None:
            return counted(chosen) * whole.shape[1] // VALUES_A_LINE
        return int(self.calendar.starts[behind] - self.calendar.starts[first])

    def spent(self, dimension: str, chosen: Flags, days: Days | None) -> tuple[Ints, Flags]:
        """Cents by value, and which of the values have a line at all."""
        span = self.calendar.within(days)
        whose = None if chosen[1:].all() else chosen
        if whose is None and dimension in self.totals:
            cents = self.totals[dimension][span[0] : span[1]].sum(axis=0)
        elif (whole := self._of_customers(dimension, span)) is not None:
            return whole.of(np.flatnonzero(chosen))
        else:
            parts = through(
                self.calendar.pieces(*span), partial(self._added, dimension, whose=whose)
            )
            cents = sum(parts, np.zeros(len(self.values[dimension][0]), np.int64))
        seen = cents != 0
        if not seen.all():
            seen |= self._seen(dimension, span, whose, ~seen)
        return cents, seen

    def _of_customers(self, dimension: str, span: tuple[int, int]) -> Whole | None:
        """Sums by customer and value, where they are those of these days."""
        is_whole = span == (0, len(self.calendar.days))
        return self.whole if is_whole and dimension == next(iter(self.values)) else None

    def _added(self, dimension: str, first: int, behind: int, *, whose: Flags | None) -> Ints:
        """Cents by value of the lines of some days."""
        rows = slice(self.calendar.starts[first], self.calendar.starts[behind])
        cents = self.cents[rows]
        if whose is not None:
            cents = cents * whose.take(self.customer[rows])
        if self.cells is not None and dimension == next(iter(self.values)):
            return self.cells.by_group(first, behind, cents)
        names, places = self.values[dimension]
        return np.bincount(places[rows], cents, len(names)).astype(np.int64)

    def _seen(
        self, dimension: str, span: tuple[int, int], whose: Flags | None, among: Flags
    ) -> Flags:
        """Which of some values have a line within some days; they are few, or have few lines."""
        places, found = self.values[dimension][1], np.zeros(len(among), np.bool_)
        wanted = among & self.there[dimension]
        if not wanted.any():
            return found
        for first, behind in self.calendar.pieces(*span):
            rows = slice(self.calendar.starts[first], self.calendar.starts[behind])
            mine = np.flatnonzero(wanted.take(places[rows]))
            if whose is not None:
                mine = mine[whose.take(self.customer[rows].take(mine))]
            found[places[rows].take(mine)] = True
        return found


def rankable(view: "View") -> list[str]:
    """Purchase dimensions worth a tab: with more than one value, or they tell nothing."""
    keys = view.vocabulary.keys
    return [name for name in DIMENSIONS if name in keys and len(keys[name].choices) > 1][:MOST_TABS]


def read_lines(view: "View", dimensions: list[str]) -> Lines | None:
    """Lines of a generation with some dimensions; None where these or their days are too many."""
    if not view.vocabulary.about.has_transactions:
        return None
    names = {name: _names(view, name) for name in dimensions}
    names = {name: known for name, known in names.items() if len(known) <= MOST_VALUES}
    types = {name: np.min_scalar_type(len(known)) for name, known in names.items()}
    pieces = Pieces.of(view, "marts.purchases", "amount", f"customer_key is not null and {SO_FAR}")
    types |= {"customer": np.dtype(np.int32), "cents": np.dtype(pieces.cents_type)}
    n_bytes = pieces.n_rows * sum(each.itemsize for each in types.values())
    if pieces.total >= EXACT or pieces.n_days >= NEVER or n_bytes > room():
        return None
    columns = {name: np.empty(pieces.n_rows, each) for name, each in types.items()}
    group = next(iter(names), "")
    shape = view.vocabulary.about.n_customers + 1, len(names.get(group, ())) + 1
    whole = Whole.within(min(n_bytes, room() - n_bytes), shape)
    calendars, cells, first = [], [], 0
    for rows in pieces.read(view, *_sql(list(names)), _bound(names)):
        calendar = Calendar.of(rows["day"])
        behind = first + len(rows["day"])
        in_order = by_group(calendar, rows[next(iter(names))]) if names else slice(None)
        for name, column in columns.items():
            column[first:behind] = rows[name][in_order]
        calendars.append(calendar)
        if names:
            cells.append(Cells.of(calendar, columns[group][first:behind], shape[1]))
            if whole is not None:
                whole.add(*(columns[name][first:behind] for name in ("customer", group, "cents")))
        first = behind
    return _lines(
        columns, {name: [None, *known] for name, known in names.items()}, calendars, cells, whole
    )


def _lines(
    columns: Columns,
    names: dict[str, list[str | None]],
    calendars: list[Calendar],
    parts: list[Cells],
    whole: Whole | None,
) -> Lines:
    calendar, cells = Calendar.joined(calendars), None
    if parts:
        cells = Cells.joined(parts, [len(each.days) for each in calendars], parts[0].n_groups)
    is_dense = cells is not None and len(cells.which) * LINES_A_CELL <= len(columns["cents"])
    small = [
        name for name, known in names.items() if len(known) * len(calendar.days) <= MOST_TOTALS
    ]
    return Lines(
        calendar,
        columns["customer"],
        columns["cents"],
        {name: (np.array(known, object), columns[name]) for name, known in names.items()},
        {name: _totals(calendar, columns, name, len(names[name])) for name in small},
        {name: np.bincount(columns[name], minlength=len(names[name])) > 0 for name in names},
        cells if is_dense else None,
        whole if parts and whole is not None and whole.is_exact else None,
    )


def _totals(calendar: Calendar, columns: Columns, name: str, n_values: int) -> Ints:
    """Cents by day and value."""
    found = np.zeros((len(calendar.days), n_values), np.int64)
    for first, behind in calendar.pieces(0, len(calendar.days)):
        starts = calendar.starts[first : behind + 1]
        rows = slice(starts[0], starts[-1])
        keys = (
            np.repeat(np.arange(behind - first) * n_values, np.diff(starts)) + columns[name][rows]
        )
        sums = np.bincount(keys, columns["cents"][rows], (behind - first) * n_values)
        found[first:behind] = sums.reshape(-1, n_values)
    return found


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
