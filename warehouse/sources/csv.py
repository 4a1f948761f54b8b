"""Text in UTF-8 with columns: commas, semicolons, tabs, pipes, or runs of spaces; also compressed.

DuckDB finds the separator and reads the rows; decided here are only whether the first record is a
header, and what is not worth reading.
"""

import itertools
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import duckdb

from warehouse.errors import SourceError
from warehouse.sources.found import literal
from warehouse.sources.layout import Batch, Layout
from warehouse.sources.peeking import Peek
from warehouse.sources.separators import only_separator

FAULTS = "csv_faults"
FAULT_SCANS = "csv_fault_scans"
# No text file holds this character, so that a line comes as one column.
_NO_DELIMITER = "\x01"
# A number, perhaps with a currency beside it, or a date.
_VALUE = re.compile(
    r"\(?([^\w\s.,+-] ?)?[+-]?[\d.,' ]*\d[\d.,]*(e[+-]?\d+)?( ?[^\w\s.,])?\)?-?"
    r"|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*",
    re.I,
)
_SAMPLE_LINES = 100
# DuckDB cuts a file into pieces of a quarter of its buffer, and rows that shall stay in their order
# are put together again from them. Its own buffer makes pieces of fewer rows than it stores
# together, so that it writes most rows twice; the beginning of a file needs no large one. What does
# not fit into memory cannot be put on the disk meanwhile, so each thread's may take an eighth.
_OWN_BUFFER, _LARGE_BUFFER, _SMALL_BUFFER = 32_000_000, 128_000_000, 4_000_000
_SHARE = 8
# The longest line is DuckDB's own, which it would make as long as the buffer.
_LONGEST = "max_line_size = 2000000"
# Names of folders such as date=2024-01-31 say nothing about the columns of a text.
_NO_FOLDERS = "hive_partitioning = false"
_BEGINNING = f"buffer_size = {_SMALL_BUFFER}, {_LONGEST}"
_FIRST_RECORDS = f"null_padding = true, parallel = false, ignore_errors = true, {_BEGINNING}"


def sniff(con: duckdb.DuckDBPyConnection, path: Path, peek: Peek, asked: str) -> Layout | None:
    """Layout of a text file; None where it holds no row (empty, or a header only).

    Parameters
    ----------
    path, peek : the file in UTF-8, maybe a copy, and its beginning.
    asked : what the user asked for, for messages.

    Raises
    ------
    SourceError : it has one column only, as with a separator that is not known.
    """
    text = peek.head.decode("utf-8-sig", errors="replace")
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        return None
    layout = _separated(con, path, peek, asked) or _spaced(text, lines, peek)
    if layout is None:
        raise SourceError(
            f"{asked}: only one column was found",
            found=lines[0][:80],
            fix="separate the columns by comma, semicolon, tab, pipe or spaces",
        )
    if layout.has_header and peek.is_whole and len(lines) == 1:
        return None
    return layout


def _separated(con: duckdb.DuckDBPyConnection, path: Path, peek: Peek, asked: str) -> Layout | None:
    """Layout with a separator; None where none gives more than one column."""
    text = peek.head.decode("utf-8-sig", errors="replace")
    only = only_separator(text, is_whole=peek.is_whole)
    delimiter, quote, escape, count = _sniffed(con, path, peek, asked) or ("", "", "", 0)
    # Many quotes in few records mislead DuckDB, and one record that is too long stops it.
    if only is not None and only[0] != delimiter:
        delimiter, count = only
        quote = escape = '"'
    if count < 2:
        return None
    if quote == "'" and not _has_apostrophe_quotes(text, delimiter):
        quote = escape = '"'
    options = (
        ("delim", delimiter),
        # A sample without quotes says nothing about the rest of the file.
        ("quote", "'" if quote == "'" else '"'),
        ("escape", "\\" if escape == "\\" else "'" if quote == "'" else '"'),
        ("compression", peek.compression),
        *_skipped(text),
    )
    unnamed = Layout("csv", tuple(f"column {n}" for n in range(1, count + 1)), False, options)
    return with_header(unnamed, _first_records(con, path, unnamed))


