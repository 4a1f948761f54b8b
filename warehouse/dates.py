"""How a file writes its dates: decided from the whole column, never from one value."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

import duckdb

from warehouse.errors import MappingError
from warehouse.instants import (
    CLOCK,
    CLOCK_DIGITS,
    EPOCH,
    HALVES,
    MONTH_NAME,
    PLAIN,
    SERIAL,
    SHORT_YEAR,
    SHORT_YEAR_FIRST,
    ZONE,
    DateOrder,
    DateStyle,
    instant,
)

__all__ = ["DateOrder", "DateStyle", "date_styles", "instant"]

# Day and month where the year comes last, with two digits or four.
_PARTS = r"^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2}(?:$|[T ,]))"

_LOOK = """
    with cells as (
        select file_no, {text} as cell from {table}
    ), parts as (
        select
            file_no, cell, regexp_full_match(cell, $plain) as is_plain,
            if(is_plain, '', regexp_extract(cell, $parts, 1)) as first,
            if(is_plain, '', regexp_extract(cell, $parts, 2)) as second,
            not is_plain and regexp_matches(cell, $short) as is_short,
            not is_plain and regexp_full_match(cell, $clock_digits) as clock_digits
        from cells
    )
    select
        file_no,
        count(*) filter (first <> '') as written,
        count(*) filter (try_cast(first as integer) > 12 and try_cast(second as integer) <= 12)
            as first_days,
        count(*) filter (try_cast(second as integer) > 12 and try_cast(first as integer) <= 12)
            as second_days,
        count(*) filter (first <> second and first <> '') as unequal,
        min(cell) filter (first <> second) as example,
        coalesce(bool_and(is_plain), true) as is_plain,
        coalesce(bool_or(not is_plain and regexp_matches(cell, $zone)), false) as has_zones,
        coalesce(bool_or(not is_plain and regexp_matches(cell, $halves)), false) as has_halves,
        coalesce(bool_or(not is_plain and regexp_matches(cell, $name)), false) as has_names,
        coalesce(bool_or(is_short), false) as has_short_years,
        coalesce(bool_or(is_short and regexp_matches(cell, $year_first)), false) as is_year_first,
        2 * count(*) filter (clock_digits and regexp_full_match(cell, $clock))
            > count(*) filter (clock_digits) as has_clocks,
        (not has_clocks and coalesce(bool_or(clock_digits), false)) or coalesce(
            bool_or(not is_plain and not clock_digits and regexp_full_match(cell, $epoch)), false
        ) as has_epochs,
        coalesce(bool_or(not is_plain and $serials and regexp_full_match(cell, $serial)), false)
            as has_serials,
        coalesce(bool_or(not is_plain and contains(cell, ',')), false) as has_commas
    from parts group by file_no order by file_no
"""
_PATTERNS = {
    "plain": PLAIN,
    "parts": _PARTS,
    "short": SHORT_YEAR,
    "zone": ZONE,
    "halves": HALVES,
    "name": MONTH_NAME,
    "year_first": SHORT_YEAR_FIRST,
    "epoch": EPOCH,
    "clock": CLOCK,
    "clock_digits": CLOCK_DIGITS,
    "serial": SERIAL,
}


@dataclass(frozen=True)
class _Look:
    """What the dates of one file look like, counted. ``first_days`` can only be day-first."""

    written: int
    first_days: int
    second_days: int
    unequal: int
    example: str | None


def date_styles(
    con: duckdb.DuckDBPyConnection,
    table: str,
    text: str,
    labels: Mapping[int, str],
    wish: DateOrder | None,
    *,
    usual: DateOrder | None = None,
    day_zero: str | None = None,
) -> dict[int, DateStyle]:
    """Style of each file of a staged table.

    A file that leaves the order of day and month open takes it from the other files of the load.

    Parameters
    ----------
    table, text : the staged table, and the SQL of the column's text.
    labels : file numbers and what the files are called.
    wish : the order that the user named.
    usual : the order of earlier files of this kind, for a column that does not tell.
    day_zero : since when a number may count days, as in workbooks; an ISO date, None if it may not.

    Raises
    ------
    MappingError : ``03/04/2024`` could be read both ways, or the column contradicts itself.
    """
    values = _PATTERNS | {"serials": day_zero is not None}
    found = con.execute(_LOOK.format(text=text, table=table), values)
    names = [column[0] for column in found.description or ()]
    rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    looks = {row.pop("file_no"): row for row in rows}
    counted = {
        file_no: _Look(*(row.pop(one.name) for one in fields(_Look)))
        for file_no, row in looks.items()
    }
    orders = _orders(counted, labels, wish, usual)
    return {
        file_no: DateStyle(
            order=orders.get(file_no, "day-first" if counted[file_no].written else None),
            is_told=file_no in orders,
            day_zero=day_zero,
            **row,
        )
        for file_no, row in looks.items()
    }


def _orders(
    counted: Mapping[int, _Look],
    labels: Mapping[int, str],
    wish: DateOrder | None,
    usual: DateOrder | None,
) -> dict[int, DateOrder]:
    """Order of day and month of each file that tells it, or has dates to which it matters."""
    told: dict[int, DateOrder] = {}
    open_files: dict[int, str] = {}
    for file_no, look in counted.items():
        first_days, second_days = look.first_days, look.second_days
        if not look.written:
            continue
        if wish is not None:
            told[file_no] = wish
        elif first_days and second_days and usual is None:
            raise _question(
                labels[file_no],
                f"{first_days} dates must be day-first, {second_days} must be month-first",
            )
        elif first_days and second_days and usual:
            told[file_no] = usual
        elif first_days or second_days:
            told[file_no] = "day-first" if first_days else "month-first"
        elif look.unequal:
            open_files[file_no] = str(look.example)
    decided = set(told.values())
    if len(decided) != 1 and usual:
        decided = {usual}
    for file_no, example in open_files.items():
        if len(decided) != 1:
            raise _question(
                labels[file_no], f"dates such as {example}, which can be read both ways"
            )
        told[file_no] = next(iter(decided))
    return told


def _question(file: str, found: str) -> MappingError:
    return MappingError(
        f"{file}: the order of day and month is not clear",
        found=found,
        fix="say --date-order day-first, or --date-order month-first",
    )
