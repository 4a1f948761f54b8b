"""Tables: numbers on the right edge, one bold column, rows that lead somewhere."""

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.components import html


@dataclass(frozen=True)
class Column:
    """Head of a column; ``is_number`` puts it on the right edge."""

    title: str
    is_number: bool = False
    class_name: str = ""

    @property
    def classes(self) -> str | None:
        """Class of its cells."""
        return " ".join(filter(None, ["num" if self.is_number else "", self.class_name])) or None


def table(
    columns: Sequence[Column],
    rows: Sequence[Sequence[object]],
    *,
    caption: str,
    foot: Sequence[object] | None = None,
) -> html.Table:
    """A table with a caption for those who do not see it.

    Parameters
    ----------
    columns : heads, in order.
    rows : cells of each row; the first one names the row.
    caption : what the table shows.
    foot : cells of a row of totals.
    """
    parts: list[object] = [
        html.Caption(caption, className="visually-hidden"),
        html.Thead(html.Tr([html.Th(c.title, className=c.classes, scope="col") for c in columns])),
        html.Tbody([_row(columns, row) for row in rows]),
    ]
    if foot is not None:
        parts.append(html.Tfoot(_row(columns, foot)))
    return html.Table(parts, className="table-q")


def _row(columns: Sequence[Column], cells: Sequence[object]) -> html.Tr:
    drawn: list[object] = []
    for place, (column, cell) in enumerate(zip(columns, cells, strict=True)):
        if place == 0:
            drawn.append(html.Th(cell, className=column.classes, scope="row"))
        else:
            drawn.append(html.Td(cell, className=column.classes))
    return html.Tr(drawn)
