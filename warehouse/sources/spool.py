"""A temporary folder of copies as CSV in UTF-8, for sources that DuckDB cannot read as they are.

It lies where the system keeps temporary files (``TMPDIR``), and vanishes with the object or at the
end of the process; after a ``kill -9`` the next spool removes it, as the kernel lets go of the lock
that its owner held.
"""

import errno
import fcntl
import shutil
import tempfile
import time
import weakref
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from warehouse.errors import SourceError

_PREFIX = "spendboard-spool-"
_LOCK = "owner"
# A folder this old that nobody holds was left behind; a younger one may just be in the making.
_STALE_SECONDS = 600
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

# How DuckDB reads what a spool wrote: RFC 4180, where nothing is NULL and "" an empty text.
CSV_OPTIONS = (
    ("delim", ","),
    ("quote", '"'),
    ("escape", '"'),
    ("compression", "none"),
    ("allow_quoted_nulls", "false"),
)


class Spool:
    """The copies that one load needs; the folder is made when the first of them is."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._remove: weakref.finalize[[Path, TextIO], Spool] | None = None
        self._count = 0

    def new_file(self) -> Path:
        """Path for one more file, which does not exist yet.

        Raises
        ------
        SourceError : there is no folder for temporary files that may be written to.
        """
        if self._folder is None:
            self._folder = self._made()
        self._count += 1
        return self._folder / f"{self._count}.csv"

    def _made(self) -> Path:
        """The folder, locked as long as this object lives."""
        try:
            _remove_stale()
            folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
            lock = (folder / _LOCK).open("w", encoding="utf-8")
        except OSError as error:
            raise SourceError(
                "a source has to be copied, and no temporary folder can be made",
                found=str(error),
                fix="set TMPDIR to a folder that you may write to",
            ) from error
        fcntl.flock(lock, fcntl.LOCK_EX)
        self._remove = weakref.finalize(self, _remove, folder, lock)
        return folder

    def write(self, asked: str, rows: Iterable[Sequence[str | None]]) -> Path:
        """Write rows as CSV that is read with ``CSV_OPTIONS``.

        Parameters
        ----------
        asked : what the user asked for, for messages.
        rows : cells of each record, a header first if there is one; None is NULL.

        Raises
        ------
        SourceError : the disk is full.
        """
        path = self.new_file()
        with copying(asked, path), path.open("w", encoding="utf-8", newline="") as file:
            file.writelines(f"{','.join(map(_cell, row))}\n" for row in rows)
        return path

    def close(self) -> None:
        """Remove the folder and what is in it."""
        if self._remove is not None:
            self._remove()


@contextmanager
def copying(asked: str, path: Path) -> Iterator[None]:
    """Tell a failure to write below ``path`` as an error about the source ``asked``."""
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise SourceError(
            f"{asked}: cannot be copied into the temporary folder",
            found=error.strerror or str(error),
            fix=f"free some space in {path.parent.parent}, or set TMPDIR to another folder",
        ) from error


def _cell(text: str | None) -> str:
    return "" if text is None else '"' + text.replace('"', '""') + '"'


def _remove(folder: Path, lock: TextIO) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    lock.close()


def _remove_stale() -> None:
    """Remove the folders of processes that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        try:
            is_old = time.time() - folder.stat().st_mtime > _STALE_SECONDS
            with (folder / _LOCK).open("r+", encoding="utf-8") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if is_old:
                    shutil.rmtree(folder, ignore_errors=True)
        except OSError:  # held by its owner, somebody else's, or gone already
            continue
