"""Rows of files as temporary tables of text, and the records that could not be read.

The place of a staged row in its file and the faults before it give the number of its record; the
first record after the header is 1, blank lines do not count.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb

from warehouse.errors import SourceError
from warehouse.sources.csv import FAULT_SCANS, FAULTS
from warehouse.sources.found import literal
from warehouse.sources.layout import Batch, Sources
from warehouse.sources.registry import READERS

# One row per unreadable record; `accepted_before` rows of its file come before it.
MALFORMED = "malformed"
# DuckDB keeps this much of a faulty record.
_FAULT_LENGTH = 10_000
VALUE_LENGTH = 200
# Errors that say nothing about the file; damage in one has no class of its own.
_NOT_THE_FILE = (
    duckdb.OutOfMemoryException,
    duckdb.InterruptException,
    duckdb.InternalException,
    duckdb.BinderException,
    duckdb.CatalogException,
    duckdb.ParserException,
)
_REASONS = {
    "MISSING COLUMNS": "too few columns",
    "TOO MANY COLUMNS": "too many columns",
    "INVALID ENCODING": "not UTF-8",
    "UNQUOTED VALUE": "quote not closed",
    "LINE SIZE OVER MAXIMUM": "line too long",
}

# One row for each line of what could not be read, in the columns of MALFORMED.
_KEEP_FAULTS = f"""
    insert into {MALFORMED}
    with faults as (
        -- A record can have several faults: the first one is told.
        select
            cast($numbers[list_position($files, scans.file_path)] as integer) as file_no,
            faults.line,
            coalesce(
                arg_min(faults.error_type, faults.column_idx), any_value(faults.error_type)
            ) as error_type,
            bool_or(faults.error_type = 'UNQUOTED VALUE') as is_open,
            trim(any_value(faults.csv_line), chr(10) || chr(13)) as text
        from {FAULTS} as faults join {FAULT_SCANS} as scans using (scan_id, file_id)
        group by all
    ), placed as (
        select *, line - $header - row_number() over (partition by file_no order by line)
            as accepted_before
        from faults
    ), lines as (
        -- A quote that is not closed swallows whole lines, and each of them counts.
        select file_no, line, accepted_before, error_type,
            unnest(pieces) as value, unnest(range(len(pieces))) as place
        from (
            select *, if(is_open, string_split(text, chr(10)), [text]) as pieces from placed
        )
    )
    select
        file_no,
        accepted_before + row_number() over (partition by file_no order by line, place),
        accepted_before,
        left(value, {VALUE_LENGTH}),
        coalesce(map($kinds, $reasons)[error_type], lower(error_type)),
        value
    from lines
"""


@dataclass(frozen=True)
class Staged:
    """A relation ``table(file_no, c1, ..., cN)`` with the rows of one batch in order.

    It is a temporary table, or a view that reads the files each time it is asked.
    """

    table: str
    batch: Batch
    is_view: bool = False


def stage_all(con: duckdb.DuckDBPyConnection, sources: Sources) -> list[Staged]:
    """Read every batch into a temporary table of its own, and the faults into ``MALFORMED``.

    Raises
    ------
    SourceError : a file is damaged, or a quote that is not closed swallows much of it.
    """
    prepare(con)
    return [
        stage(con, batch, f"staged_{number}") for number, batch in enumerate(sources.batches)
    ]  # fmt: skip


def prepare(con: duckdb.DuckDBPyConnection) -> None:
    """Make an empty ``MALFORMED``, and let rows keep the order that they have in their files."""
    con.execute(
        f"create or replace temp table {MALFORMED}"
        " (file_no integer, record bigint, accepted_before bigint, value varchar, reason varchar,"
        " text varchar)"
    )
    # The row numbers of the temporary tables shall be the order in the files.
    con.execute("set preserve_insertion_order = true")


def forget_faults(con: duckdb.DuckDBPyConnection, numbers: Sequence[int]) -> None:
    """Take the records of some files out of ``MALFORMED``: they are going to be read again."""
    con.execute(
        f"delete from {MALFORMED} where list_contains($numbers, file_no)",
        {"numbers": list(numbers)},
    )


def stage_sample(
    con: duckdb.DuckDBPyConnection, batch: Batch, table: str, rows: int
) -> Staged:  # fmt: skip
    """Read the first ``rows`` rows of a batch, faults left out: enough to learn what it holds."""
    return stage(con, batch, table, limit=rows)


def stage(
    con: duckdb.DuckDBPyConnection, batch: Batch, table: str, limit: int | None = None
) -> Staged:
    """Read one batch into a temporary table, or only its first rows and no faults."""
    reader = READERS[batch.layout.reader]
    statement, values = reader.select(con, batch, is_sample=limit is not None)
    for faults in (FAULTS, FAULT_SCANS):
        con.execute(f"drop table if exists {faults}")
    number = f"${len(values) + 1}"
    with explained(batch):
        con.execute(
            f"create or replace temp table {table} as"
            f" select cast({number}[cast(file_index as bigint) + 1] as integer) as file_no,"
            f" * exclude (file_index) from ({statement})"
            + (f" limit {limit}" if limit is not None else ""),
            [*values, list(batch.numbers)],
        )
    if limit is None and batch.layout.reader != "parquet":
        keep_faults(con, batch)
    if batch.layout.reader == "lines":
        _split_lines(con, batch, table, keep_faults=limit is None)
    return Staged(table, batch)


@contextmanager
def explained(batch: Batch) -> Iterator[None]:
    """Tell a failure to read the files of a batch as an error about them."""
    try:
        yield
    except duckdb.Error as error:
        if isinstance(error, _NOT_THE_FILE) or "No space left" in str(error):
            raise
        raise READERS[batch.layout.reader].explain(batch, error) from error


def keep_faults(con: duckdb.DuckDBPyConnection, batch: Batch) -> None:
    """Move what DuckDB's reader could not read into ``MALFORMED``, one row a line."""
    _refuse_swallowing_quotes(con, batch)
    con.execute(
        _KEEP_FAULTS,
        {
            "numbers": list(batch.numbers),
            "files": [str(file) for file in batch.files],
            "header": batch.layout.lines_above,
            "kinds": list(_REASONS),
            "reasons": list(_REASONS.values()),
        },
    )
    _keep_faults_of_copies(con, batch)


