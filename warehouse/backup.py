"""A workspace in one file: what is served, what it can go back to, settings, inbox, segments.

Nobody has to stop for it. Generations never change, so it is enough to hold their files open: they
stay readable even when a writer prunes them meanwhile. The inbox is read before the generations,
because an entry leaves it only for a generation that was published then.
"""

import contextlib
import io
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from warehouse.archive import Contents, Writer, is_allowed, read_archive
from warehouse.disk_errors import way_out
from warehouse.errors import BackupError, CorruptGenerationError, NoGenerationError
from warehouse.generations import Generation, Workspace
from warehouse.progress import Advance, Progress, Silent
from warehouse.scratch import held, remove_unheld, scratch
from warehouse.version import build_name

_ATTEMPTS = 5
_MEGABYTE = 1_000_000
# Small files beside the generations.
_FILES = ("spendboard.toml", "demo.json", "last_load")
_FOLDERS = ("inbox", "features")
_Opened = list[tuple[str, IO[bytes], int]]


def backup(
    workspace: Workspace, target: Path, *, verify: bool = False, progress: Progress | None = None
) -> Contents:
    """Write a backup; the file appears only when it is complete and on the disk.

    Parameters
    ----------
    target : must not exist yet.
    verify : read it again afterwards and compare every digest.

    Raises
    ------
    NoGenerationError : there is nothing to back up.
    CorruptGenerationError : what is served is damaged.
    BackupError : the target exists or cannot be written, or the disk is full.
    """
    progress = progress or Silent()
    _refuse_target(workspace, target)
    with ExitStack() as stack:
        generation, files = _everything(workspace, stack)
        part = stack.enter_context(_beside(target))
        contents = _write(part, generation, files, progress)
        if verify:
            verified(part, progress)
        _name(part, target)
    return contents


def verified(file: Path, progress: Progress | None = None) -> Contents:
    """Read a backup and compare every digest; raises as :func:`warehouse.archive.read_archive`."""
    with megabytes(progress or Silent(), "Verifying the backup", None) as on_bytes:
        return read_archive(file, lambda name, pieces: _use(pieces), on_bytes)


def _use(pieces: Iterator[bytes]) -> None:
    for _ in pieces:
        pass


def _refuse_target(workspace: Workspace, target: Path) -> None:
    if target.exists():
        raise BackupError(f"{target}: there is a file already", fix="name another one")
    if not target.parent.is_dir():
        raise BackupError(f"{target.parent}: no such folder", fix="make it, or name another one")
    if workspace.folder.resolve() in target.resolve().parents:
        raise BackupError(
            f"{target}: lies in the workspace that it is to save",
            fix="name a file outside, best on another disk",
        )


def _everything(workspace: Workspace, stack: ExitStack) -> tuple[Generation, _Opened]:
    """Every file of the backup, open; tried again where a writer removes one meanwhile."""
    for _ in range(_ATTEMPTS):
        with contextlib.suppress(FileNotFoundError), ExitStack() as kept:
            small = _small(workspace, kept)
            generation = workspace.current()
            files = [*_generations(workspace, generation, kept), *small]
            stack.push(kept.pop_all())
            return generation, files
    raise BackupError(
        f"{workspace.folder}: it changes faster than it can be saved", fix="try again in a minute"
    )


def _small(workspace: Workspace, kept: ExitStack) -> _Opened:
    """Settings, inbox, feature views, and what people made."""
    if not workspace.folder.is_dir():
        raise NoGenerationError(
            f"{workspace.folder}: no such workspace", fix="name one with --workspace"
        )
    names = [name for name in _FILES if (workspace.folder / name).is_file()]
    for folder in _FOLDERS:
        names += sorted(
            path.relative_to(workspace.folder).as_posix()
            for path in (workspace.folder / folder).rglob("*")
            if path.is_file() and not path.is_symlink()
        )
    opened = [
        _read(name, (workspace.folder / name).read_bytes()) for name in names if is_allowed(name)
    ]  # fmt: skip
    if workspace.state_file.is_file():
        opened.append(_state(workspace.state_file, kept))
    return opened