def _sniffed(
    con: duckdb.DuckDBPyConnection, path: Path, peek: Peek, asked: str
) -> tuple[str, str, str, int] | None:
    """Delimiter, quote, escape and number of columns as DuckDB sees them; None if it gives up."""
    try:
        # Single bad records shall not mislead it: they are rejected when the file is read.
        found = con.execute(
            "select Delimiter, Quote, Escape, len(Columns)"
            " from sniff_csv($1, compression = $2, ignore_errors = true, all_varchar = true,"
            f" {_NO_FOLDERS})",
            [literal(path), peek.compression],
        ).fetchall()
    except duckdb.InvalidInputException:
        return None
    except duckdb.IOException as error:
        raise _damaged(asked, error) from error
    delimiter, quote, escape, count = found[0]
    return delimiter, quote, escape, count


def _has_apostrophe_quotes(text: str, delimiter: str) -> bool:
    """Whether apostrophes enclose a cell in most lines; one may also be a letter of its text."""
    cell = rf"(?m)(?:^|{re.escape(delimiter)})'[^'\n]*'(?={re.escape(delimiter)}|\r?$)"
    return 2 * len(re.findall(cell, text)) >= text.count("\n")


def quotes_alike(layout: Layout, beginning: Peek) -> bool:
    """Whether a text with the signs of a file of this layout means the same by them.

    An apostrophe may be a letter or a quote, a backslash a letter or an escape.
    """
    options = dict(layout.options)
    text = beginning.head.decode("utf-8-sig", errors="replace")
    if layout.reader != "csv" or ("'" not in text and "\\" not in text):
        return True
    if "\\" in text and ('\\"' in text or options["escape"] == "\\"):
        return False
    is_quote = "'" in text and _has_apostrophe_quotes(text, options["delim"])
    return is_quote == (options["quote"] == "'")


def _first_records(con: duckdb.DuckDBPyConnection, path: Path, layout: Layout) -> list[list[str]]:
    """Cells of the first two records, as text; one that is too short ends in empty cells."""
    statement, values = _read(layout, [path], _FIRST_RECORDS)
    rows = con.execute(f"{statement} limit 2", values).fetchall()
    return [["" if cell is None else str(cell) for cell in row[1:]] for row in rows]


def with_header(layout: Layout, records: list[list[str]]) -> Layout:
    """``layout`` with the names of the first of its first two records, if that is a header.

    A header has no numbers or dates; or fewer than there are columns that have them only below.
    """
    first = [cell.removeprefix("\ufeff").strip() for cell in records[0]] if records else []
    below = records[1] if len(records) > 1 else [""] * len(first)
    values = [bool(_VALUE.fullmatch(cell)) for cell in first]
    only_below = sum(
        bool(cell) and not is_value and bool(_VALUE.fullmatch(under.strip()))
        for cell, is_value, under in zip(first, values, below, strict=False)
    )
    is_short = len(first) != len(layout.columns)
    if is_short or not any(first) or 0 < sum(values) >= only_below:
        return layout
    titles = tuple(cell or f"column {position}" for position, cell in enumerate(first, start=1))
    names = _told_apart(titles)
    repeated = titles if names != titles else ()
    return replace(layout, columns=names, has_header=True, titles=repeated)


def _told_apart(titles: tuple[str, ...]) -> tuple[str, ...]:
    """Names without a repeated one, in whatever letters: the second ``amount`` is ``amount_2``."""
    written = {title.lower() for title in titles}
    names: dict[str, str] = {}
    for title in titles:
        more = (f"{title}_{n}" for n in itertools.count(2))
        free = (name for name in more if name.lower() not in names.keys() | written)
        name = next(free) if title.lower() in names else title
        names[name.lower()] = name
    return tuple(names.values())


