"""The generations that a server holds open, and the one door to their data."""

import atexit
import logging
import os
import threading
import time
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import cache, cached_property, lru_cache, partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeVar

import duckdb

from dashboard.answers import Answers
from dashboard.queries.vocabulary import read_vocabulary
from dashboard.selection import Selection
from dashboard.vocabulary import Vocabulary
from warehouse.configuration import Settings
from warehouse.connection import open_reader
from warehouse.errors import CorruptGenerationError, SpendboardError
from warehouse.generations import Generation, Manifest, Workspace
from warehouse.scratch import abandoned, make_again, make_scratch, remove_scratch

if TYPE_CHECKING:  # numpy and pandas take a quarter of a second, and not every command needs it
    import numpy.typing as npt
    import pandas as pd

    from dashboard.queries.held import Shelf
    from dashboard.queries.held_arrays import Held
    from dashboard.queries.held_lines import Lines

logger = logging.getLogger(__name__)

MOST_FACTS: Final = 4096  # more than there are questions
MOST_READ: Final = 64  # addresses; all panels of a page have the same one
LOOK_EVERY: Final = 1.0  # [s] between two looks at CURRENT
_SPILL: Final = "spill"  # what queries larger than memory need
NOTHING: Final[Mapping[str, object]] = MappingProxyType({})
T = TypeVar("T")


class GenerationGone(SpendboardError):
    """A page asks for a generation that is no longer held open; it has to be drawn anew."""

    http_status = 409


class View:
    """One generation, opened read-only and hardened. Safe to share between threads.

    Parameters
    ----------
    generation : finished and immutable.
    settings : threads and memory that queries may use.

    Raises
    ------
    CorruptGenerationError : the file cannot be opened, or lacks what the dashboard reads.
    """

    def __init__(self, generation: Generation, settings: Settings) -> None:
        self.number: int = generation.number
        self.manifest: Manifest = generation.manifest
        self._answers = Answers()
        self._facts = Answers(most=MOST_FACTS)
        self.finished = Answers()  # of panels, as they are sent
        folder = _own_folder(os.getpid())
        self._con = open_reader(
            generation.database,
            threads=settings.threads,
            memory_limit=settings.memory_limit,
            temp_directory=folder / _SPILL,
            export_directory=folder / "exports",
        )
        self._exports = folder / "exports"
        try:
            self.vocabulary: Vocabulary = read_vocabulary(partial(_rows, self._con))
        except duckdb.Error as error:
            self.close()
            raise CorruptGenerationError(
                f"generation {self.number} cannot be read by this build",
                found=str(error).splitlines()[0],
                fix="`spendboard refresh` makes a new one, `spendboard rollback` goes back",
            ) from error
        # Knows the vocabulary, not the view, which would hold itself open.
        self._read = lru_cache(MOST_READ)(partial(Selection.parse, vocabulary=self.vocabulary))

    def selection(self, search: str) -> Selection:
        """What the query of an address asks for."""
        return self._read(search)

    def cursor(self) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        """A cursor for one call: one that threads share would return other threads' rows."""
        return _cursor(self._con)

    def reading(self) -> Callable[[], AbstractContextManager[duckdb.DuckDBPyConnection]]:
        """Gives such cursors to what the view itself keeps.

        It does not know the view: one that held itself would stay open long after its last page,
        with its database file and its memory, until Python looks for such rings.
        """
        return partial(_cursor, self._con)

    def frame(self, sql: str, parameters: Mapping[str, object] = NOTHING) -> "pd.DataFrame":
        """Rows as a DataFrame; DECIMAL becomes float64, DATE datetime64."""
        with self.cursor() as cursor:
            return cursor.execute(sql, dict(parameters)).df()

    def rows(self, sql: str, parameters: Mapping[str, object] = NOTHING) -> list[dict[str, object]]:
        """Rows as dictionaries with exact Python values: Decimal, date."""
        return _rows(self._con, sql, parameters)

    def arrays(
        self, sql: str, parameters: Mapping[str, object] = NOTHING
    ) -> "dict[str, npt.NDArray[Any]]":
        """Columns as arrays, for very many rows; none of them may be missing."""
        with self.cursor() as cursor:
            return cursor.execute(sql, dict(parameters)).fetchnumpy()  # type: ignore[return-value]

    def held(self) -> "Held | None":
        """Orders and customers in memory; None as long as statements must do."""
        return self._orders.of(self)

    def lines(self) -> "Lines | None":
        """Purchase lines in memory; None as long as statements must do."""
        return self._lines.of(self)

    @cached_property
    def _orders(self) -> "Shelf[Held]":
        from dashboard.queries import held  # imports numpy: only for who shows key figures

        return held.orders_and_customers()

    @cached_property
    def _lines(self) -> "Shelf[Lines]":
        from dashboard.queries import held

        return held.purchase_lines()

    def export_folder(self) -> Path:
        """The only folder that ``COPY`` can write to.

        Made anew where it is gone: systems clean their temporary folders of what lay there for
        days, and a server is up for longer.
        """
        make_again(self._exports)
        return self._exports

    def fact(self, key: Hashable, make: Callable[[], T]) -> T:
        """What holds for the generation, whatever is selected; no selection drives it out."""
        return self._facts.get(key, make)

    def cached(self, key: Hashable, make: Callable[[], T]) -> T:
        """The answer to ``key`` in this generation; equal questions at one time are asked once."""
        return self._answers.get(key, make)

    def close(self) -> None:
        """Close the database; only for who opened this view alone."""
        self._con.close()


