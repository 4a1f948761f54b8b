"""How far a statement has come, asked from beside it: a bar with a remaining time."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from warehouse.progress import Advance, Progress, Silent

_EVERY = 0.5  # [s]
_WHOLE = 100  # a statement is drawn in hundredths


@contextmanager
def watched(con: duckdb.DuckDBPyConnection, progress: Progress, title: str) -> Iterator[None]:
    """A step of mostly one long statement on ``con``, whose progress is told while it runs.

    What the statements before and after it take is not seen: the bar stands still, or jumps.
    """
    if isinstance(progress, Silent):
        yield
        return
    con.execute("set enable_progress_bar = true")
    con.execute("set enable_progress_bar_print = false")
    done = threading.Event()
    with progress.step(title, _WHOLE) as advance:
        watcher = threading.Thread(target=_watch, args=(con, advance, done), daemon=True)
        watcher.start()
        try:
            yield
        finally:
            done.set()
            watcher.join()


def _watch(con: duckdb.DuckDBPyConnection, advance: Advance, done: threading.Event) -> None:
    """Tell each further hundredth until the step is done."""
    told = 0
    while not done.wait(_EVERY):
        seen = min(int(con.query_progress()), _WHOLE - 1)  # -1 where nothing is known
        if seen > told:
            advance(seen - told)
            told = seen
