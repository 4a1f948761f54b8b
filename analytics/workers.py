"""Several fits at once, in threads: libraries let go of the interpreter's lock while they fit."""

import warnings
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TextIO

# Filters of warnings belong to the process. A forest that begins while another sets its own finds
# none, and takes that for a mistake of ours; nothing else comes of it.
_NO_FILTERS = "`sklearn.utils.parallel.delayed` should be used with"


@contextmanager
def at_once(workers: int) -> Iterator[Executor]:
    """An executor of so many threads, which says nothing of filters that a thread did not find."""
    shown = warnings.showwarning

    def show(  # noqa: PLR0917 - as the standard library calls it
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        if not str(message).startswith(_NO_FILTERS):
            shown(message, category, filename, lineno, file, line)

    warnings.showwarning = show
    try:
        with ThreadPoolExecutor(max_workers=workers) as pool:
            yield pool
    finally:
        warnings.showwarning = shown
