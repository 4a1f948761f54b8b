"""What a column of a file is: by its name, and by what stands in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from warehouse.instants import CLOCK, PERHAPS_DATE, WITH_MONTH_NAME
from warehouse.numbers import as_it_stands, is_number, may_be_number, taken_apart
from warehouse.sources.staging import Staged
from warehouse.synonyms import (
    FALSE_WORDS,
    KINDS,
    MISSING_UNLESS_TEXT,
    TRUE_WORDS,
    WAYS_TO_PAY,
    Field,
    snake,
)

_FEW_VALUES = 30
# Day, month and year in any order, or the year first, and perhaps a time.
DATE_PATTERN = r"(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4})([T ].*)?"
# The same without separators.
COMPACT_DATE_PATTERN = r"(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])"

_NEARLY_ALL = 0.95  # more stray words than this leaves are no slips, and would be so many rejects


@dataclass(frozen=True)
class Column:
    """One column of a file, and what a sample of its values looks like.

    ``position`` counts from 1. ``filled`` is the number of values in the sample that are not
    missing, ``distinct`` how many different ones; ``numbers``, ``decimals`` (numbers with a
    decimal point), ``dates``, ``compact_dates`` (``20240131``), ``flags`` and ``codes`` (three
    letters) are shares of the filled ones in [0, 1], ``negatives`` (below zero) of the numbers;
    ``clocks`` (``202401311020``) are dates only where the column is called one.
    ``few`` are the values where there are few, each with the number of its rows.
    """

    position: int
    name: str
    rows: int
    filled: int
    distinct: int
    numbers: float
    decimals: float
    dates: float
    compact_dates: float
    flags: float
    codes: float
    few: dict[str, int]
    example: str
    negatives: float = 0.0
    clocks: float = 0.0

    @property
    def is_unique(self) -> bool:
        """No value occurs twice."""
        return self.filled == self.distinct

    @property
    def label(self) -> str:
        """Name and an example, for messages."""
        return f"{self.name} ({self.example})" if self.example else self.name


# What is counted of the rows of a column.
_COUNTS = {
    "n_rows": "true",
    "filled": "cell is not null",
    "numbers": "is_number",
    "decimals": "is_number and regexp_matches(cell, '[.,]')",
    "negatives": "is_number and try_cast(cell as decimal(38, 9)) < 0",
    "dates": "regexp_full_match(cell, $date)",
    "compact_dates": "regexp_full_match(cell, $compact)",
    "clocks": "regexp_full_match(cell, $clock)",
    "flags": "lower(cell) in $flags",
    "codes": "regexp_full_match(cell, '[A-Za-z]{3}')",
}
# In the order of the attributes of Column, from ``rows``.
_LOOK = """
    with cells as (
        select
            rowid as place,
            unnest(range(1, {count} + 1)) as position,
            unnest([{columns}]) as written
        from {table}
    ), texts as (
        -- Most columns repeat themselves, and looking at a text is dear.
        select position, trim(written) as text, count(*) as n, min(place) as first
        from cells group by position, written
    ), words as (
        select
            position, if(lower(text) in $missing, null, text) as cell, sum(n) as n,
            min(first) as first
        from texts group by all
    ), likely as (
        select cell, ({plain}) is not null as is_plain
        from (select distinct cell from words) where {may_be_number}
    ), numbers as (
        select cell, true as is_number from likely where is_plain
        union all
        select cell, {is_number}
        from (select cell, {parts} as parts from likely where not is_plain)
    ), looked as (
        select words.*, coalesce(numbers.is_number, false) as is_number
        from words left join numbers using (cell)
    ), counted as (
        select
            position,
            {counts},
            count(cell) as n_distinct,
            if(count(cell) <= $few, list((cell, cast(n as bigint))) filter (cell is not null), [])
                as few,
            left(coalesce(arg_min(cell, first), ''), 24) as example
        from looked group by position
    )
    select
        n_rows, filled, n_distinct,
        numbers / greatest(filled, 1), decimals / greatest(filled, 1), dates / greatest(filled, 1),
        compact_dates / greatest(filled, 1), flags / greatest(filled, 1),
        codes / greatest(filled, 1),
        map_from_entries(coalesce(few, [])), example, negatives / greatest(numbers, 1),
        clocks / greatest(filled, 1)
    from counted order by position
