"""Temporary folders: removed by the process that made them, or after it was killed, by others.

Each holds a lock for as long as its process lives; the kernel lets go of it however that ends.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PREFIX = "spendboard-"
_LOCK = "alive"
# Held for the life of the process; closing a descriptor would let go of its lock.
_held: dict[Path, tuple[int, int]] = {}


def make_scratch() -> Path:
    """A new folder of this process; :func:`remove_scratch` removes it."""
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    new = folder / f"{_LOCK}.new"
    handle = os.open(new, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(handle, fcntl.LOCK_EX)
    new.rename(folder / _LOCK)  # under that name it was never seen without its holder
    # Who cleans a system's temporary folder of what is old leaves a locked folder alone.
    itself = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    fcntl.flock(itself, fcntl.LOCK_EX)
    _held[folder] = handle, itself
    return folder


def make_again(folder: Path) -> None:
    """Make a folder within one of this process where it is gone.

    Systems clean their temporary folders of what lay there for days, and a server is up for longer.
    """
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        return
    except FileNotFoundError:
        folder.parent.mkdir(mode=0o700, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)


def remove_scratch(folder: Path) -> None:
    """Remove a folder of this process."""
    shutil.rmtree(folder, ignore_errors=True)
    for handle in _held.pop(folder, ()):
        os.close(handle)


@contextmanager
def scratch() -> Iterator[Path]:
    """A temporary folder, for the length of a block."""
    folder = make_scratch()
    try:
        yield folder
    finally:
        remove_scratch(folder)


def abandoned() -> list[Path]:
    """Folders whose process has ended without removing them; only those of this user."""
    found = []
    for folder in sorted(Path(tempfile.gettempdir()).glob(f"{_PREFIX}*")):
        with suppress(OSError):
            if folder.stat().st_uid == os.getuid() and _is_free(folder / _LOCK):
                found.append(folder)
    return found


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold an unfinished file or folder, so that nobody takes it for an abandoned one."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def remove_unheld(paths: Iterable[Path]) -> None:
    """Remove unfinished files and folders whose process was killed."""
    for path in paths:
        with suppress(OSError):
            handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if path.is_dir():
                    shutil.rmtree(path)
                else:
                    path.unlink()
            finally:
                os.close(handle)


def _is_free(lock: Path) -> bool:
    """Whether nobody holds the lock; raises OSError where there is none."""
    handle = os.open(lock, os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(handle)
    return True
