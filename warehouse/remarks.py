"""How files are written, as far as it was decided for them: sentences for the report of a load."""

from collections.abc import Iterator, Mapping, Sequence

import duckdb

from warehouse.instants import DateStyle
from warehouse.numbers import NumberStyle
from warehouse.sources.layout import listed
from warehouse.styles import Style

TABLE = "remarks"


def create(con: duckdb.DuckDBPyConnection) -> None:
    """Make the temporary ``remarks`` empty."""
    con.execute(f"create or replace temp table {TABLE} (file varchar, remark varchar)")


def add(
    con: duckdb.DuckDBPyConnection,
    styles: Mapping[int, Style],
    columns: Sequence[str],
    labels: Mapping[int, str],
) -> None:
    """Remember what of the styles of files a reader may not expect.

    Parameters
    ----------
    styles, labels : by file number.
    columns : names of the columns of these files.
    """
    rows = [
        [labels[file_no], f"{columns[position - 1]} {remark}"]
        for file_no, style in styles.items()
        for position, one in style.numbers
        if (remark := _about(one))
    ]
    rows += [
        [labels[file_no], remark]
        for file_no, style in styles.items()
        for remark in _about_dates(style.dates)
    ]
    if rows:
        con.executemany(f"insert into {TABLE} values (?, ?)", rows)


def sentences(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Each remark once, with the files that it is about."""
    rows = con.execute(
        f"""
        select remark, list(distinct file order by file)
        from {TABLE}
        group by remark
        order by min(rowid)
        """
    ).fetchall()
    return [f"{listed(files)}: {remark}" for remark, files in rows]


def _about_dates(style: DateStyle) -> Iterator[str]:
    """What is worth saying about the dates of a file."""
    if style.has_short_years:
        yield "years of two digits are read as 1969 to 2068"
    if style.has_epochs:
        yield "numbers in the place of dates are read as seconds since 1970, in UTC"
    if style.has_serials:
        yield "numbers in the place of dates are read as the days that a workbook counts"


def _about(style: NumberStyle) -> str | None:
    """What is worth saying about a column of numbers."""
    if style.open_sign:
        meant = "1.234" if style.open_sign == style.mark else "1234"
        return f"has no number that tells what 1{style.open_sign}234 is: it is read as {meant}"
    return "has a decimal comma: 1.234,50 is read as 1234.50" if style.mark == "," else None
