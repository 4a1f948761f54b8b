"""Parquet files: every column comes as text, a DOUBLE in its shortest exact wording."""

from collections.abc import Sequence
from pathlib import Path

import duckdb

from warehouse.errors import SourceError
from warehouse.sources.found import literal
from warehouse.sources.layout import Batch, Layout
from warehouse.sources.opened import Opened
from warehouse.synonyms import FIELDS, called

_BYTES = "BLOB"
# Stands for the type of a folder's column where the reader itself is not to add the folders.
_OF_FOLDER = "of its folder"
_FIRST_ROWS = 100
# The reader's column with the place of a file among those that are read.
_PLACE = "file_index"
_NOT_UTF_8 = "Invalid string encoding"


def opened(con: duckdb.DuckDBPyConnection, path: Path) -> Opened:
    """Find the columns of a Parquet file; its layout is None where it holds no row.

    Columns of bytes that are mostly no text are left out. A folder called ``store=7`` gives the
    files in it a column, unless they have one of that name themselves.

    Raises
    ------
    SourceError : the file is truncated or damaged, no column of it can be read as text, or one of
        bytes that are no text is called like one of ours.
    """
    folders = {part.partition("=")[0].lower() for part in path.parts[:-1] if "=" in part}
    try:
        counted = con.execute("select num_rows from parquet_file_metadata($1)", [literal(path)])
        if not counted.fetchall()[0][0]:
            return Opened(path, None)
        own = _types(con, path, with_folders=False)
        twice = [name for name in own if name.lower() in folders]
        types = _types(con, path, with_folders=True) if folders else own
        binary = _without_text(con, path, [name for name in own if own[name] == _BYTES])
        texts = [name for name in own if own[name] == _BYTES and name not in binary]
        escaped = _escaped(con, path, texts)
    except duckdb.Error as error:
        raise _unreadable(str(path), error) from error
    _refuse_ours(path, binary)
    has_folders = bool(folders) and not twice
    if twice:
        known = {name.lower() for name in own}
        types = own | {name: _OF_FOLDER for name in types if name.lower() not in known}
    kept = {name: kind for name, kind in types.items() if name not in binary}
    left_out = ", ".join(f"{name} (binary)" for name in binary)
    if not kept:
        raise SourceError(
            f"{path}: holds nothing that could be read",
            found=left_out,
            fix="write columns of text and numbers",
        )
    notes = [f"{left_out} not read"] if binary else []
    notes += [
        f"{count:,} values of {name} are not UTF-8, their bytes are shown as in Caf\\xE9"
        for name, count in escaped.items()
    ]
    notes += [f"{name} is that of the file, not of its folder" for name in twice]
    options = (
        ("hive_partitioning", str(has_folders).lower()),
        ("hive_types_autocast", "false"),
    )
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
    """Those columns of bytes that hold mostly no text; some programs write texts as bytes."""
    if not names:
        return []
    texts = ", ".join(f"{_quoted(name)} as b{n}" for n, name in enumerate(names))
    asked = ", ".join(
        rf"2 * count(*) filter (b{n} is not null and (try(decode(b{n})) is null"
        rf" or regexp_matches(try(decode(b{n})), '[\x00-\x08]'))) > count(b{n})"
        for n in range(len(names))
    )
    found = con.execute(
        f"select {asked} from (select {texts} from read_parquet($1, hive_partitioning = false)"
        f" limit {_FIRST_ROWS})",
        [literal(path)],
    ).fetchall()[0]
    return [name for name, is_binary in zip(names, found, strict=True) if is_binary]


def _escaped(con: duckdb.DuckDBPyConnection, path: Path, names: Sequence[str]) -> dict[str, int]:
    """How many values of columns of bytes are no text, where there are any."""
    if not names:
        return {}
    counts = ", ".join(
        f"count(*) filter ({_quoted(name)} is not null and try(decode({_quoted(name)})) is null)"
        for name in names
    )
    found = con.execute(
        f"select {counts} from read_parquet($1, hive_partitioning = false)", [literal(path)]
    ).fetchall()[0]
    return {name: count for name, count in zip(names, found, strict=True) if count}


def _refuse_ours(path: Path, binary: Sequence[str]) -> None:
    """Raise where a column that would be left out is one that names alone would map."""
    fields = [field for table in FIELDS.values() for field in table.values()]
    for name in binary:
        ours = next((field.name for field in fields if called(name, like=field)), None)
        if ours is not None:
            raise SourceError(
                f"{path}: {name}, by its name {ours}, holds bytes that are no text",
                found=f"{name} (binary)",
                fix=f"write {name} as text, such as hex digits, or the file without it",
            )


def select(
    con: duckdb.DuckDBPyConnection,
    batch: Batch,
    *,
    must_keep_faults: bool = True,
    is_sample: bool = False,
) -> tuple[str, list[object]]:
    """SELECT of ``file_index`` and the text columns, with its parameters."""
    layout = batch.layout
    files = [literal(file) for file in batch.files]
    values: list[object] = [files]
    options = ", ".join(f"{name} = {value}" for name, value in layout.options)
    taken = {name.lower() for name in layout.columns}
    place = _PLACE
    if _PLACE in taken:
        # A column of the file hides the reader's of that name, so its name tells which file it is.
        path = next(name for n in range(len(taken) + 1) if (name := f"file_{n}") not in taken)
        place = f"list_position($2, {path}) - 1"
        options += f", filename = '{path}'"
        values.append([str(file) for file in batch.files])
    of_folders = _of_folders(con, batch)
    columns = []
    for name, kind, ours in zip(layout.columns, layout.types, layout.names, strict=True):
        if kind == _OF_FOLDER:
            values.append(of_folders[name])
            text = f"cast(${len(values)}[cast({place} as bigint) + 1] as varchar)"
        else:
            text = _text(name, kind)
        columns.append(f"{text} as {ours}")
    statement = f"select {place} as {_PLACE}, {', '.join(columns)} from read_parquet($1, {options})"
    return statement, values


def _of_folders(con: duckdb.DuckDBPyConnection, batch: Batch) -> dict[str, list[str | None]]:
    """What the folders of each file say, for columns that the reader itself is not to add.

    It could add all folders only, also those that would hide a column of the file.
    """
    layout = batch.layout
    kinds = zip(layout.columns, layout.types, strict=True)
    names = [name for name, kind in kinds if kind == _OF_FOLDER]
    if not names:
        return {}
    asked = (
        f"select {', '.join(map(_quoted, names))} from read_parquet($1, hive_partitioning = true,"
        " hive_types_autocast = false) limit 1"
    )
    try:
        rows = [con.execute(asked, [literal(file)]).fetchall()[0] for file in batch.files]
    except duckdb.Error as error:
        raise explain(batch, error) from error
    return {name: [row[n] for row in rows] for n, name in enumerate(names)}


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
