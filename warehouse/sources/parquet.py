"""Parquet files: every column comes as text, a DOUBLE in its shortest exact wording."""

from collections.abc import Sequence
from pathlib import Path

import duckdb

from warehouse.errors import SourceError
from warehouse.sources.found import literal
from warehouse.sources.layout import Batch, Layout
from warehouse.sources.opened import Opened

_BYTES = "BLOB"
_FIRST_ROWS = 100
# The reader's column with the place of a file among those that are read.
_PLACE = "file_index"
_NOT_UTF_8 = "Invalid string encoding"


def opened(con: duckdb.DuckDBPyConnection, path: Path) -> Opened:
    """Find the columns of a Parquet file; its layout is None where it holds no row.

    Columns of bytes that are no text are left out. A folder called ``store=7`` gives the files in
    it a column, unless one of them is called like a column that a file has itself.

    Raises
    ------
    SourceError : the file is truncated or damaged, or no column of it can be read as text.
    """
    folders = {part.partition("=")[0].lower() for part in path.parts[:-1] if "=" in part}
    try:
        counted = con.execute("select num_rows from parquet_file_metadata($1)", [literal(path)])
        if not counted.fetchall()[0][0]:
            return Opened(path, None)
        own = _types(con, path, with_folders=False)
        twice = [name for name in own if name.lower() in folders]
        types = _types(con, path, with_folders=True) if folders and not twice else own
        binary = _without_text(con, path, [name for name in own if own[name] == _BYTES])
    except duckdb.Error as error:
        raise _unreadable(str(path), error) from error
    kept = {name: kind for name, kind in types.items() if name not in binary}
    left_out = ", ".join(f"{name} (binary)" for name in binary)
    if not kept:
        raise SourceError(
            f"{path}: holds nothing that could be read",
            found=left_out,
            fix="write columns of text and numbers",
        )
    notes = [f"{left_out} not read"] if binary else []
    notes += [f"{name} is that of the file, not of its folder" for name in twice]
    has_folders = str(types is not own).lower()
    options = (("hive_partitioning", has_folders), ("hive_types_autocast", "false"))
    layout = Layout("parquet", tuple(kept), True, options, types=tuple(kept.values()))
    return Opened(path, layout, notes=tuple(notes))


def _types(con: duckdb.DuckDBPyConnection, path: Path, *, with_folders: bool) -> dict[str, str]:
    """Types of the columns of a file by their names, and perhaps of those of its folders."""
    found = con.execute(
        f"describe from read_parquet($1, hive_partitioning = {str(with_folders).lower()},"
        " hive_types_autocast = false)",
        [literal(path)],
    )
    return {name: kind for name, kind, *_ in found.fetchall()}


def _without_text(con: duckdb.DuckDBPyConnection, path: Path, names: Sequence[str]) -> list[str]:
    """Those columns of bytes that hold no text; some programs write every text as bytes."""
    if not names:
        return []
    texts = ", ".join(f"{_quoted(name)} as b{n}" for n, name in enumerate(names))
    asked = ", ".join(
        rf"coalesce(bool_or(try(decode(b{n})) is null or regexp_matches(try(decode(b{n})),"
        rf" '[\x00-\x08]')) filter (b{n} is not null), false)"
        for n in range(len(names))
    )
    found = con.execute(
        f"select {asked} from (select {texts} from read_parquet($1, hive_partitioning = false)"
        f" limit {_FIRST_ROWS})",
        [literal(path)],
    ).fetchall()[0]
    return [name for name, is_binary in zip(names, found, strict=True) if is_binary]


def select(
    con: duckdb.DuckDBPyConnection,
    batch: Batch,
    *,
    must_keep_faults: bool = True,
    is_sample: bool = False,
) -> tuple[str, list[object]]:
    """SELECT of ``file_index`` and the text columns, with its parameters."""
    layout = batch.layout
    columns = ", ".join(
        f"{_text(name, kind)} as {ours}"
        for name, kind, ours in zip(layout.columns, layout.types, layout.names, strict=True)
    )
    options = ", ".join(f"{name} = {value}" for name, value in layout.options)
    files = [literal(file) for file in batch.files]
    taken = {name.lower() for name in layout.columns}
    if _PLACE not in taken:
        return f"select {_PLACE}, {columns} from read_parquet($1, {options})", [files]
    # A column of the file hides the reader's of that name, so its name tells which file it is.
    path = next(name for n in range(len(taken) + 1) if (name := f"file_{n}") not in taken)
    statement = (
        f"select list_position($2, {path}) - 1 as {_PLACE}, {columns}"
        f" from read_parquet($1, {options}, filename = '{path}')"
    )
    return statement, [files, [str(file) for file in batch.files]]


def _text(name: str, kind: str) -> str:
    """SQL of a column as text; of bytes that are no text, their escapes."""
    text = f"cast({_quoted(name)} as varchar)"
    return f"coalesce(try(decode({_quoted(name)})), {text})" if kind == _BYTES else text


def explain(batch: Batch, error: duckdb.Error) -> SourceError:
    """What a failure while reading means."""
    return _unreadable(", ".join(file.name for file in batch.files[:3]), error)


def _quoted(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def _unreadable(where: str, error: duckdb.Error) -> SourceError:
    found = str(error).splitlines()[0]
    if _NOT_UTF_8 in found:
        return SourceError(
            f"{where}: a column of texts holds bytes that are not UTF-8",
            found=found,
            fix="write the column as bytes, which is left out, or as text in UTF-8",
        )
    return SourceError(
        f"{where}: not a complete Parquet file", found=found, fix="get a fresh copy of the file"
    )