"""


def describe(con: duckdb.DuckDBPyConnection, sample: Staged) -> list[Column]:
    """Look at the columns of a staged sample.

    Parameters
    ----------
    con : the connection that holds the sample.
    sample : some thousand rows of a batch.
    """
    values = {
        "missing": list(MISSING_UNLESS_TEXT),
        "flags": [*TRUE_WORDS, *FALSE_WORDS],
        "date": f"{DATE_PATTERN}|{WITH_MONTH_NAME}",
        "compact": f"{COMPACT_DATE_PATTERN}|{PERHAPS_DATE}",
        "clock": CLOCK,
        "few": _FEW_VALUES,
    }
    layout = sample.batch.layout
    counts = ", ".join(
        f"cast(coalesce(sum(n) filter ({condition}), 0) as bigint) as {name}"
        for name, condition in _COUNTS.items()
    )
    statement = _LOOK.format(
        counts=counts,
        table=sample.table,
        columns=", ".join(layout.names),
        count=len(layout.names),
        parts=taken_apart("cell"),
        plain=as_it_stands("cell", "decimal(38, 9)"),
        is_number=is_number("cell", "parts"),
        may_be_number=may_be_number("cell"),
    )
    rows = con.execute(statement, values).fetchall()
    # Files with faults only have no row.
    nothing: tuple[object, ...] = (0, 0, 0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, {}, "", 0.0, 0.0)
    return [
        Column(position, name, *row)
        for position, (name, row) in enumerate(
            zip(layout.columns, rows or [nothing] * len(layout.columns), strict=True), start=1
        )
    ]


def fits(field: Field, column: Column) -> bool:
    """Whether the values of ``column`` are, for the most part, what ``field`` holds."""
    if not column.filled:
        return True
    if field.role == "kind":
        return _says_kinds(column)
    share = {
        "money": column.numbers,
        "price": column.numbers,
        "quantity": column.numbers,
        "count": column.numbers,
        "flag": column.flags,
        "instant": column.dates + column.compact_dates + column.clocks,
        "currency": column.codes,
    }.get(field.role, 1.0)
    return share >= 0.5


def _says_kinds(column: Column) -> bool:
    """Whether nearly all of the rows say a known kind of transaction.

    Among strangers, words that also say how something was paid, or one word alone, may mean
    something else: credit and debit beside cash, sale beside rent.
    """
    known = {word: rows for word, rows in column.few.items() if snake(word) in KINDS}
    clear = [word for word in known if snake(word) not in WAYS_TO_PAY]
    is_clear = len(known) == len(column.few) or (len(known) > 1 and bool(clear))
    return bool(known) and is_clear and sum(known.values()) >= _NEARLY_ALL * column.filled


def by_name(
    fields: Mapping[str, Field], columns: Sequence[Column], taken: set[int]
) -> dict[str, list[Column]]:
    """Columns whose names say which field they are, and whose values do not contradict.

    Our own names come first, then synonyms, then words that only may mean it; a column is given
    away once.

    Returns
    -------
    field to columns; more than one column is a question to the user.
    """
    free = {column.position: snake(column.name) for column in columns}
    for position in taken:
        free.pop(position, None)
    chosen: dict[str, list[Column]] = {}
    for tier in range(3):
        for field in fields.values():
            if field.name in chosen:
                continue
            words = (frozenset({field.name}), field.words, field.perhaps)[tier]
            found = [
                column
                for column in columns
                if free.get(column.position) in words and fits(field, column)
            ]
            if found:
                chosen[field.name] = found
                for column in found:
                    free.pop(column.position)
    return chosen
