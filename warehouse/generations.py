"""A workspace and its generations: which one is served, who may write the next, how to go back.

Nobody ever writes to a file that is being read: a writer copies the current generation, works on
the copy, publishes it under the next number, and ``CURRENT`` names it from then on.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from warehouse.configuration import Settings
from warehouse.disk_errors import in_words
from warehouse.drafts import Draft
from warehouse.errors import (
    CorruptGenerationError,
    NoGenerationError,
    SpendboardError,
    UsageError,
    WorkspaceError,
)
from warehouse.files import sync
from warehouse.inbox import Entry, Inbox
from warehouse.lock import writers_lock
from warehouse.manifest import Generation, Manifest, ModelFile, read_manifest
from warehouse.shelf import OnStep, Shelf, ignore_step

__all__ = ["Draft", "Generation", "Manifest", "ModelFile", "Workspace"]

# An edit of the inbox holds its lock for milliseconds.
_PATIENCE = 10.0  # [s]


class Workspace:
    """One folder: one business, one warehouse.

    Parameters
    ----------
    folder : may not exist yet; the first writer makes it.
    keep : how many generations stay on the disk. The served one and the one before it always do,
        so that a server can hold both open.
    on_step : told each step of a publication after it is done; tests end the process there.
    """

    def __init__(self, folder: Path, *, keep: int = 3, on_step: OnStep = ignore_step) -> None:
        self.folder = folder
        self._shelf = Shelf(folder, keep, on_step)

    @property
    def state_file(self) -> Path:
        """SQLite file of what people make: saved segments, exports, campaigns."""
        return self.folder / "state.sqlite"

    @property
    def inbox(self) -> Inbox:
        """What is accepted and not yet loaded."""
        return Inbox(self.folder)

    def numbers(self) -> list[int]:
        """Numbers of the complete generations on the disk, ascending."""
        return self._shelf.numbers()

    def current(self) -> Generation:
        """The generation that is served now.

        Raises
        ------
        NoGenerationError : nothing was ever published.
        CorruptGenerationError : ``CURRENT`` or the generation that it names is damaged.
        """
        number = self._shelf.served()
        try:
            return self.open_generation(number)
        except CorruptGenerationError:
            # Two publications may have passed since CURRENT was read, and removed it.
            if self._shelf.served() == number:
                raise
            return self.current()

    def is_new(self) -> bool:
        """Whether nothing was ever published."""
        return not self.numbers() and not self._shelf.has_current()

    def open_generation(self, number: int) -> Generation:
        """A generation that is still on the disk.

        Raises
        ------
        CorruptGenerationError : it is not there, or its folder contradicts its manifest.
        """
        folder = self._shelf.path(number)
        return Generation(number, folder, read_manifest(folder, number))

    @contextmanager
    def writing(self, command: str, settings: Settings) -> Iterator[Draft]:
        """Hold the writer's lock and work on a copy of the current generation.

        What leaves the block without :meth:`Draft.publish` is discarded. A half-made folder of a
        writer that was killed is removed first.

        Parameters
        ----------
        command : what a second writer is told, such as ``load orders.csv``.

        Raises
        ------
        LockedError : another writer is at work.
        CorruptGenerationError : the current generation is damaged; see :meth:`rollback`.
        WorkspaceError : the folder, or a file in it, cannot be written, or the disk is or becomes
            full.
        """
        with self._told(), self._exclusive(command):
            draft = Draft(self._shelf, self._parent(), settings)
            try:
                yield draft
            finally:
                draft.discard()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Tell a full disk and a forbidden file as what they are, whoever meets them."""
        try:
            yield
        except SpendboardError:
            raise
        except Exception as error:
            if type(error).__name__ == "OutOfMemoryException":  # known without starting DuckDB
                raise self._too_little_memory(error) from error
            told = in_words(error, self.folder, "nothing was published")
            if told is None:
                raise
            raise told from error

    def _too_little_memory(self, error: Exception) -> WorkspaceError:
        return WorkspaceError(
            f"{self.folder}: the work does not fit into memory and the room for temporary files;"
            " nothing was published",
            found=str(error).splitlines()[0],
            fix="raise memory_limit in spendboard.toml, free disk space for temporary files, or"
            " load fewer files at a time",
        )

    @contextmanager
    def _exclusive(self, command: str) -> Iterator[None]:
        """Hold the lock; make the folders first, clear what a killed writer left."""
        try:
            for folder in (self._shelf.folder, self.inbox.folder):
                folder.mkdir(parents=True, exist_ok=True)
            sync(self.folder)
            lock = self.folder / "writer.lock"
            lock.touch()
            self.inbox.lock.touch()
        except OSError as error:
            raise WorkspaceError(
                f"{self.folder}: cannot be written",
                found=str(error),
                fix="name a folder that you may write to (--workspace)",
            ) from error
        with writers_lock(lock, command), self.inbox.held(command, _PATIENCE):
            self._shelf.sweep()
            self.inbox.sweep()
            yield
            self.inbox.forget([self._contained(number) for number in self.numbers()])

    def _contained(self, number: int) -> dict[str, int]:
        """Entries of the inbox that a generation contains; none of one that may not open."""
        try:
            return self.open_generation(number).manifest.inbox
        except CorruptGenerationError:
            return {}

    def waiting(self) -> list[Entry]:
        """Entries of the inbox that the served generation does not contain, the oldest first.

        Raises
        ------
        CorruptGenerationError : which one is served, or what it contains, cannot be read.
        """
        return self.inbox.waiting(self.contained())

    def contained(self) -> dict[str, int]:
        """Revision of each entry of the inbox that the served generation contains."""
        try:
            return self.current().manifest.inbox
        except NoGenerationError:
            return {}

    def _parent(self) -> Generation | None:
        """What the next generation starts from.

        A first publication may have been interrupted between its rename and ``CURRENT``. Then
        one complete generation is there that nobody serves: it is served now.
        """
        try:
            return self.current()
        except NoGenerationError:
            return None
        except CorruptGenerationError:
            if self._shelf.has_current() or len(self.numbers()) > 1:
                raise
            only = self.open_generation(self.numbers()[0])
            if only.manifest.parent is not None:
                raise
            self._shelf.serve(only.number)
            return only

    def rollback(self, to: int | None = None) -> Generation:
        """Serve an older generation again; newer ones stay until they are pruned.

        It also repairs a workspace whose ``CURRENT`` or current generation is damaged.

        Parameters
        ----------
        to : number of a generation on the disk. None: the one from which the current one was
            made, or else the newest sound one before it.

        Raises
        ------
        UsageError : no generation ``to`` is on the disk.
        NoGenerationError : there is nothing to go back to.
        CorruptGenerationError : generation ``to`` is damaged.
        LockedError : a writer is at work.
        """
        if not self.numbers():
            raise NoGenerationError(
                f"{self.folder}: there is no generation to go back to",
                fix="`spendboard load FILE` makes the first one",
            )
        with self._told(), self._exclusive("rollback"):
            generation = self._earlier() if to is None else self._chosen(to)
            self._shelf.serve(generation.number)
            return generation

    def _chosen(self, number: int) -> Generation:
        if number not in self.numbers():
            raise UsageError(
                f"generation {number} is not on the disk",
                found=", ".join(map(str, self.numbers())),
                fix="name one of these",
            )
        return self._sound(number)

    def _sound(self, number: int) -> Generation:
        """A generation whose database can really be opened."""
        from warehouse.connection import probe

        generation = self.open_generation(number)
        probe(generation.database)
        return generation

    def _earlier(self) -> Generation:
        """The generation to go back to when none is named."""
        found = self._first_sound(self._candidates())
        if found is None:
            raise self._nothing_earlier()
        return found

    def _first_sound(self, numbers: Iterable[int]) -> Generation | None:
        for number in numbers:
            with suppress(CorruptGenerationError):
                return self._sound(number)
        return None

    def _nothing_earlier(self) -> NoGenerationError:
        """Why there is no generation to go back to; only where nothing is sound must data go."""
        with suppress(CorruptGenerationError):
            served = self._sound(self._shelf.served()).number
            older = [number for number in self.numbers() if number < served]
            newer = self._first_sound(number for number in self.numbers()[::-1] if number > served)
            return NoGenerationError(
                f"{self.folder}: generation {served} is served on, no earlier one is sound"
                if older
                else f"{self.folder}: generation {served} is served, and is the oldest there is",
                found=f"on the disk: {', '.join(map(str, self.numbers()))}",
                fix=f"`spendboard rollback --to {newer.number}` goes forward"
                if newer
                else "`spendboard unload LOAD_ID` takes one load out, `load` and `refresh` go on",
            )
        return NoGenerationError(
            f"{self.folder}: no sound generation to go back to",
            found=f"on the disk: {', '.join(map(str, self.numbers()))}",
            fix=f"if the one that is served is damaged too, move {self._shelf.folder} and CURRENT "
            "away and load your files again",
        )

    def _candidates(self) -> list[int]:
        """Numbers to try, best first: the parent, then the newest before the current one."""
        newest_first = self.numbers()[::-1]
        try:
            served = self._shelf.served()
        except CorruptGenerationError:
            return newest_first
        older = [number for number in newest_first if number < served]
        try:
            parent = self.open_generation(served).manifest.parent
        except CorruptGenerationError:
            # Nothing sound is served: a newer one, if that is all there is, is better than none.
            return older + [number for number in newest_first if number > served]
        return [parent, *older] if parent in older else older
