"""What the command line says while it works: progress bars and tables, all on stderr."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from warehouse.mapping import MappingTable
from warehouse.progress import Advance
from warehouse.report import LoadReport


def console() -> Console:
    """A console on stderr: stdout belongs to results."""
    return Console(stderr=True, highlight=False)


class Bars:
    """Progress as bars with elapsed and remaining time; plain lines where nobody watches."""

    def __init__(self) -> None:
        self._console = console()

    @contextmanager
    def step(self, title: str, total: int | None = None) -> Iterator[Advance]:
        """Draw one step; the value it yields advances the bar."""
        if not self._console.is_terminal:
            print(title, file=sys.stderr, flush=True)
            yield lambda units: None
            return
        columns = [SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()]
        if total is not None:
            columns[2:] = [BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()]
        with Progress(*columns, console=self._console) as bars:
            task = bars.add_task(escape(title), total=total)
            yield lambda units: bars.advance(task, units)
            bars.update(task, total=total or 1, completed=total or 1)


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table on stderr; cells are text, never markup."""
    grid = Table(title=escape(title), title_justify="left", box=None, pad_edge=False)
    for column in columns:
        grid.add_column(escape(column))
    for row in rows:
        grid.add_row(*("" if cell is None else escape(str(cell)) for cell in row))
    console().print(grid)


def announce_mapping(mapping: MappingTable) -> None:
    """Print what each column of a layout was taken for, before anything is loaded."""
    more = f" and {len(mapping.files) - 1} more" if len(mapping.files) > 1 else ""
    table(
        f"{mapping.files[0]}{more}: {mapping.kind}",
        ("column", "taken from", "because", "for example"),
        [(row.ours, row.theirs, row.how, row.example) for row in mapping.rows],
    )
    if mapping.preset:
        print(f"mapping: preset {mapping.preset} of spendboard.toml", file=sys.stderr)
    if mapping.unused:
        print(f"not used: {', '.join(mapping.unused)}", file=sys.stderr)


def load_report(report: LoadReport) -> str:
    """What a load did, for people: the sum that must come out even, then what to look at."""
    happened = "would be" if report.dry_run else "were"
    lines = [
        f"{report.read:,} read = {report.loaded:,} loaded + {report.rejected:,} rejected"
        f" + {report.already_loaded:,} already loaded + {report.set_aside:,} set aside"
    ]
    if len(report.files) > 1:
        lines += [
            f"  {file.file}: {file.read:,} read, {file.loaded:,} loaded,"
            f" {file.rejected:,} rejected, {file.already_loaded:,} already loaded,"
            f" {file.set_aside:,} set aside"
            for file in report.files
        ]
    lines += [f"rejected {happened}: {reason}" for reason in report.reasons]
    if any(reason.reason == "conflict" for reason in report.reasons):
        lines.append("where the later row of a conflict is right, load with --on-conflict replace")
    lines += [f"cleaning: {rule}" for rule in report.rules]
    if not report.has_transactions:
        lines.append("no transactions are loaded yet")
    elif report.ids_in_transactions is not None:
        lines.append(f"{report.ids_in_transactions:,} of these ids occur in transactions")
    lines += list(report.notes)
    if report.currency and report.loaded and report.currency_from != "load":  # a note says that
        lines.append(_currency(report))
    if report.dry_run:
        lines.append("Nothing was changed: this was a dry run.")
    elif report.load_id is not None:
        lines.append(
            f"load {report.load_id}, generation {report.generation};"
            " `spendboard refresh` makes the scores"
        )
    else:
        lines.append("Nothing new: no generation was published.")
    return "\n".join(lines)


def _currency(report: LoadReport) -> str:
    """Which currency the amounts are in; where nobody named one, how to change it."""
    if report.currency_from == "settings":
        return f"amounts are in {report.currency}"
    way = 'write currency = "EUR", or whatever they are in, at the top of spendboard.toml'
    if not report.dry_run:
        way = f"spendboard unload {report.load_id}, {way}, and load again"
    said = f"amounts are taken as {report.currency}, as nothing names a currency"
    return f"{said}; if that is wrong, {way}"
