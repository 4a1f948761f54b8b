"""The rows of a query as CSV, written by the warehouse and handed on through a pipe.

The warehouse writes CSV with all its threads and several times faster than rows could be fetched;
through a pipe the first bytes arrive while the last rows are still being written, and no more of
them than a pipe holds is ever in our memory or on the disk.
"""

import os
import select
import tempfile
import threading
import time
from collections.abc import Callable, Generator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from warehouse.errors import SpendboardError

if TYPE_CHECKING:
    import duckdb

    from dashboard.reader import View

PIECE: Final = 256 * 1024  # bytes
LOOK_EVERY: Final = 0.5  # [s] whether the writer still lives
LOOK_AGAIN: Final = 0.05  # [s] whether a query that was interrupted has ended
PATIENCE: Final = 10.0  # [s] for the writer to end when nobody reads any more


class _Copy(threading.Thread):
    """``COPY`` of a query into a pipe; it waits until the pipe is read."""

    def __init__(self, view: "View", query: str, parameters: Mapping[str, object]) -> None:
        super().__init__(daemon=True)
        self.rows = 0
        self.error: Exception | None = None
        self._view, self._query, self._parameters = view, query, parameters
        self._lock = threading.Lock()  # a cursor is interrupted only as long as it is open
        self._cursor: duckdb.DuckDBPyConnection | None = None

    def run(self) -> None:
        try:
            with self._view.cursor() as cursor:
                self._cursor = cursor
                try:
                    found = cursor.execute(self._query, dict(self._parameters)).fetchall()
                finally:
                    with self._lock:
                        self._cursor = None
            self.rows = int(found[0][0])
        except Exception as error:
            self.error = error

    def stop(self) -> None:
        """End a query that nobody waits for any more, and wait until it has ended."""
        until = time.monotonic() + PATIENCE
        while self.is_alive() and time.monotonic() < until:
            with self._lock:
                if self._cursor is not None:
                    self._cursor.interrupt()
            self.join(LOOK_AGAIN)  # an interruption that comes before the query begins is lost


class NobodyWaits(SpendboardError):
    """Whoever asked for a list has gone before its first row was ready."""


def nobody_leaves() -> bool:
    """Of a list whose reader cannot be looked at: she stays."""
    return False


def copied(
    view: "View",
    query: str,
    parameters: Mapping[str, object],
    has_left: Callable[[], bool] = nobody_leaves,
) -> Generator[bytes, None, int]:
    """The header and the rows of ``query`` as CSV with CRLF; returns the number of rows.

    Parameters
    ----------
    has_left : whether the reader has gone; asked while she waits.

    Raises
    ------
    NobodyWaits : she has.
    duckdb.Error : the query fails; before anything is yielded unless it fails on a later row.
    """
    with tempfile.TemporaryDirectory(dir=view.export_folder()) as folder:
        pipe = Path(folder) / "rows.csv"
        os.mkfifo(pipe, 0o600)
        # Opened first: a pipe that nobody reads would hold the writer for ever.
        end = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        path = str(pipe).replace("'", "''")
        copy = _Copy(
            view,
            f"copy ({query}) to '{path}' (format csv, header, new_line '\\r\\n')",
            parameters,
        )
        copy.start()
        try:
            yield from _pieces(end, copy, has_left)
            copy.join(PATIENCE)
        finally:
            os.close(end)
            copy.stop()
        if copy.error is not None:
            raise copy.error
        return copy.rows


def _pieces(
    end: int, copy: threading.Thread, has_left: Callable[[], bool]
) -> Generator[bytes, None, None]:
    """What arrives, until the writer has closed its end or has failed before it opened it."""
    while True:
        lives = copy.is_alive()
        ready, _, _ = select.select([end], [], [], LOOK_EVERY if lives else 0)
        piece = os.read(end, PIECE) if ready else b""
        if piece:
            yield piece
        elif ready or not lives:
            return
        elif has_left():
            raise NobodyWaits("nobody waits for this list any more")
