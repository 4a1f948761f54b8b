"""A selection as CSV: the same bytes from the page, ``/export.csv`` and ``spendboard export``.

UTF-8, CRLF, header, RFC 4180 quoting, ``.`` as decimal point, days in ISO, missing values empty
(an empty text is ``""``), money with two decimals, scores and shares with six. The rows stand in
a total order: the sort key, then ``customer_id``. The warehouse writes the lines, Python only hands
them on, so memory stays flat and one generation and selection always give the same bytes.
"""

import contextlib
import os
import tempfile
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from dashboard.copying import copied, nobody_leaves
from dashboard.queries.listing import DEFAULT_COLUMNS, ordered
from dashboard.queries.vocabulary import quoted
from dashboard.selection import Selection
from dashboard.vocabulary import Column, Vocabulary
from warehouse.errors import SelectionError, SpendboardError

if TYPE_CHECKING:
    from dashboard.reader import View

# A spreadsheet takes a text cell that begins with one of these for a formula.
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


def stream_csv(
    view: "View",
    selection: Selection,
    *,
    columns: Sequence[str] | None = None,
    raw: bool = False,
    has_left: Callable[[], bool] = nobody_leaves,
) -> Iterator[bytes]:
    """The lines of the export in batches; the first one has the header and the first rows.

    Parameters
    ----------
    columns : names, in their order; ``None`` takes those of the selection, else the default ones.
    raw : leave text that a spreadsheet would take for a formula as it is: for machines.
    has_left : whether the reader has gone; asked while she waits for rows.

    Raises
    ------
    SelectionError : a column is unknown; before anything is yielded.
    NobodyWaits : the reader has gone.
    """
    yield from _batches(view, selection, columns, raw, has_left)


def write_csv(
    view: "View",
    selection: Selection,
    target: Path | BinaryIO,
    *,
    columns: Sequence[str] | None = None,
    raw: bool = False,
) -> int:
    """Write the export to a file, which appears only when it is complete, or to a stream.

    Returns
    -------
    Number of customers written.

    Raises
    ------
    SelectionError : a column is unknown.
    SpendboardError : the file cannot be written, or the stream is closed too early.
    """
    batches = _batches(view, selection, columns, raw)
    if not isinstance(target, Path):
        return _write_stream(batches, target)
    try:
        if target.exists() and not target.is_file():  # a pipe, /dev/stdout
            with target.open("wb") as out:
                return _write(batches, out)
        return _write_whole(batches, target)
    except OSError as error:
        raise SpendboardError(
            f"{target}: cannot be written",
            found=error.strerror,
            fix="name a file in a folder that exists and that you may write to",
        ) from None


def _write(batches: Generator[bytes, None, int], out: BinaryIO) -> int:
    """Write all of it; returns what the generator does."""
    while True:
        try:
            batch = next(batches)
        except StopIteration as end:
            out.flush()
            return int(end.value)
        out.write(batch)


def _write_stream(batches: Generator[bytes, None, int], out: BinaryIO) -> int:
    """Write to a stream, whose reader may have seen enough."""
    try:
        return _write(batches, out)
    except BrokenPipeError:
        with contextlib.suppress(OSError, ValueError):
            # What is still buffered would fail once more at the end of the process.
            os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())
        raise SpendboardError(
            "the output was closed before the export was complete", fix="write to a file: --to FILE"
        ) from None


def _write_whole(batches: Generator[bytes, None, int], target: Path) -> int:
    """Write beside the target and rename: half a list is never taken for a whole one."""
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as out:
            rows = _write(batches, out)
        Path(name).chmod(0o666 & ~_umask())
        Path(name).replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
    return rows


def _umask() -> int:
    """The process's file mode mask; it can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _batches(
    view: "View",
    selection: Selection,
    columns: Sequence[str] | None,
    raw: bool,
    has_left: Callable[[], bool] = nobody_leaves,
) -> Generator[bytes, None, int]:
    """The bytes of the export; returns the number of customers in them."""
    names = exported_columns(selection, view.vocabulary, columns)
    cells = [
        f"{_cell(view.vocabulary.columns.get(name), raw)} as {quoted(_head(name, raw))}"
        for name in names
    ]
    statement = ordered(view, selection, cells)
    return copied(view, statement.ctes, statement.parameters, has_left)


def exported_columns(
    selection: Selection, vocabulary: Vocabulary, columns: Sequence[str] | None = None
) -> tuple[str, ...]:
    """The columns of an export, in order.

    The default ones are always all there, so that a file looks the same from day to day; what
    these data do not have stays empty.

    Raises
    ------
    SelectionError : ``columns`` names one that is not there, none, or one twice.
    """
    if columns is None:
        return selection.columns or DEFAULT_COLUMNS
    for place, name in enumerate(columns):
        if name in vocabulary.withheld:
            raise SelectionError(
                f"columns: {name!r} is withheld", found=vocabulary.withheld[name],
                fix="leave it out: no number is better than a guess",
            )  # fmt: skip
        if name not in vocabulary.columns:
            near = vocabulary.nearest(name, vocabulary.columns)
            known = f"did you mean: {near}?" if near else "`--columns customer_id,persona,monetary`"
            raise SelectionError(f"columns: there is no column {name[:80]!r}", fix=known)
        if name in columns[:place]:
            raise SelectionError(f"columns: {name!r} is named twice", fix="leave one of them out")
    if not columns:
        raise SelectionError("columns: none is named", fix="leave the option out for the default")
    return tuple(columns)


def _head(name: str, raw: bool) -> str:
    """A column's name; an attribute's may begin like a formula too."""
    return f"'{name}" if not raw and name.startswith(FORMULA_STARTS) else name


def _cell(column: Column | None, raw: bool) -> str:
    """A column as SQL, of a type that is written as we want it; NULL is written as nothing."""
    if column is None:
        return "null"
    value, kind = column.expression, column.data_type
    if kind in ("DOUBLE", "FLOAT"):
        return _real(column)
    if kind.startswith("DECIMAL") and column.unit == "currency" and kind != "DECIMAL(18,2)":
        return _fixed(value, 2)
    if kind.startswith("TIMESTAMP"):
        return f"strftime({value}, '%Y-%m-%dT%H:%M:%S')"
    if kind == "VARCHAR" and not raw:
        starts = ", ".join(f"chr({ord(start)})" for start in FORMULA_STARTS)
        return f"case when left({value}, 1) in ({starts}) then '''' || {value} else {value} end"
    return value  # plain text, whole numbers, other decimals, days, true and false


def _real(column: Column) -> str:
    """A DOUBLE with a fixed number of decimals; what is not a number is missing."""
    value = column.expression
    if column.is_attribute:  # as the customers file had it
        return f"case when isfinite({value}) then {value} end"
    return _fixed(value, 2 if column.unit == "currency" else 6)


def _fixed(value: str, decimals: int) -> str:
    """A number with so many decimals; in 64 bits where it fits, which is several times faster."""
    short, long = (
        f"cast(try_cast({value} as decimal({n}, {decimals})) as varchar)" for n in (18, 38)
    )
    return f"coalesce({short}, {long})"
