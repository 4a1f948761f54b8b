"""What disks and permissions refuse, told as something that the user can put right."""

import errno

from warehouse.errors import WorkspaceError

# EFBIG: a limit of the account or of the filesystem (4 GB on FAT32); for a file that has to grow
# it is the same as a full disk.
_FULL = {errno.ENOSPC: "No space left on device", errno.EDQUOT: "Disk quota exceeded",
         errno.EFBIG: "File too large"}  # fmt: skip
_REFUSED = {errno.EACCES: "Permission denied", errno.EPERM: "Operation not permitted",
            errno.EROFS: "Read-only file system"}  # fmt: skip


def is_full(error: BaseException) -> bool:
    """Whether there is no room left on the disk, whoever met it: Python or DuckDB."""
    return _is_one_of(error, _FULL)


def is_refused(error: BaseException) -> bool:
    """Whether the system refuses to let this user read or write a file."""
    return _is_one_of(error, _REFUSED)


def _is_one_of(error: BaseException, known: dict[int, str]) -> bool:
    if isinstance(error, OSError):
        return error.errno in known
    # DuckDB has no numbers, and is not imported to ask for the class of its errors.
    is_of_duckdb = type(error).__module__.partition(".")[0] in {"duckdb", "_duckdb"}
    return is_of_duckdb and any(words in str(error) for words in known.values())


def in_words(error: BaseException, where: object, outcome: str = "") -> WorkspaceError | None:
    """The error for the user, or None where neither the disk nor permissions are the cause.

    Parameters
    ----------
    where : file or folder that was worked on; ``found`` names the very file.
    outcome : what became of the work, a clause.
    """
    end = f"; {outcome}" if outcome else ""
    if is_full(error):
        return WorkspaceError(
            f"{where}: the disk is full{end}",
            found=_found(error),
            fix="free some space, or keep fewer generations (keep_generations)",
        )
    if is_refused(error):
        return WorkspaceError(
            f"{where}: a file or folder may not be read or written{end}",
            found=_found(error),
            fix="let yourself read and write it and all that is in it (chown, chmod), or name"
            " another folder (--workspace)",
        )
    return None


def way_out(error: BaseException) -> str:
    """What to do where nothing can be written to a place that could be another one."""
    if is_full(error):
        return "free some space, or name another folder"
    return "name a folder that you may write to" if is_refused(error) else "name another folder"


def _found(error: BaseException) -> str:
    """The system's words without its number, and the file if it tells one."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    return str(error).splitlines()[0]
