"""How a file writes its dates: decided from the whole column, never from one value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import duckdb

from warehouse.errors import MappingError

DateOrder = Literal["day-first", "month-first"]

_PLAIN = r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?"
_PARTS = r"^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})"
_YEAR_FIRST = r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})"
_COMPACT = r"^(\d{4})(\d{2})(\d{2})($|[T ])"
_ZONE = r":\d{2}(\.\d+)? ?(Z|UTC|GMT|[+-]\d{2}(:?\d{2})?)$"
_HALVES = r"[0-9] ?[AaPp][Mm]$"
# DuckDB's cast drops words behind a time, PM for instance: a local time has nothing behind it.
_LOCAL = r"\d{4}-\d{1,2}-\d{1,2}([T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?)?"
_HALF_DAY_FORMATS = "['%Y-%m-%d %I:%M:%S %p', '%Y-%m-%d %I:%M %p']"

_LOOK = """
    with cells as (select file_no, {text} as cell from {table}), parts as (
        select
            file_no, cell, regexp_full_match(cell, $plain) as is_plain,
            if(regexp_full_match(cell, $plain), '', regexp_extract(cell, $parts, 1))
                as first,
            if(regexp_full_match(cell, $plain), '', regexp_extract(cell, $parts, 2))
                as second
        from cells
    )
    select
        file_no,
        bool_and(is_plain),
        count(*) filter (first <> ''),
        count(*) filter (try_cast(first as integer) > 12 and try_cast(second as integer) <= 12),
        count(*) filter (try_cast(second as integer) > 12 and try_cast(first as integer) <= 12),
        count(*) filter (first <> second and first <> ''),
        bool_or(not is_plain and regexp_matches(cell, $zone)),
        bool_or(not is_plain and regexp_matches(cell, $halves)),
        min(cell) filter (first <> second)
    from parts group by file_no order by file_no
"""


@dataclass(frozen=True)
class DateStyle:
    """What the dates of one file look like. ``order`` is None where no date needs it.

    ``is_told``: something speaks for that order; ``05/05/2024`` is the same day either way.
    """

    is_plain: bool = True
    order: DateOrder | None = None
    has_zones: bool = False
    has_halves: bool = False
    is_told: bool = False


def date_styles(
    con: duckdb.DuckDBPyConnection,
    table: str,
    text: str,
    labels: Mapping[int, str],
    wish: DateOrder | None,
    *,
    usual: DateOrder | None = None,
) -> dict[int, DateStyle]:
    """Style of each file of a staged table.

    A file that leaves the order of day and month open takes it from the other files of the load.

    Parameters
    ----------
    table, text : the staged table, and the SQL of the column's text.
    labels : file numbers and what the files are called.
    wish : the order that the user named.
    usual : the order of earlier files of this kind, for a column that does not tell.

    Raises
    ------
    MappingError : ``03/04/2024`` could be read both ways, or the column contradicts itself.
    """
    patterns = {"plain": _PLAIN, "parts": _PARTS, "zone": _ZONE, "halves": _HALVES}
    counted = con.execute(_LOOK.format(text=text, table=table), patterns).fetchall()
    looks = [(row[0], *row[2:6], row[8]) for row in counted]
    orders = _orders(looks, labels, wish, usual)
    return {
        file_no: DateStyle(
            is_plain is not False,
            orders.get(file_no, "day-first" if written else None),
            bool(zones),
            bool(halves),
            file_no in orders,
        )
        for file_no, is_plain, written, *_, zones, halves, _ in counted
    }


def _orders(
    counted: Sequence[tuple[int, int, int, int, int, str | None]],
    labels: Mapping[int, str],
    wish: DateOrder | None,
    usual: DateOrder | None,
) -> dict[int, DateOrder]:
    """Order of day and month of each file that tells it, or has dates to which it matters."""
    told: dict[int, DateOrder] = {}
    open_files: dict[int, str] = {}
    for file_no, written, first_days, second_days, unequal, example in counted:
        if not written:
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
        elif unequal:
            open_files[file_no] = str(example)
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


def instant(text: str, style: DateStyle) -> str:
    """SQL of the TIMESTAMP in a text, NULL where it is none; ``$timezone`` is bound.

    Times with a zone are converted to the workspace's, others are local already.
    """
    if style.is_plain:
        # Nothing but plain dates has a value, also where a style was taken for granted: DuckDB's
        # cast reads more. Such texts compare like the days that they name.
        return (
            f"case when {text} >= '1900' and {text} < '2200' and ({text} like '____-__-__ __:__:__'"
            f" or {text} like '____-__-__' or regexp_full_match({text}, '{_PLAIN}'))"
            f" then try_cast({text} as timestamp) end"
        )
    ours = r"\3-\1-\2" if style.order == "month-first" else r"\3-\2-\1"
    iso = f"regexp_replace({text}, '{_YEAR_FIRST}', '\\1-\\2-\\3')"
    iso = f"regexp_replace({iso}, '{_COMPACT}', '\\1-\\2-\\3\\4')"
    iso = f"regexp_replace({iso}, '{_PARTS}', '{ours}')"
    found = _with_time(iso, style)
    # A year beyond these is a slip of the pen, or a code such as 9999 for "open".
    return (
        f"case when {found} >= timestamp '1900-01-01' and {found} < timestamp '2200-01-01'"
        f" then {found} end"
    )


def _with_time(iso: str, style: DateStyle) -> str:
    """SQL of a timestamp from a text whose date is ISO already."""
    cases = f"when regexp_full_match({iso}, '{_LOCAL}') then try_cast({iso} as timestamp)"
    if style.has_halves:
        cases += f" when regexp_matches({iso}, '{_HALVES}')"
        cases += f" then try_strptime({iso}, {_HALF_DAY_FORMATS})"
    if style.has_zones:
        cases += f" when regexp_matches({iso}, '{_ZONE}')"
        cases += f" then timezone($timezone, try_cast({iso} as timestamptz))"
    return f"case {cases} end"