@contextmanager
def _cursor(con: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    make_again(_own_folder(os.getpid()) / _SPILL)
    cursor = con.cursor()
    try:
        yield cursor
    finally:
        cursor.close()


def _rows(
    con: duckdb.DuckDBPyConnection, sql: str, parameters: Mapping[str, object]
) -> list[dict[str, object]]:
    with _cursor(con) as cursor:
        cursor.execute(sql, dict(parameters))
        names = [str(column[0]) for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


class Reader:
    """Opens generations as they are asked for; holds the current and the previous one.

    Any number of readers and processes may read one workspace. One that was used before a fork
    refuses to work in the child: DuckDB does not survive it.
    """

    def __init__(self, workspace: Workspace, settings: Settings) -> None:
        self.workspace = workspace
        self.settings = settings
        self._pid = os.getpid()
        self._lock = threading.RLock()
        self._current: View | None = None
        self._previous: View | None = None
        self._looked = float("-inf")
        self.trouble = ""  # why CURRENT cannot be followed; what was open is served meanwhile

    def view(self, generation: int | None = None) -> View:
        """The newest generation, or the one that a page was drawn from.

        Raises
        ------
        GenerationGone : it is neither the current nor the previous one.
        NoGenerationError : nothing is published yet.
        CorruptGenerationError : the current one is damaged, and no other is open.
        """
        if os.getpid() != self._pid:
            self._take_over()
        with self._lock:
            current = self._newest()
            if generation is None or generation == current.number:
                return current
            previous = self._before(current)
            if previous is not None and generation == previous.number:
                return previous
        raise GenerationGone(
            f"generation {generation} is no longer open",
            found=f"generation {current.number} is served",
            fix="load the page anew",
        )

    def _take_over(self) -> None:
        """Go on in a forked child. DuckDB would hand out what the parent opened, without a thread
        to work for it, so only a reader that had nothing open may be taken along.
        """
        if self._current is not None:
            raise RuntimeError("a reader was used before the fork; make the workers first")
        self._pid, self._lock = os.getpid(), threading.RLock()

    def _newest(self) -> View:
        """The current generation, looked for again when the last look is old enough."""
        now = time.monotonic()
        if self._current is not None and now - self._looked < LOOK_EVERY:
            return self._current
        try:
            found = self.workspace.current()
            if self._current is None or found.number != self._current.number:
                self._swap(found)
            self.trouble = ""
        except SpendboardError as error:
            if self._current is None:
                raise
            self._say_once(error.what, self._current.number)
        self._looked = now
        assert self._current is not None
        return self._current

    def _say_once(self, trouble: str, number: int) -> None:
        """Log what is wrong with CURRENT, not again at every look for as long as it lasts."""
        if trouble != self.trouble:
            logger.warning("CURRENT cannot be followed; still serving %s: %s", number, trouble)
        self.trouble = trouble

    def _swap(self, found: Generation) -> None:
        """Serve ``found``; what was served until now becomes the previous one."""
        held = self._previous
        back = held if held is not None and held.number == found.number else None
        opened = back or View(found, self.settings)
        # A view that falls out of here is closed when its last query has let go of it.
        self._previous, self._current = self._current, opened

    def _before(self, current: View) -> View | None:
        """The previous generation; opened from the disk by a process that never served it."""
        if self._previous is None:
            older = [n for n in self.workspace.numbers() if n < current.number]
            if older:
                try:
                    generation = self.workspace.open_generation(max(older))
                    self._previous = View(generation, self.settings)
                except CorruptGenerationError:
                    return None
        return self._previous


@cache
def _own_folder(pid: int) -> Path:
    """Temporary folder of this process, removed at its end.

    One for all: DuckDB shares an open file within a process, and wants equal settings then.
    """
    for left in abandoned():  # by a server that was killed
        remove_scratch(left)
    folder = make_scratch()
    atexit.register(_remove_folder, folder, pid)
    return folder


def _remove_folder(folder: Path, pid: int) -> None:
    """Remove a temporary folder; a forked child leaves the parent's alone."""
    if os.getpid() == pid:
        remove_scratch(folder)
