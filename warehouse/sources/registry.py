"""Which reader reads what: from the arguments of a load to batches of files of one layout."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb

from warehouse.errors import SourceError, UsageError
from warehouse.progress import Silent
from warehouse.sources import csv, json_lines, parquet, workbooks
from warehouse.sources.database_url import is_address
from warehouse.sources.encodings import as_utf_8, misread
from warehouse.sources.found import Found, find_files
from warehouse.sources.layout import Batch, Layout, Sources, listed, short_name
from warehouse.sources.named_encodings import TITLES, WIDE
from warehouse.sources.opened import Opened
from warehouse.sources.peeking import Peek, peek
from warehouse.sources.spool import Spool
from warehouse.sources.tables import Databases, TableRead

READERS = {"csv": csv, "lines": csv, "parquet": parquet}


@dataclass
class _Opening:
    """What opening one file after another needs. ``known``: beginnings and their layouts.

    ``encoding`` is the codec of all files of text, None where it is to be found.
    """

    con: duckdb.DuckDBPyConnection
    encoding: str | None = None
    spool: Spool = field(default_factory=Spool)
    known: dict[bytes, Layout] = field(default_factory=dict)


def open_sources(
    con: duckdb.DuckDBPyConnection,
    arguments: Sequence[str],
    databases: Databases | None = None,
    encoding: str | None = None,
) -> Sources:
    """Find the files, learn how each is read, and put those of one layout together.

    Parameters
    ----------
    con : any connection that may read files; nothing is stored in it.
    arguments : paths and globs, and addresses of tables in databases.
    databases : what reading tables needs; their rows are all there once it is told to finish.
        None: no password, every row at once.
    encoding : codec of the files of text, where the user names it, see
        :func:`warehouse.sources.named_encodings.known`.

    Returns
    -------
    Sources whose files keep the order of the arguments, and tables come last. Files of a glob that
    hold no row are listed in ``without_rows``.

    Raises
    ------
    UsageError : an address cannot be understood, or holds a password.
    SourceError : nothing is found, a file or table cannot be read, or what was named holds no row.
    """
    if not arguments:
        raise UsageError("no source is named", fix="name a file or a glob")
    found = find_files([argument for argument in arguments if not is_address(argument)])
    opening = _Opening(con, encoding)
    opened = [_opened(opening, one) for one in found]
    tables = _begun(arguments, databases, opening.spool)
    opened += [_opened_table(table) for table in tables]
    if not any(one.layout for one in opened):
        raise SourceError(
            f"{arguments[0]}: the files hold no row", found=f"{len(found)} files", fix="name others"
        )
    asked = [one.asked for one in found] + [table.url.label for table in tables]
    empty = [one.path for one, read in zip(found, opened, strict=False) if read.layout is None]
    return Sources(
        tuple(asked),
        _batches(opened, asked),
        tuple(empty),
        _notes(opened, asked),
        opening.spool,
    )


def _batches(opened: Sequence[Opened], asked: Sequence[str]) -> tuple[Batch, ...]:
    """Files of one layout together."""
    grouped: dict[Layout, list[int]] = {}
    for number, one in enumerate(opened):
        if one.layout is not None:
            grouped.setdefault(one.layout, []).append(number)
    return tuple(
        Batch(
            layout,
            tuple(opened[number].path for number in numbers),
            tuple(numbers),
            tuple(asked[number] for number in numbers),
            tuple((number, path) for number in numbers if (path := opened[number].faults)),
        )
        for layout, numbers in grouped.items()
    )


def _notes(opened: Sequence[Opened], asked: Sequence[str]) -> tuple[str, ...]:
    """What was decided about files, once for all about which it is the same."""
    grouped: dict[str, list[str]] = {}
    for one, name in zip(opened, asked, strict=True):
        for note in one.notes:
            grouped.setdefault(note, []).append(short_name(name))
    return tuple(f"{listed(names)}: {note}" for note, names in grouped.items())


def _begun(arguments: Sequence[str], databases: Databases | None, spool: Spool) -> list[TableRead]:
    """The tables among the arguments, of which the first rows are there."""
    if databases is not None:
        return databases.begin(arguments, spool)
    with Databases() as unknown:
        tables = unknown.begin(arguments, spool)
        unknown.finish(Silent())
        return tables


def _opened_table(table: TableRead) -> Opened:
    notes = (f"{', '.join(table.left_out)} not read",) if table.left_out else ()
    return Opened(table.path, table.layout, notes=notes)


def _opened(opening: _Opening, one: Found) -> Opened:
    """Open one file; a file that was named must hold a row."""
    beginning = peek(one.path)
    if one.sheet is not None and beginning.kind != "xlsx":
        raise SourceError(f"{one.asked}: only a workbook has sheets", fix=f"name {one.path}")
    if beginning.kind == "parquet":
        opened = parquet.opened(opening.con, one.path)
    elif beginning.kind == "xlsx":
        opened = workbooks.copied(one.path, one.sheet, opening.spool, one.asked)
    else:
        opened = _opened_text(opening, one, beginning)
    if opened.layout is None and one.by_name:
        raise SourceError(
            f"{one.asked}: holds no row",
            found="an empty file" if not one.path.stat().st_size else "a header at most",
            fix="check how the file was written",
        )
    return opened


def _opened_text(opening: _Opening, one: Found, beginning: Peek) -> Opened:
    """Text with columns or objects of JSON, in any encoding."""
    of_file = beginning
    path, encoding = as_utf_8(one.path, of_file, opening.spool, opening.encoding)
    if path != one.path:
        beginning = _peek_at_copy(path, one.asked, TITLES.get(encoding, encoding))
    notes = _encoding_notes(encoding, opening.encoding)
    if opening.encoding == encoding and encoding not in ("utf-8", *WIDE):
        notes += _doubts(one.path, of_file, encoding)
    if beginning.kind == "json":
        return replace(json_lines.copied(path, beginning, opening.spool, one.asked), notes=notes)
    return Opened(path, _text_layout(opening, path, beginning, one.asked), notes=notes)


def _peek_at_copy(path: Path, asked: str, title: str) -> Peek:
    """The beginning of a copy in UTF-8.

    Raises
    ------
    SourceError : it holds no table; ``asked`` is named, and the encoding that it was read in.
    """
    try:
        return peek(path)
    except SourceError as error:
        raise SourceError(
            f"{asked}: holds no text with columns, read as {title}",
            found=error.found,
            fix="say with --encoding, or in the settings of its source, what it is in",
        ) from None


def _encoding_notes(encoding: str, wish: str | None) -> tuple[str, ...]:
    """As what a file was read, where that is no matter of course; names of codecs."""
    title, other = TITLES.get(encoding, encoding), TITLES.get(wish or encoding, wish)
    if title != other:
        return (f"read as {title} by its byte order mark, not as {other}",)
    return (f"read as {title}",) if encoding != "utf-8" else ()


def _doubts(path: Path, beginning: Peek, encoding: str) -> tuple[str, ...]:
    """What speaks against the encoding that was named."""
    seen = misread(path, beginning, encoding)
    if seen is None:
        return ()
    return (
        f"as {TITLES.get(encoding, encoding)} it says {seen[0][:40]!r} where UTF-8, which the whole"
        f" file could be, says {seen[1][:40]!r}: if that is right, name no encoding",
    )


def _text_layout(opening: _Opening, path: Path, beginning: Peek, asked: str) -> Layout | None:
    """Layout of text in UTF-8; a year of daily files with one header is sniffed once."""
    first_line, _, rest = beginning.head.partition(b"\n")
    # Files of one header share a layout only where they also quote and escape alike.
    quoting = bytes(sign for sign in b"\"'\\" if sign in beginning.head)
    key = beginning.compression.encode() + b"\0" + quoting + b"\0" + first_line.rstrip(b"\r")
    if _is_header(first_line) and rest.strip():
        known = opening.known.get(key)
        if known is not None and csv.quotes_alike(known, beginning):
            return known
    layout = csv.sniff(opening.con, path, beginning, asked)
    if layout is not None and layout.has_header and _is_header(first_line):
        opening.known[key] = layout
    return layout


def _is_header(line: bytes) -> bool:
    """Whether a first line may be a whole header: not a blank one, and no cell goes on below."""
    quotes = (line.count(b'"') % 2, line.count(b"'") % 2)
    return bool(line.strip(b"\xef\xbb\xbf\r\t ")) and not any(quotes)
