"""What a selection spent by the values of a dimension, from sums by month instead of from lines.

The cube knows a customer's persona and bands and whole months. A selection that asks for more
(search, ranges, the map, purchase filters) is answered from the lines, and so are the days of a
period that are not a whole month. The numbers are the same to the cent.
"""

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

import duckdb

from dashboard.period import Days
from dashboard.queries.selected import Compiler, Statement
from dashboard.selection import Selection

if TYPE_CHECKING:
    from dashboard.reader import View

KNOWN: Final = frozenset({"persona", "risk_band", "churn_band", "value_band"})


def spent(view: "View", selection: Selection, dimension: str) -> Statement | None:
    """``lines`` and ``lines_before`` with ``dimension`` and revenue; None where lines must do."""
    if not is_known(view, selection, dimension):
        return None
    days, before = selection.spans()
    compiler = Compiler(selection, view.vocabulary, (dimension,))
    steps = [_lines(compiler, dimension, days, "")]
    if before is not None:
        steps.append(_lines(compiler, dimension, before, "_before"))
    if selection.narrows_who and days is not None:
        steps.insert(0, f"who as (\n    {compiler.who()}\n)")
    return Statement("with " + ",\n".join(steps), compiler.values, before is not None, days, before)


def is_known(view: "View", selection: Selection, dimension: str) -> bool:
    """Whether the cube can say it."""
    lens, days = selection.lens, selection.spans()[0]
    asks_more = selection.q or selection.box or selection.lasso or lens.filters or lens.totals
    if asks_more or any(condition.key not in KNOWN for condition in selection.who):
        return False
    if view.vocabulary.about.n_later:  # its months may hold lines of the future
        return False
    if days is not None and whole_months(days) is None:
        return False
    return dimension in _dimensions(view)


def whole_months(days: Days) -> tuple[date, date] | None:
    """First day of the first and of the month behind the last whole month; None without one."""
    begin, end = _month_from(days.first), (days.last + timedelta(days=1)).replace(day=1)
    return (begin, end) if begin < end else None


def _month_from(day: date) -> date:
    """The first of a month that ``day`` is, or the next one."""
    return day if day.day == 1 else (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _dimensions(view: "View") -> frozenset[str]:
    """What the cube holds; nothing in a generation of an older build."""

    def ask() -> frozenset[str]:
        try:
            rows = view.rows("select distinct dimension from marts.spending_cube")
        except duckdb.CatalogException:
            return frozenset()
        return frozenset(str(row["dimension"]) for row in rows)

    return view.fact("dimensions of the cube", ask)


def _lines(compiler: Compiler, dimension: str, days: Days | None, suffix: str) -> str:
    """One step: whole months from the cube, the days around them from the lines."""
    tests = [f"customers.dimension = {compiler.bind(dimension)}"]
    tests += compiler.all_of(compiler.selection.who)
    months = whole_months(days) if days is not None else None
    if months is not None:
        first, behind = map(compiler.bind, months)
        tests.append(f"customers.month >= {first} and customers.month < {behind}")
    elif days is not None:
        tests.append("false")
    # Named like marts.customers, so that conditions on persona and bands read the same.
    parts = [
        f"select customers.value as {dimension}, customers.revenue\n"
        f"    from marts.spending_cube as customers\n    where {' and '.join(tests)}"
    ]
    whose = "lines.customer_key is not null"
    if compiler.selection.narrows_who:
        whose = "lines.customer_key in (select who.customer_key from who)"
    parts += [
        f"select around.{dimension}, around.revenue\n"
        f"    from (\n{compiler.lines(span, whose)}\n) as around"
        for span in _around(days, months)
    ]
    return f"lines{suffix} as (\n    " + "\n    union all\n    ".join(parts) + "\n)"


def _around(days: Days | None, months: tuple[date, date] | None) -> list[Days]:
    """The days of the period that are in no whole month."""
    if days is None:
        return []
    if months is None:
        return [days]
    spans = [Days(days.first, months[0] - timedelta(days=1)), Days(months[1], days.last)]
    return [span for span in spans if span.first <= span.last]
