"""XLSX workbooks: one sheet as text, dates in ISO, numbers in their shortest exact wording.

An amount or a price comes with the currency or the percent sign that its cell shows. Other numbers
do not: ids in cells of money are ids, and shares stay what the cell holds.
"""

import itertools
import zipfile
from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from xml.parsers.expat import ExpatError

import python_calamine

from warehouse.errors import SourceError
from warehouse.sources.csv import with_header
from warehouse.sources.layout import Layout
from warehouse.sources.opened import Opened
from warehouse.sources.spool import CSV_OPTIONS, Spool
from warehouse.sources.workbook_formats import Format, Formats, day_zero, formats
from warehouse.synonyms import TRANSACTIONS, called

_FIRST_ROWS = 50
# Above a header there may be a title; it fills fewer cells than the table has columns.
_MOSTLY = 0.6
# What a table of customers does not have.
_OF_TRANSACTIONS = ("purchased_at", "transaction_id", "order_id")

Row = list[str | None]
Cell = int | float | str | bool | time | date | datetime | timedelta
_PLAIN = Format()


def copied(path: Path, wanted: str | None, spool: Spool, asked: str) -> Opened:
    """Copy a sheet of a workbook into the spool: the one that is wanted, or the first with rows.

    Raises
    ------
    SourceError : the workbook is damaged, or has no such sheet.
    """
    try:
        with python_calamine.CalamineWorkbook.from_path(path) as workbook:
            return _copied(workbook, path, wanted, spool, asked)
    except (python_calamine.CalamineError, zipfile.BadZipFile, ExpatError) as error:
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
        sheet = workbook.get_sheet_by_name(name)
        opened = _copied_sheet(sheet, formats(path, name), day_zero(path), spool, asked)
        if opened is not None:
            break
    else:
        return Opened(path, None)
    others = [other for other in names if other != name]
    if others and wanted is None:
        said = f"sheet {name!r} is read, of {len(names)}; another one is {path.name}#{others[0]}"
        return Opened(opened.path, opened.layout, notes=(said, *opened.notes))
    return opened


def _copied_sheet(
    sheet: python_calamine.CalamineSheet,
    shown: Formats | None,
    days_since: str,
    spool: Spool,
    asked: str,
) -> Opened | None:
    """The table of a sheet; None where it has no row."""
    rows = _rows(sheet)
    first = list(itertools.islice(rows, _FIRST_ROWS))
    if not first:
        return None
    skipped = _title_rows(first)
    above, first = first[:skipped], first[skipped:]
    left = min(n for row in first for n, cell in enumerate(row) if cell)
    names = tuple(f"column {n}" for n in range(1, len(first[0]) - left + 1))
    unnamed = Layout("csv", names, False, CSV_OPTIONS, day_zero=days_since)
    layout = with_header(unnamed, [[cell or "" for cell in row[left:]] for row in first[:2]])
    if layout.has_header and len(first) == 1:
        return None
    money = _money(layout, left) if shown is not None else frozenset()
    if shown is not None and money:
        table: Iterator[Row] = itertools.islice(_rows(sheet, shown, money), skipped, None)
    else:
        table = itertools.chain(first, rows)
    said = "; ".join(cell for row in above for cell in row if cell)
    notes: tuple[str, ...] = (f"above the table stands {said!r}",) if above else ()
    if shown is not None and money and shown.unknown:
        notes += (
            f"the currency of number format {shown.unknown[0]!r} is not known: its numbers are"
            " taken as they stand, in the currency of the workspace",
        )
    return Opened(spool.write(asked, (row[left:] for row in table)), layout, notes=notes)


def _money(layout: Layout, left: int) -> frozenset[int]:
    """Places of the columns of a sheet of transactions that are called like an amount or a price.

    Parameters
    ----------
    left : how many columns of the sheet stand before the table.
    """
    names = layout.columns if layout.has_header else ()
    if not any(called(name, like=TRANSACTIONS[one]) for one in _OF_TRANSACTIONS for name in names):
        return frozenset()
    fields = [field for field in TRANSACTIONS.values() if field.role in ("money", "price")]
    return frozenset(
        place
        for place, name in enumerate(names, left)
        if any(called(name, like=field) for field in fields)
    )


def _title_rows(first: Sequence[Row]) -> int:
    """How many rows stand above the table."""
    widths = [sum(cell is not None for cell in row) for row in first]
    return next(n for n, width in enumerate(widths) if width >= _MOSTLY * max(widths))


def _rows(
    sheet: python_calamine.CalamineSheet,
    shown: Formats | None = None,
    money: Collection[int] = (),
) -> Iterator[Row]:
    """Rows of texts, from the top of the sheet on, without blank lines.

    Parameters
    ----------
    shown : formats of the cells, for the columns at the places ``money``.
    """
    # Cells begin at the first column that is used, rows at the top.
    first = sheet.start[1] if sheet.start else 0
    formats_of = shown.rows if shown is not None else iter(())
    at, known = next(formats_of, (-1, {}))
    for number, cells in enumerate(sheet.iter_rows()):
        while 0 <= at < number:
            at, known = next(formats_of, (-1, {}))
        here = known if at == number else {}
        row = [_text(cell) for cell in cells]
        for place in money if here else ():
            row[place] = _text(cells[place], here.get(first + place, _PLAIN))
        if any(row):
            yield row


def _text(cell: Cell, shown: Format = _PLAIN) -> str | None:
    """A cell as text, None where it is empty."""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, int | float):
        return _number(cell, shown)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell) or None


def _number(cell: float, shown: Format) -> str:
    """A number in its shortest exact wording: repr is that, and 17850.0 stands for 17850."""
    if shown.is_percent:
        return f"{(Decimal(repr(cell)) * 100).normalize():f}%"
    return shown.sign + format(Decimal(repr(cell)), "f").removesuffix(".0")
