"""What the reports of the command line share: rows, tables of text, and shares in words."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from dashboard.formatting import MISSING, Formatter

if TYPE_CHECKING:
    import pandas as pd

# Nobody wraps what goes into a pipe.
_PIPE_WIDTH: Final = 200
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


def text_table(title: str, columns: Sequence[str], left: int) -> Table:
    """A table whose first ``left`` columns are words, the others numbers."""
    table = Table(title=escape(title), title_justify="left", box=None, pad_edge=False)
    for place, column in enumerate(columns):
        table.add_column(column, justify="left" if place < left else "right", no_wrap=True)
    return table


def change(ratio: float | None, words: Formatter) -> str:
    """``+12.5 %``."""
    return MISSING if ratio is None else f"{words.signed(ratio * 100, 1)} %"


def share(ratio: float | None, words: Formatter) -> str:
    """``12.5 %``; zero is said only of zero."""
    return "under 0.1 %" if ratio and 0 < ratio < 0.001 else words.percent(ratio)
