"""Rows of files without a copy of their text: a view that reads the files each time it is asked.

A large load goes from the files to typed rows in one pass. What the reader cannot split is kept by
that pass only; any other use of the view leaves it out, so that the rows are the same ones, in the
same order, every time.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import duckdb

from warehouse.sources.csv import FAULT_SCANS, FAULTS
from warehouse.sources.layout import Batch
from warehouse.sources.registry import READERS
from warehouse.sources.staging import Staged, explained, keep_faults

# Lines are split at spaces by a statement of their own, which needs them in a table.
STREAMED = frozenset({"csv", "parquet"})
_ONCE = "read_once"
# A parameter, or a name in quotes: a column may be called "cost$1".
_PARAMETER = re.compile(r'"(?:[^"]|"")*"|\$(\d+)')


def attach(con: duckdb.DuckDBPyConnection, batch: Batch, name: str) -> Staged:
    """A view ``name(file_no, c1, ..., cN)`` of the rows of a batch, in order."""
    con.execute(f"create or replace temp view {name} as {_rows(con, batch)}")
    return Staged(name, batch, is_view=True)


@contextmanager
def reading_once(
    con: duckdb.DuckDBPyConnection, staged: Staged, numbers: Sequence[int]
) -> Iterator[str]:
    """The relation to read some files of a staged batch from, once and to the end.

    Afterwards the records that could not be split stand in ``MALFORMED``.

    Raises
    ------
    SourceError : a file is damaged, or a quote that is not closed swallows much of it.
    """
    if not staged.is_view:
        yield staged.table
        return
    batch = part_of(staged.batch, numbers)
    for faults in (FAULTS, FAULT_SCANS):
        con.execute(f"drop table if exists {faults}")
    rows = _rows(con, batch, must_keep_faults=True)
    con.execute(f"create or replace temp view {_ONCE} as {rows}")
    with explained(batch):
        yield _ONCE
    con.execute(f"drop view {_ONCE}")
    if batch.layout.reader != "parquet":
        keep_faults(con, batch)


def part_of(batch: Batch, numbers: Sequence[int]) -> Batch:
    """The batch with only those of its files."""
    places = [place for place, number in enumerate(batch.numbers) if number in set(numbers)]
    return replace(
        batch,
        files=tuple(batch.files[place] for place in places),
        numbers=tuple(batch.numbers[place] for place in places),
        asked=tuple(batch.asked[place] for place in places) if batch.asked else (),
        faults=tuple(fault for fault in batch.faults if fault[0] in numbers),
    )


def _rows(con: duckdb.DuckDBPyConnection, batch: Batch, *, must_keep_faults: bool = False) -> str:
    """SELECT of the rows of a batch; a view takes no parameters, so its values are literals."""
    statement, values = READERS[batch.layout.reader].select(
        con, batch, must_keep_faults=must_keep_faults
    )
    inlined = _PARAMETER.sub(
        lambda found: _literal(values[int(found[1]) - 1]) if found[1] else found[0], statement
    )
    # Looked up in every row, the number of the only file would cost a tenth of the parsing.
    number = (
        str(batch.numbers[0])
        if len(batch.numbers) == 1
        else f"{_literal(list(batch.numbers))}[cast(file_index as bigint) + 1]"
    )
    return f"select cast({number} as integer) as file_no, * exclude (file_index) from ({inlined})"


def _literal(value: object) -> str:
    """A value as SQL: nothing, a text, a number, or a list of them."""
    if value is None:
        return "null"
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    if isinstance(value, (bool, int, float)):
        return str(value).lower()
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    raise TypeError(f"no literal for {value!r}")
