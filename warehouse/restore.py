"""A workspace from a backup: unpacked beside its place, proven whole, then renamed into it."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path

from warehouse.archive import Contents, read_archive
from warehouse.backup import megabytes
from warehouse.configuration import FILE_NAME
from warehouse.connection import probe
from warehouse.disk_errors import way_out
from warehouse.errors import BackupError, CorruptGenerationError, NoGenerationError
from warehouse.files import sync, sync_tree
from warehouse.generations import Generation, Workspace
from warehouse.lock import writers_lock
from warehouse.progress import Progress, Silent
from warehouse.scratch import held, remove_unheld
from warehouse.shelf import Shelf

_SHOWN = 5  # names of what lies in a folder


def restore(
    file: Path, folder: Path, *, replace: bool = False, progress: Progress | None = None
) -> tuple[Generation, Path | None]:
    """Make ``folder`` the workspace that was saved.

    Nothing is visible there before every digest was compared and the database was opened.

    Parameters
    ----------
    folder : empty, or not there yet.
    replace : where there is a workspace already, keep it aside under another name. A folder of
        anything else is left alone.

    Returns
    -------
    The generation that is served, and the folder of what was there before (None without).

    Raises
    ------
    BackupError : not a whole backup, or the folder is not empty and may not be replaced; nothing
        was changed.
    LockedError : somebody is writing to the workspace that would be replaced.
    """
    if not file.is_file():
        raise BackupError(f"{file}: no such file", fix="name the file that backup wrote")
    folder = folder.absolute()  # "." has no name that could be given to another
    _refuse_folder(folder, replace=replace)
    staging = _new_folder(folder)
    try:
        with held(staging):
            contents = _unpack(file, staging, progress or Silent())
            _prove(file, staging, contents)
            _refuse_folder(folder, replace=replace)  # somebody may have filled it meanwhile
            aside = _swap(staging, folder)
    except OSError as error:
        raise BackupError(
            f"{folder}: the backup cannot be restored; nothing was changed",
            found=error.strerror or str(error),
            fix=way_out(error),
        ) from None
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return Workspace(folder).current(), aside


def _refuse_folder(folder: Path, *, replace: bool) -> None:
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise BackupError(f"{folder}: not a folder", fix="name another one with --workspace")
    if not folder.is_dir() or not any(folder.iterdir()):
        return
    if not _is_workspace(folder):
        names = sorted(path.name for path in folder.iterdir())
        raise BackupError(
            f"{folder}: neither empty nor a workspace; nothing was changed",
            found=", ".join(names[:_SHOWN]) + (" ..." if len(names) > _SHOWN else ""),
            fix="name a new folder with --workspace, or the workspace itself",
        )
    if not replace:
        raise BackupError(
            f"{folder}: not empty; nothing was changed",
            fix="name a new folder with --workspace, or keep this one aside with --replace",
        )


def _is_workspace(folder: Path) -> bool:
    """Whether something lies in it that only a workspace has: it may be moved aside.

    Folders and locks alone do not tell: a command that was given the wrong folder leaves them.
    """
    workspace = Workspace(folder)
    if workspace.numbers() or workspace.inbox.entries() or (folder / FILE_NAME).is_file():
        return True
    try:
        Shelf(folder, keep=1).served()  # its generations are lost, CURRENT names one of them
    except (NoGenerationError, CorruptGenerationError):  # other programs have such a file too
        return False
    return True


def _new_folder(folder: Path) -> Path:
    """An empty folder beside the workspace, on the same disk."""
    place = folder.absolute()
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        remove_unheld(place.parent.glob(f".{place.name}.*.restoring"))
        return Path(tempfile.mkdtemp(prefix=f".{place.name}.", suffix=".restoring",
                                     dir=place.parent))  # fmt: skip
    except OSError as error:
        raise BackupError(
            f"{place.parent}: cannot be written", found=error.strerror, fix=way_out(error)
        ) from None


def _unpack(file: Path, staging: Path, progress: Progress) -> Contents:
    def take(name: str, pieces: Iterator[bytes]) -> None:
        path = staging / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as out:
            for piece in pieces:
                out.write(piece)

    with megabytes(progress, "Reading the backup", None) as on_bytes:
        return read_archive(file, take, on_bytes)


def _prove(file: Path, staging: Path, contents: Contents) -> None:
    """See that what was unpacked is a workspace that can be served."""
    served = Workspace(staging).current()
    if served.number != contents.generation:
        raise BackupError(
            f"{file}: contradicts itself", found=f"CURRENT names {served.number}",
            fix="use another copy of the backup",
        )  # fmt: skip
    probe(served.database)
    for name in ("inbox", "generations"):
        (staging / name).mkdir(exist_ok=True)


def _swap(staging: Path, folder: Path) -> Path | None:
    """Put the unpacked workspace into its place; what was there is kept beside it."""
    staging.chmod(0o755)
    if not folder.is_dir() or not any(folder.iterdir()):
        sync_tree(staging)
        staging.rename(folder)  # also in place of an empty folder
        sync(folder.absolute().parent)
        return None
    aside = folder.with_name(f"{folder.name}.before-{datetime.now(UTC):%Y%m%dT%H%M%S}")
    with ExitStack() as stack:
        stack.enter_context(writers_lock(folder / "writer.lock", "restore"))
        _go_on_counting(staging, folder)
        sync_tree(staging)
        folder.rename(aside)
        try:
            staging.rename(folder)
        except OSError:
            aside.rename(folder)
            raise
        sync(folder.absolute().parent)
    return aside


def _go_on_counting(staging: Path, folder: Path) -> None:
    """Numbers of generations and of loads only grow, also across a restore: a server may hold a
    generation open, and a note may speak of a load.
    """
    numbers = [*Workspace(folder).numbers(), *Workspace(staging).numbers()]
    for name, seen in (("generations/last_number", numbers), ("last_load", [])):
        for place in (folder, staging):
            with suppress(OSError, ValueError):
                seen.append(int((place / name).read_text(encoding="ascii")))
        if seen:
            (staging / name).write_text(f"{max(seen)}\n", encoding="ascii")
