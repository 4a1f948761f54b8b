"""What the reports of the command line share: rows, tables of text, and shares in words."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, JustifyMethod, RenderResult
from rich.markup import escape
from rich.table import Table

from dashboard.formatting import MISSING, Formatter

if TYPE_CHECKING:
    import pandas as pd

# Nobody wraps what goes into a pipe.
_PIPE_WIDTH: Final = 200
_GAP: Final = 2  # beside each column
_NARROW: Final = 12  # words wrap, though not to less
Row = dict[str, Any]


def records(frame: "pd.DataFrame") -> list[Row]:
    """Rows as dictionaries, None for what is missing, days as days."""
    known = frame.astype(object).where(frame.notna(), None)
    rows = known.to_dict("records")
    return [{str(name): _day(value) for name, value in row.items()} for row in rows]


def _day(value: object) -> object:
    return value.date() if isinstance(value, datetime) else value


def plain_records(frame: "pd.DataFrame") -> list[Row]:
    """Rows for machines: days in ISO, null for what is missing."""
    return [{name: _plain(value) for name, value in row.items()} for row in records(frame)]


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def stdout() -> Console:
    """Where a report goes: as wide as the screen, or wide enough for a pipe."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=_PIPE_WIDTH)


class TextTable:
    """Rows of text that lose nothing on a narrow screen.

    Words wrap and so do headings, a number stays whole. Numbers that do not fit beside each other
    stand below, in a further table with the same words.
    """

    def __init__(self, title: str, columns: Sequence[str], left: int) -> None:
        self.title, self.columns, self.left = title, tuple(columns), left
        self.rows: list[tuple[str, ...]] = []
        self.styles: list[str | None] = []

    def add_row(self, *cells: str, style: str | None = None) -> None:
        """Add one row, in rich's markup; cells that are left out at its end are empty."""
        self.rows.append(cells + ("",) * (len(self.columns) - len(cells)))
        self.styles.append(style)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it as wide as the screen at most, in as few tables as that takes."""
        title: str | None = escape(self.title)
        for numbers in self._fitting(options.max_width):
            places = [*range(self.left), *numbers]
            yield self._part(title, places, self._widths(places, options.max_width))
            title = None

    def _fitting(self, width: int) -> list[list[int]]:
        """Places of the numbers that fit beside the words, table by table."""
        words = sum(self._narrowest(place) + _GAP for place in range(self.left))
        tables: list[list[int]] = [[]]
        used = words
        for place in range(self.left, len(self.columns)):
            needed = self._narrowest(place) + _GAP
            if tables[-1] and used + needed > width:
                tables.append([])
                used = words
            tables[-1].append(place)
            used += needed
        return tables

    def _narrowest(self, place: int) -> int:
        """Columns of the screen that it takes at least; a number as wide as it is."""
        heading = max((cell_len(word) for word in self.columns[place].split()), default=0)
        cells = [cell_len(row[place]) for row in self.rows]
        widest = max(cells, default=0)
        return max(heading, widest if place >= self.left else min(widest, _NARROW))

    def _widths(self, places: Sequence[int], width: int) -> dict[int, int]:
        """What each takes where all stand side by side; words share what numbers leave."""
        full = {place: max(map(cell_len, self._cells(place))) for place in places}
        if sum(full.values()) + _GAP * len(full) <= width:
            return full
        taken = {place: self._narrowest(place) for place in places}
        room = max(0, width - sum(taken.values()) - _GAP * len(taken))
        for place in sorted(places[: self.left], key=full.__getitem__):
            more = min(room, max(0, full[place] - taken[place]))
            taken[place] += more
            room -= more
        return taken

    def _cells(self, place: int) -> list[str]:
        return [self.columns[place], *(row[place] for row in self.rows)]

    def _part(self, title: str | None, places: Sequence[int], widths: dict[int, int]) -> Table:
        table = Table(title=title, title_justify="left", box=None, pad_edge=False)
        for place in places:
            justify: JustifyMethod = "left" if place < self.left else "right"
            name = escape(self.columns[place])
            table.add_column(name, justify=justify, overflow="fold", width=widths[place])
        for row, style in zip(self.rows, self.styles, strict=True):
            table.add_row(*(row[place] for place in places), style=style)
        return table


def text_table(title: str, columns: Sequence[str], left: int) -> TextTable:
    """A table whose first ``left`` columns are words, the others numbers."""
    return TextTable(title, columns, left)


def change(ratio: float | None, words: Formatter) -> str:
    """``+12.5 %``."""
    return MISSING if ratio is None else f"{words.signed(ratio * 100, 1)} %"


def share(ratio: float | None, words: Formatter) -> str:
    """``12.5 %``; zero is said only of zero."""
    return words.percent(ratio)
