"""Parquet files: every column comes as text, a DOUBLE in its shortest exact wording."""

from pathlib import Path

import duckdb

from warehouse.errors import SourceError
from warehouse.sources.found import literal
from warehouse.sources.layout import Batch, Layout


def sniff(con: duckdb.DuckDBPyConnection, path: Path) -> Layout | None:
    """Layout of a Parquet file; None where it holds no row.

    Raises
    ------
    SourceError : the file is truncated or damaged.
    """
    try:
        columns = con.execute("describe from read_parquet($1)", [literal(path)]).fetchall()
        counted = con.execute("select num_rows from parquet_file_metadata($1)", [literal(path)])
        rows = counted.fetchall()[0][0]
    except duckdb.Error as error:
        raise _damaged(str(path), error) from error
    return Layout("parquet", tuple(name for name, *_ in columns)) if rows else None


def select(
    con: duckdb.DuckDBPyConnection,
    batch: Batch,
    *,
    must_keep_faults: bool = True,
    is_sample: bool = False,
) -> tuple[str, list[object]]:
    """SELECT of ``file_index`` and the text columns, with its parameters."""
    columns = ", ".join(
        f"cast({_quoted(name)} as varchar) as {ours}"
        for name, ours in zip(batch.layout.columns, batch.layout.names, strict=True)
    )
    return (
        f"select file_index, {columns} from read_parquet($1, binary_as_string = true)",
        [[literal(file) for file in batch.files]],
    )


def explain(batch: Batch, error: duckdb.Error) -> SourceError:
    """What a failure while reading means."""
    return _damaged(", ".join(file.name for file in batch.files[:3]), error)


def _quoted(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def _damaged(where: str, error: duckdb.Error) -> SourceError:
    return SourceError(
        f"{where}: not a complete Parquet file",
        found=str(error).splitlines()[0],
        fix="get a fresh copy of the file",
    )