def _generations(workspace: Workspace, served: Generation, kept: ExitStack) -> _Opened:
    """The served generation and the one that a rollback would serve, and how far numbers went."""
    opened: _Opened = []
    highest = max([served.number, *workspace.numbers()])
    numbers = {served.number, served.manifest.parent} & set(workspace.numbers())
    for number in sorted(number for number in numbers if number is not None):
        try:
            generation = workspace.open_generation(number)
        except CorruptGenerationError:
            if number == served.number:
                raise
            continue  # a rollback could not use it either
        folder = generation.folder
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            name = path.relative_to(workspace.folder).as_posix()
            if is_allowed(name):
                opened.append(_held(name, path, kept))
    for name, text in (
        ("generations/last_number", f"{highest}\n"),
        ("CURRENT", f"{served.number:06d}\n"),
    ):
        opened.append(_read(name, text.encode()))
    return opened


def _read(name: str, content: bytes) -> tuple[str, IO[bytes], int]:
    return name, io.BytesIO(content), len(content)


def _held(name: str, path: Path, kept: ExitStack) -> tuple[str, IO[bytes], int]:
    stream = kept.enter_context(path.open("rb"))
    return name, stream, os.fstat(stream.fileno()).st_size


def _state(file: Path, kept: ExitStack) -> tuple[str, IO[bytes], int]:
    """A consistent copy of the SQLite file, whoever writes to it now."""
    copy = kept.enter_context(scratch()) / file.name
    source = sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=30)
    try:
        target = sqlite3.connect(copy)
        with contextlib.closing(target):
            source.backup(target)
    finally:
        source.close()
    return _held(file.name, copy, kept)


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """A new file beside the target, readable by its owner alone; removed if it is still there."""
    remove_unheld(target.parent.glob(f".{target.name}.*.part"))
    try:
        handle, name = tempfile.mkstemp(
            prefix=f".{target.name}.", suffix=".part", dir=target.parent
        )
    except OSError as error:
        raise _unwritable(target, error) from None
    os.close(handle)
    part = Path(name)
    try:
        with held(part):
            yield part
    finally:
        part.unlink(missing_ok=True)


def _write(part: Path, generation: Generation, files: _Opened, progress: Progress) -> Contents:
    total = sum(size for _, _, size in files)
    try:
        with (
            megabytes(progress, "Writing the backup", total) as on_bytes,
            part.open("wb") as stream,
        ):
            writer = Writer(stream, on_bytes)
            for name, content, size in files:
                writer.add(name, content, size)
            contents = writer.finish(
                created_at=datetime.now(UTC), build=build_name(), generation=generation.number
            )
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        raise _unwritable(part, error) from None
    return contents


def _name(part: Path, target: Path) -> None:
    """Give the finished file its name, never in place of another."""
    try:
        os.link(part, target)  # fails where the name was taken meanwhile
    except FileExistsError:
        raise BackupError(f"{target}: there is a file already", fix="name another one") from None
    except OSError:  # a filesystem without links
        shutil.move(part, target)
    handle = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _unwritable(target: Path, error: OSError) -> BackupError:
    return BackupError(
        f"{target.parent}: the backup cannot be written there; nothing is left of it",
        found=error.strerror or str(error),
        fix=way_out(error),
    )


@contextmanager
def megabytes(progress: Progress, title: str, total: int | None) -> Iterator["_Counter"]:
    """Advance a step by megabytes, as bytes are told."""
    whole = None if total is None else max(1, total // _MEGABYTE)
    with progress.step(f"{title} (MB)", whole) as advance:
        yield _Counter(advance)


class _Counter:
    """Adds up bytes and passes on whole megabytes."""

    def __init__(self, advance: Advance) -> None:
        self._advance, self._bytes = advance, 0

    def __call__(self, size: int) -> None:
        before = self._bytes // _MEGABYTE
        self._bytes += size
        if self._bytes // _MEGABYTE > before:
            self._advance(self._bytes // _MEGABYTE - before)
