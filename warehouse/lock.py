"""The writer's lock of a workspace: one writer at a time, and the next one is told who it is.

The lock is ``flock``: the kernel lets go of it when the process ends, however it ends. The text
in the file only says who holds it.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from warehouse.errors import LockedError


class Holder(msgspec.Struct, frozen=True):
    """Who holds the lock: process, command, and since when (UTC)."""

    pid: int
    command: str
    since: datetime


@contextmanager
def writers_lock(file: Path, command: str) -> Iterator[None]:
    """Hold the lock for the length of the block.

    Raises
    ------
    LockedError : another process, or another part of this one, holds it.
    """
    handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _locked(file) from None
        holder = Holder(os.getpid(), command, datetime.now(UTC))
        os.ftruncate(handle, 0)
        os.pwrite(handle, msgspec.json.encode(holder), 0)
        try:
            yield
        finally:
            os.ftruncate(handle, 0)
            # Closing is not enough where a forked child still holds the descriptor.
            fcntl.flock(handle, fcntl.LOCK_UN)
    finally:
        os.close(handle)


@contextmanager
def patient_lock(file: Path, command: str, patience: float) -> Iterator[None]:
    """Hold a lock for the length of the block, and wait for it up to ``patience`` seconds.

    Raises
    ------
    LockedError : somebody else held it all that time.
    """
    until = time.monotonic() + patience
    with ExitStack() as stack:
        while True:
            try:
                stack.enter_context(writers_lock(file, command))
                break
            except LockedError:
                if time.monotonic() >= until:
                    raise
                time.sleep(0.02)
        yield


def _locked(file: Path) -> LockedError:
    """The message for whoever comes second."""
    what = f"{file.parent}: another process is writing to this workspace"
    holder = _holder(file)
    if holder is None:
        return LockedError(what, fix="wait until it has ended; readers go on meanwhile")
    since = f"{holder.since:%Y-%m-%d %H:%M:%S} UTC"
    return LockedError(
        what,
        found=f"process {holder.pid}, `{holder.command}`, since {since}",
        fix=f"wait until it has ended (readers go on meanwhile), or stop process {holder.pid}",
    )


def _holder(file: Path) -> Holder | None:
    """Who holds the lock; None if the file does not tell.

    The text may still be that of a writer that was killed, in the instant before the new one
    has written its own.
    """
    for _ in range(5):
        try:
            holder = msgspec.json.decode(file.read_bytes(), type=Holder)
            os.kill(holder.pid, 0)
        except PermissionError:  # alive, and somebody else's
            return holder
        except (OSError, msgspec.DecodeError):
            time.sleep(0.02)
        else:
            return holder
    return None
