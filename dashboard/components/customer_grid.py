"""The grid of customers: its columns, and each row as the cells read it.

Sorting is a link in the column's head, so the order stands in the address like everything else;
the grid itself only scrolls. Every value is worded here, by the one formatter.
"""

from collections.abc import Mapping
from typing import Any, Final

import dash_ag_grid as dag

from dashboard.components import marks
from dashboard.components.customer import customer_path, value_in_words
from dashboard.components.links import address
from dashboard.formatting import Formatter
from dashboard.panels import Ask
from dashboard.queries.listing import sort_of
from dashboard.selection import Selection
from dashboard.vocabulary import Column

NAME: Final = "customers-grid"
NARROWEST: Final = 176  # [px] of the customer's name; the grid's script widens it
PADDING: Final = 16  # [px] on both sides of a cell, as --ag-cell-horizontal-padding has it
BLOCK: Final = 100  # rows that the grid asks for at once
MOST_FLEXIBLE: Final = 12  # so many columns share the width; more of them scroll sideways
BANDS: Final = frozenset({"risk_band", "churn_band", "value_band"})
OPTIONS: Final = {
    "theme": "themeQuartz",
    "cacheBlockSize": BLOCK,
    "maxBlocksInCache": 20,
    # The wrapper keeps who asked last: of two blocks asked for at once, one never got its rows.
    "maxConcurrentDatasourceRequests": 1,
    "rowHeight": 36,
    "headerHeight": 36,
    "suppressMovableColumns": True,
    "suppressDragLeaveHidesColumns": True,
    "enableCellTextSelection": True,
    "ensureDomOrder": True,
    # Arrows move between cells; Tab leaves the rows, of which there may be millions.
    "tabToNextCell": {"function": "spendboardLeave(params)"},
}


def grid() -> dag.AgGrid:
    """The empty grid; it asks for rows as they scroll into view."""
    return dag.AgGrid(
        id=NAME,
        columnDefs=[],
        rowModelType="infinite",
        columnSize=None,
        defaultColDef={"sortable": False, "resizable": False, "suppressHeaderMenuButton": True},
        dashGridOptions=OPTIONS,
        eventListeners={
            # The view does not change where one row comes in place of the one that was guessed.
            event: ["spendboardRows(params)"]
            for event in ("viewportChanged", "bodyScroll", "modelUpdated")
        },
        style={"height": "100%", "width": "100%"},
    )


def heading(column: Column, selection: Selection) -> str:
    """Title of a column in the grid; what speaks of the period names it."""
    if column.name == "spend_in_period":
        return f"Spent{_period(selection)}"
    if column.name == "orders_in_period":
        # The head of spend names the period already; only beside all orders it must be told apart.
        return f"Orders{_period(selection)}" if "frequency" in selection.columns else "Orders"
    short = {"recency_days": "Last order", "risk_band": "Exposure"}
    if column.name == "expected_spend":
        return f"Expected, {selection.vocabulary.about.horizon_days} days"
    return short.get(column.name, column.title)


def _period(selection: Selection) -> str:
    period = selection.lens.period
    if period.is_all:
        return " in total"
    return f", {period.preset[:-1]} days" if period.preset else " in the period"


def is_number(column: Column) -> bool:
    """Whether the column holds numbers, which end at the right and sort highest first."""
    return column.data_type.startswith(("DECIMAL", "DOUBLE", "FLOAT", "BIGINT", "INTEGER", "HUGE",
                                        "SMALLINT", "TINYINT", "U"))  # fmt: skip


def definitions(ask: Ask, names: tuple[str, ...]) -> list[dict[str, Any]]:
    """Column definitions: the customer pinned at the left, then ``names``."""
    vocabulary = ask.view.vocabulary
    who = vocabulary.columns["customer_id"]
    by_name = vocabulary.columns["name"] if "name" in vocabulary.keys else who
    first = {
        "field": "customer",
        "pinned": "left",
        "width": NARROWEST,
        "cellRenderer": "Customer",
    } | _head(ask, by_name, "Customer")
    rest = [
        _definition(ask, vocabulary.columns[name], len(names))
        for name in names
        if name not in ("name",)
    ]
    return [first, *rest]


def _definition(ask: Ask, column: Column, many: int) -> dict[str, Any]:
    name = heading(column, ask.selection)
    is_sorted = sort_of(ask.selection, ask.view.vocabulary)[0].removeprefix("-") == column.name
    renderer, needed = _renderer(column)
    if renderer == "Persona":
        titles = (
            ask.view.vocabulary.keys["persona"].choices
            if ask.view.vocabulary.has("persona")
            else ()
        )
        needed = max([needed, *(7 * len(choice.title) + 22 for choice in titles)])
    # A head is never cut: room for its letters, the padding and, where it sorts, the arrow.
    width = PADDING + max(needed, round(6.6 * len(name)) + (22 if is_sorted else 4))
    made: dict[str, Any] = {"field": column.name, "minWidth": width}
    share = 1.5 if renderer == "Share" else 1  # its bar takes what it gets
    made |= {"flex": share} if many <= MOST_FLEXIBLE else {"width": width}
    if renderer:
        made["cellRenderer"] = renderer
    classes = ["ag-right-aligned-cell"] if is_number(column) and not renderer else []
    made["cellClass"] = [*classes, "strong"] if is_sorted else classes
    return made | _head(ask, column, name)


