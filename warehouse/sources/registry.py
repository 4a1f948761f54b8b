"""Which reader reads what: from the arguments of a load to batches of files of one layout."""

from collections.abc import Sequence
from pathlib import Path

import duckdb

from warehouse.errors import SourceError, UsageError
from warehouse.sources import csv, parquet
from warehouse.sources.found import Found, find_files, peek
from warehouse.sources.layout import Batch, Layout, Sources

READERS = {"csv": csv, "lines": csv, "parquet": parquet}


def open_sources(con: duckdb.DuckDBPyConnection, arguments: Sequence[str]) -> Sources:
    """Find the files, learn how each is read, and put those of one layout together.

    Parameters
    ----------
    con : any connection that may read files; nothing is stored in it.
    arguments : paths and globs.

    Returns
    -------
    Sources whose files keep the order of the arguments. Files of a glob that hold no row are
    listed in ``without_rows``.

    Raises
    ------
    SourceError : nothing is found, a file cannot be read, or a file that was named holds no row.
    """
    if not arguments:
        raise UsageError("no source is named", fix="name a file or a glob")
    found = find_files(list(arguments))
    layouts = _layouts(con, found)
    if not any(layouts):
        raise SourceError(
            f"{arguments[0]}: the files hold no row", found=f"{len(found)} files", fix="name others"
        )
    grouped: dict[Layout, list[int]] = {}
    for number, layout in enumerate(layouts):
        if layout is not None:
            grouped.setdefault(layout, []).append(number)
    files = tuple(one.path for one in found)
    batches = tuple(
        Batch(layout, tuple(files[number] for number in numbers), tuple(numbers))
        for layout, numbers in grouped.items()
    )
    empty = tuple(file for file, layout in zip(files, layouts, strict=True) if layout is None)
    return Sources(files, batches, empty)


def _layouts(con: duckdb.DuckDBPyConnection, found: Sequence[Found]) -> list[Layout | None]:
    """Layout of each file; a year of daily files with one header is sniffed once."""
    known: dict[bytes, Layout] = {}
    layouts = []
    for one in found:
        layout = _layout(con, one.path, known)
        if layout is None and one.by_name:
            raise SourceError(
                f"{one.path}: holds no row",
                found="an empty file" if not one.path.stat().st_size else "a header at most",
                fix="check how the file was written",
            )
        layouts.append(layout)
    return layouts


def _layout(
    con: duckdb.DuckDBPyConnection, path: Path, known: dict[bytes, Layout]
) -> Layout | None:
    """Layout of one file; ``known`` maps beginnings to the layouts that they led to."""
    beginning = peek(path)
    if beginning.kind == "parquet":
        return parquet.sniff(con, path)
    first_line, _, rest = beginning.head.partition(b"\n")
    # Files of one header share a layout only where they also quote and escape alike.
    quoting = bytes(sign for sign in b"\"'\\" if sign in beginning.head)
    key = beginning.compression.encode() + b"\0" + quoting + b"\0" + first_line.rstrip()
    if key in known and rest.strip():
        return known[key]
    layout = csv.sniff(con, path, beginning)
    if layout is not None and layout.has_header:
        known[key] = layout
    return layout
