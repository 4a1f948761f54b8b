"""XLSX workbooks: one sheet as text, dates in ISO, numbers in their shortest exact wording."""

import itertools
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import python_calamine

from warehouse.errors import SourceError
from warehouse.sources.csv import with_header
from warehouse.sources.layout import Layout
from warehouse.sources.opened import Opened
from warehouse.sources.spool import CSV_OPTIONS, Spool

_FIRST_ROWS = 50
# Above a header there may be a title; it fills fewer cells than the table has columns.
_MOSTLY = 0.6

Row = list[str | None]
Cell = int | float | str | bool | time | date | datetime | timedelta


def copied(path: Path, wanted: str | None, spool: Spool, asked: str) -> Opened:
    """Copy a sheet of a workbook into the spool: the one that is wanted, or the first with rows.

    Raises
    ------
    SourceError : the workbook is damaged, or has no such sheet.
    """
    try:
        with python_calamine.CalamineWorkbook.from_path(path) as workbook:
            return _copied(workbook, path, wanted, spool, asked)
    except python_calamine.CalamineError as error:
        raise SourceError(
            f"{asked}: cannot be read as a workbook",
            found=str(error),
            fix="get a fresh copy of the file, or save the sheet as CSV",
        ) from error


def _copied(
    workbook: python_calamine.CalamineWorkbook,
    path: Path,
    wanted: str | None,
    spool: Spool,
    asked: str,
) -> Opened:
    names = workbook.sheet_names
    if wanted is not None and wanted not in names:
        raise SourceError(
            f"{asked}: no such sheet",
            found=", ".join(names),
            fix=f'name one, for instance "{path}#{names[0]}"',
        )
    for name in [wanted] if wanted is not None else names:
        opened = _copied_sheet(workbook.get_sheet_by_name(name), spool, asked)
        if opened is not None:
            break
    else:
        return Opened(path, None)
    others = [other for other in names if other != name]
    if others and wanted is None:
        said = f"sheet {name!r} is read, of {len(names)}; another one is {path.name}#{others[0]}"
        return Opened(opened.path, opened.layout, notes=(said, *opened.notes))
    return opened


def _copied_sheet(sheet: python_calamine.CalamineSheet, spool: Spool, asked: str) -> Opened | None:
    """The table of a sheet; None where it has no row."""
    # A row whose cells are all empty is a blank line.
    rows = (row for row in map(_row, sheet.iter_rows()) if any(row))
    first = list(itertools.islice(rows, _FIRST_ROWS))
    if not first:
        return None
    skipped = _title_rows(first)
    above, first = first[:skipped], first[skipped:]
    left = min(n for row in first for n, cell in enumerate(row) if cell)
    table = (row[left:] for row in itertools.chain(first, rows))
    names = tuple(f"column {n}" for n in range(1, len(first[0]) - left + 1))
    unnamed = Layout("csv", names, False, CSV_OPTIONS, has_serial_dates=True)
    layout = with_header(unnamed, [[cell or "" for cell in row[left:]] for row in first[:2]])
    if layout.has_header and len(first) == 1:
        return None
    said = "; ".join(cell for row in above for cell in row if cell)
    notes = (f"above the table stands {said!r}",) if above else ()
    return Opened(spool.write(asked, table), layout, notes=notes)


def _title_rows(first: Sequence[Row]) -> int:
    """How many rows stand above the table."""
    widths = [sum(cell is not None for cell in row) for row in first]
    return next(n for n, width in enumerate(widths) if width >= _MOSTLY * max(widths))


def _row(cells: Sequence[Cell]) -> Row:
    return [_text(cell) for cell in cells]


def _text(cell: Cell) -> str | None:
    """A cell as text, None where it is empty."""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        # repr is the shortest wording that is this number; 17850.0 stands for 17850.
        return format(Decimal(repr(cell)), "f").removesuffix(".0")
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell) or None