def _renderer(column: Column) -> tuple[str | None, int]:
    """Name of the cell's renderer in the browser, and the least width of its content in px."""
    if column.name == "persona":
        return "Persona", 88
    if column.name in BANDS:
        return "Band", 84
    if column.name == "churn_risk":
        return "Share", 88  # "under 1 %", and a bar beside it
    if column.data_type == "BOOLEAN":
        return "Yes", 74
    return None, 84 if column.unit in ("days", "date") else 52


def _head(ask: Ask, column: Column, title: str) -> dict[str, Any]:
    """The column's head: a link that sorts by it, or turns the order round."""
    first = sort_of(ask.selection, ask.view.vocabulary)[0]
    way = None
    if first.removeprefix("-") == column.name:
        way = "descending" if first.startswith("-") else "ascending"
    down = way == "ascending" if way else is_number(column)
    key = f"-{column.name}" if down else column.name
    return {
        "headerName": title,
        "headerComponent": "Head",
        "headerComponentParams": {"href": ask.href(sort=key, page=None), "way": way,
                                  "right": is_number(column) and column.name != "churn_risk"},
    }  # fmt: skip


def order_in_words(selection: Selection) -> str:
    """``by spend in 90 days, highest first``."""
    first = sort_of(selection, selection.vocabulary)[0]
    down = first.startswith("-")
    column = selection.vocabulary.columns[first.removeprefix("-")]
    if column.name == "spend_in_period":
        period = selection.lens.period
        days = f"spend in {period.preset[:-1]} days" if period.preset else "spend in the period"
        name = "total spend" if period.is_all else days
    else:
        name = column.title[:1].lower() + column.title[1:]
    if is_number(column):
        return f"by {name}, {'highest' if down else 'lowest'} first"
    if column.unit == "date":
        return f"by {name}, {'latest' if down else 'earliest'} first"
    return f"by {name}, {'Z to A' if down else 'A to Z'}"


def cells(
    row: Mapping[str, Any],
    ask: Ask,
    cards: Mapping[str, Mapping[str, Any]],
    digits: Mapping[str, int],
) -> dict[str, object]:
    """One row as the renderers read it.

    Parameters
    ----------
    row : from :func:`dashboard.queries.customers.page`.
    cards : personas by slug, with ``title`` and ``mark``.
    digits : decimals of the numbers that the customers file brought.
    """
    path = customer_path(row["customer_id"])
    href = path if "?" in path else address(path, ask.selection.query())
    made: dict[str, object] = {
        "customer": {"text": row["name"] or row["customer_id"], "href": href}
    }
    for name, value in row.items():
        column = ask.view.vocabulary.columns[name]
        made[name] = _cell(column, value, ask.context.formatter, cards, digits.get(name))
    return made


def _cell(
    column: Column,
    value: Any,  # noqa: ANN401 - any type that the warehouse holds
    formatter: Formatter,
    cards: Mapping[str, Mapping[str, Any]],
    digits: int | None,
) -> object:
    """A value as text, or as what its renderer needs."""
    renderer, _ = _renderer(column)
    text = value_in_words(value, column, formatter, digits)
    if renderer == "Yes":
        absent = "No consent" if column.name == "consent" else text
        return {"text": text if value else absent, "yes": bool(value)}
    if renderer:
        return None if value is None else _rendered(renderer, column, value, formatter, cards)
    if column.name == "recency_days" and value is not None:
        return f"{text} ago" if value else "last day"
    return text


def _rendered(
    renderer: str,
    column: Column,
    value: Any,  # noqa: ANN401 - text or a ratio
    formatter: Formatter,
    cards: Mapping[str, Mapping[str, Any]],
) -> dict[str, object]:
    """What the renderer of a persona, a band or a share needs."""
    if renderer == "Persona":
        card = cards.get(value, {"title": value, "mark": 0})
        return {"text": card["title"], "mark": card["mark"]}
    if renderer == "Band":
        level, tone = marks.LEVELS.get(value, (0, ""))
        tone = tone if column.name in marks.JUDGED else ""
        return {"text": str(value).capitalize(), "level": level, "tone": tone}
    return {"text": formatter.percent(value, 0), "percent": round(100 * value, 1)}
