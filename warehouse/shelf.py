"""The numbered folders of a workspace, and the name of the one that is served.

Each finished generation is a folder ``generations/000017``. It is made under another name
(``000017.partial``) and renamed when everything in it is on the disk, so a folder with a plain
number is always whole. Then the file ``CURRENT`` is replaced. The caller holds the writer's lock.
"""

import re
import shlex
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from warehouse.errors import CorruptGenerationError, NoGenerationError
from warehouse.files import replace_text, sync

_NUMBER = re.compile(r"\d{6,}")
_PARTIAL, _REMOVED = ".partial", ".removed"

OnStep = Callable[[str], None]


def ignore_step(step: str) -> None:
    """What is told about each step where nobody listens."""


def load_command(folder: Path) -> str:
    """What to run for data in the workspace ``folder``, which need not be the usual one."""
    return f"spendboard load FILE --workspace {shlex.quote(str(folder))}"


class Shelf:
    """The generations of one workspace.

    Parameters
    ----------
    folder : the workspace.
    keep : how many generations stay, at least.
    on_step : called with the name of each step of a publication after it is done; tests end the
        process there.
    """

    def __init__(self, folder: Path, keep: int, on_step: OnStep = ignore_step) -> None:
        self.folder = folder / "generations"
        self.keep = keep
        self.on_step = on_step
        self._current = folder / "CURRENT"
        self._last = self.folder / "last_number"
        self._last_load = folder / "last_load"

    def path(self, number: int) -> Path:
        """The folder of a finished generation."""
        return self.folder / f"{number:06d}"

    def partial(self, number: int) -> Path:
        """The folder in which a generation is made."""
        return self.folder / f"{number:06d}{_PARTIAL}"

    def numbers(self) -> list[int]:
        """Numbers of the finished generations, ascending."""
        if not self.folder.is_dir():
            return []
        names = (entry.name for entry in self.folder.iterdir() if entry.is_dir())
        return sorted(int(name) for name in names if _NUMBER.fullmatch(name))

    def served(self) -> int:
        """The number in ``CURRENT``.

        Raises
        ------
        NoGenerationError : nothing was ever published.
        CorruptGenerationError : ``CURRENT`` is missing, unreadable, or no number stands in it.
        """
        try:
            text = self._current.read_text(encoding="ascii").strip()
        except (FileNotFoundError, NotADirectoryError):  # a file may stand above it
            return self._without_current()
        except (OSError, UnicodeDecodeError) as error:
            raise self._damaged(f"it cannot be read: {error}") from error
        if not _NUMBER.fullmatch(text):
            raise self._damaged(f"{text[:40]!r} instead of a number such as 000017")
        return int(text)

    def has_current(self) -> bool:
        """Whether there is a file ``CURRENT``, whatever stands in it."""
        return self._current.exists()

    def _without_current(self) -> int:
        if self.numbers():
            raise self._damaged("the file is missing")
        folder = self._current.parent
        raise NoGenerationError(
            f"{folder}: nothing is loaded yet",
            fix=f"`{load_command(folder)}` loads transactions or customers",
        )

    def _damaged(self, found: str) -> CorruptGenerationError:
        return CorruptGenerationError(
            f"{self._current} does not say which generation is served",
            found=found,
            fix="`spendboard rollback` serves the newest sound generation again",
        )

    def claim(self) -> int:
        """A number that no generation ever had, nor will have again, even if this one fails."""
        number = self._highest() + 1
        self._remember(number)
        return number

    def _highest(self) -> int:
        """The highest number of which there is any trace."""
        seen = [0, *self.numbers(), *self._half_made(), self._last_claimed()]
        with suppress(NoGenerationError, CorruptGenerationError):
            seen.append(self.served())
        return max(seen)

    def _remember(self, number: int) -> None:
        if number > self._last_claimed():
            replace_text(self._last, f"{number}\n")

    def _half_made(self) -> list[int]:
        names = (entry.name.split(".")[0] for entry in self.folder.iterdir())
        return [int(name) for name in names if _NUMBER.fullmatch(name)]

    def _last_claimed(self) -> int:
        try:
            return int(self._last.read_text(encoding="ascii"))
        except (OSError, ValueError):  # the folders still tell
            return 0

    def last_load(self) -> int:
        """The highest number of a load that was ever published; 0 without any."""
        try:
            return int(self._last_load.read_text(encoding="ascii"))
        except (OSError, ValueError):  # the ledger still tells
            return 0

    def remember_load(self, number: int) -> None:
        """Note the number of a load, so that no other gets it, also after a rollback."""
        if number > self.last_load():
            replace_text(self._last_load, f"{number}\n")

    def place(self, number: int) -> Path:
        """Give a finished folder its name; what is in it must be on the disk."""
        folder = self.path(number)
        self.partial(number).rename(folder)
        sync(self.folder)
        self.on_step("placed")
        return folder

    def serve(self, number: int) -> None:
        """Make ``CURRENT`` name this generation, at once and for good."""
        replace_text(self._current, f"{number:06d}\n")
        self.on_step("served")

    def prune(self, *protected: int) -> None:
        """Remove the oldest generations beyond ``keep``, never a protected one.

        What cannot be removed now is left to the next writer: the publication has succeeded.
        """
        for number in self.numbers()[: -self.keep]:
            if number not in protected:
                removed = self.path(number).with_suffix(_REMOVED)
                with suppress(OSError):
                    self.path(number).rename(removed)
                self.on_step("set aside")
                shutil.rmtree(removed, ignore_errors=True)
        self.on_step("pruned")

    def sweep(self) -> None:
        """Remove what a killed writer left half-made or half-removed, but not its number."""
        self._remember(self._highest())
        for entry in self.folder.iterdir():
            if entry.name.endswith((_PARTIAL, _REMOVED)):
                shutil.rmtree(entry)