def _skipped(text: str) -> tuple[tuple[str, str], ...]:
    """The option that leaves out blank lines at the beginning; the first would be the header."""
    blank = len(text) - len(text.lstrip("\r\n"))
    return (("skip", str(len(text[:blank].splitlines()))),) if blank else ()


def _spaced(text: str, lines: list[str], peek: Peek) -> Layout | None:
    """Columns apart by any number of spaces, if most lines have equally many."""
    sample = lines[:_SAMPLE_LINES]
    count, how_often = Counter(len(line.split()) for line in sample).most_common(1)[0]
    if count < 2 or how_often < 0.9 * len(sample):
        return None
    options = (("compression", peek.compression), *_skipped(text))
    unnamed = Layout("lines", tuple(f"column {n}" for n in range(1, count + 1)), False, options)
    return with_header(unnamed, [line.split() for line in sample[:2]])


def select(
    con: duckdb.DuckDBPyConnection,
    batch: Batch,
    *,
    must_keep_faults: bool = True,
    is_sample: bool = False,
) -> tuple[str, list[object]]:
    """SELECT of ``file_index`` and the text columns, with its parameters.

    Records that cannot be read are left in the tables ``FAULTS`` and ``FAULT_SCANS``, or left out.
    A sample is going to be read no further than its first rows.
    """
    keep = f"store_rejects = true, rejects_table = '{FAULTS}', rejects_scan = '{FAULT_SCANS}'"
    if not must_keep_faults:
        keep = "ignore_errors = true"
    buffer = _BEGINNING if is_sample else _buffer(con, batch.layout)
    return _read(batch.layout, batch.files, f"{keep}, {buffer}")


def _buffer(con: duckdb.DuckDBPyConnection, layout: Layout) -> str:
    """Options that read whole files in pieces as large as pays, and as memory has room for."""
    if dict(layout.options)["compression"] != "none":
        return _LONGEST  # the whole buffer is taken for each file, however small
    memory, threads = con.execute(
        "select parse_formatted_bytes(current_setting('memory_limit')), current_setting('threads')"
    ).fetchall()[0]
    room = int(memory) // (_SHARE * int(threads))
    return f"buffer_size = {max(_OWN_BUFFER, min(room, _LARGE_BUFFER))}, {_LONGEST}"


def _read(
    layout: Layout, files: list[Path] | tuple[Path, ...], more: str
) -> tuple[str, list[object]]:
    """The call of DuckDB's reader; for ``lines`` its one column is split at the spaces."""
    names = ["line"] if layout.reader == "lines" else layout.names
    options = dict(layout.options)
    if layout.reader == "lines":
        options |= {"delim": _NO_DELIMITER, "quote": "", "escape": ""}
    values: list[object] = [[literal(file) for file in files]]
    arguments = []
    for name, value in options.items():
        values.append(value)
        arguments.append(f"{name} = ${len(values)}")
    columns = ", ".join(f"'{name}': 'varchar'" for name in names)
    statement = (
        f"select file_index, {', '.join(names)} from read_csv($1, auto_detect = false,"
        f" comment = '', {_NO_FOLDERS}, header = {str(layout.has_header).lower()},"
        f" columns = {{{columns}}}, {', '.join(arguments)}, {more})"
    )
    return statement, values


def explain(batch: Batch, error: duckdb.Error) -> SourceError:
    """What a failure while reading means."""
    path = next((file for file in batch.files if str(file) in str(error)), batch.files[0])
    return _damaged(batch.name(path), error)


def _damaged(asked: str, error: duckdb.Error) -> SourceError:
    return SourceError(
        f"{asked}: cannot be read to its end",
        found=str(error).splitlines()[0],
        fix="get a fresh copy of the file, or save it as plain CSV in UTF-8",
    )