def _keep_faults_of_copies(con: duckdb.DuckDBPyConnection, batch: Batch) -> None:
    """Add the records that could not be copied into the spool to ``MALFORMED``."""
    columns = ", ".join(f"'{name}': 'varchar'" for name in ("record", "before", "reason", "text"))
    for file_no, path in batch.faults:
        con.execute(
            f"""
            insert into {MALFORMED} by name
            select
                $file_no as file_no,
                cast(record as bigint) as record,
                cast(before as bigint) as accepted_before,
                left(text, {VALUE_LENGTH}) as value,
                reason,
                text
            from read_csv($path, auto_detect = false, header = false, columns = {{{columns}}},
                delim = ',', quote = '"', escape = '"', hive_partitioning = false)
            """,
            {"file_no": file_no, "path": literal(path)},
        )


def _refuse_swallowing_quotes(con: duckdb.DuckDBPyConnection, batch: Batch) -> None:
    """Raise where a quote swallows more than DuckDB keeps: its lines could not be counted."""
    swallowed = con.execute(
        f"""
        select scans.file_path, faults.line
        from {FAULTS} as faults join {FAULT_SCANS} as scans using (scan_id, file_id)
        where faults.error_type = 'UNQUOTED VALUE' and length(faults.csv_line) >= {_FAULT_LENGTH}
        limit 1
        """
    ).fetchall()
    if swallowed:
        path, line = swallowed[0]
        raise SourceError(
            f"{batch.name(path)}: a quote is opened and not closed for thousands of characters",
            found=f"it opens in record {line - batch.layout.lines_above}",
            fix="close it, or remove it",
        )


def _split_lines(
    con: duckdb.DuckDBPyConnection, batch: Batch, table: str, *, keep_faults: bool
) -> None:
    """Split the lines of ``table`` at the spaces; those with other counts become faults."""
    count = len(batch.layout.columns)
    con.execute(
        f"""
        create or replace temp table split as
        select file_no, rowid as place, line,
            string_split_regex(trim(line, ' ' || chr(9) || chr(13)), '\\s+') as cells
        from {table}
        where trim(coalesce(line, ''), ' ' || chr(9) || chr(13)) <> ''
        order by rowid
        """
    )
    columns = ", ".join(f"cells[{n}] as c{n}" for n in range(1, count + 1))
    con.execute(
        f"create or replace temp table {table} as"
        f" select file_no, {columns} from split where len(cells) = {count} order by place"
    )
    if keep_faults:
        con.execute(
            f"""
            insert into {MALFORMED}
            with counted as (
                select file_no, line, len(cells) as n_cells,
                    row_number() over (partition by file_no order by place) as record,
                    count(*) filter (len(cells) = {count})
                        over (partition by file_no order by place) as accepted_before
                from split
            )
            select file_no, record, accepted_before, left(line, {VALUE_LENGTH}),
                if(n_cells < {count}, 'too few columns', 'too many columns'), line
            from counted where n_cells <> {count}
            """
        )
    con.execute("drop table split")
