"""How every connection to DuckDB is made: what it may use, and what it may reach.

Use one ``cursor()`` per call and close it: a connection shared by threads returns other threads'
rows without an error. Open after a fork, never before.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from warehouse.configuration import Settings
from warehouse.disk_errors import is_refused
from warehouse.errors import CorruptGenerationError, LockedError
from warehouse.scratch import scratch

# Files that DuckDB 1.5 can still read, whichever newer DuckDB writes them.
STORAGE_VERSION = "v1.5.0"
_GIB = 1024**3
# A server keeps two generations open, so each reader takes half of what the one writer may.
_WRITER_LIMIT = 8 * _GIB
_READER_LIMIT = 4 * _GIB
_OF_THE_FILE = (duckdb.IOException, duckdb.SerializationException, duckdb.FatalException)
_CGROUP_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)


def available_memory() -> int:
    """Bytes of memory that this process may use: the machine's, or its container's if less."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limits = [machine]
    for file in _CGROUP_LIMITS:
        try:
            limits.append(int(file.read_text(encoding="ascii")))
        except (OSError, ValueError):  # not there, or "max"
            continue
    return min(limits)


def default_threads() -> int:
    """As many threads as this process may use processors."""
    return len(os.sched_getaffinity(0))


def _limits(
    threads: int | None, memory_limit: str | None, share: float, cap: int, temp_directory: Path
) -> dict[str, str]:
    """The explicit limits of a connection; DuckDB's own take 80 % of RAM and 90 % of the disk."""
    memory = min(int(available_memory() * share), cap)
    return {
        "threads": str(threads or default_threads()),
        "memory_limit": memory_limit or f"{memory // 1024**2}MiB",
        "temp_directory": str(temp_directory),
        "max_temp_directory_size": f"{_temporary_space(temp_directory) // 1024**2}MiB",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "allow_community_extensions": "false",
    }


def _temporary_space(temp_directory: Path) -> int:
    """Half of what is free where temporary files go, in bytes."""
    folder = temp_directory
    while not folder.exists():
        folder = folder.parent
    status = os.statvfs(folder)
    return status.f_bavail * status.f_frsize // 2


def open_writer(
    database: Path, *, threads: int | None, memory_limit: str | None, temp_directory: Path
) -> duckdb.DuckDBPyConnection:
    """Open a database file for writing, or create it; no other process can have it open.

    Parameters
    ----------
    threads : default is one per processor.
    memory_limit : such as ``"2GB"``; default is 60 % of the memory, at most 8 GiB.
    temp_directory : where queries larger than memory spill; made when needed.

    Raises
    ------
    CorruptGenerationError : the file is not a DuckDB database, or is damaged.
    """
    config = _limits(threads, memory_limit, 0.6, _WRITER_LIMIT, temp_directory)
    config |= {"storage_compatibility_version": STORAGE_VERSION}
    return _connect(database, read_only=False, config=config)


def open_reader(
    database: Path,
    *,
    threads: int | None,
    memory_limit: str | None,
    temp_directory: Path,
    export_directory: Path,
) -> duckdb.DuckDBPyConnection:
    """Open a finished database read-only, without reach beyond ``export_directory``.

    SQL on this connection can neither read nor write another file, nor load an extension, nor
    lift these limits. Any number of processes may read the same file. Opened twice in one process,
    the second connection shares the limits of the first.

    Parameters
    ----------
    threads : default is one per processor.
    memory_limit : default is 30 % of the memory, at most 4 GiB: a server keeps two open.
    temp_directory : where queries larger than memory spill; made when needed.
    export_directory : the only folder that ``COPY ... TO`` can write to; SQL can read it too.

    Raises
    ------
    CorruptGenerationError : the file is missing, not a DuckDB database, or damaged.
    ValueError : the process has the file open already with another ``export_directory``.
    """
    con = _connect(database, read_only=True)
    if _is_locked(con):
        _refuse_other_exports(con, export_directory)
        return con
    for name, value in _limits(threads, memory_limit, 0.3, _READER_LIMIT, temp_directory).items():
        con.execute(f"set {name} = ?", [value])
    con.execute("set allowed_directories = ?", [[str(export_directory)]])
    con.execute("set enable_external_access = false")
    con.execute("set lock_configuration = true")
    return con


@contextmanager
def reading(database: Path, settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a finished database as :func:`open_reader` does, for the length of a block.

    What it spills lies in a folder of its own, which goes with it.
    """
    with scratch() as folder:
        con = open_reader(
            database,
            threads=settings.threads,
            memory_limit=settings.memory_limit,
            temp_directory=folder / "spill",
            export_directory=folder / "exports",
        )
        try:
            yield con
        finally:
            con.close()


@contextmanager
def beside(database: Path, settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a finished database so that something can be tried beside it, in memory.

    The database itself cannot be written, and no other file can be reached; but further catalogues
    can be attached in memory, which :func:`open_reader` does not allow.
    """
    with scratch() as folder:
        limits = _limits(
            settings.threads, settings.memory_limit, 0.3, _READER_LIMIT, folder / "spill"
        )
        with duckdb.connect(config=limits) as con:  # type: ignore[arg-type]
            path = str(database).replace("'", "''")
            con.execute(f"attach '{path}' as warehouse (read_only)")
            con.execute("use warehouse")
            con.execute("set enable_external_access = false")
            con.execute("set lock_configuration = true")
            yield con


def probe(database: Path) -> None:
    """See that a finished file opens as a database and has a catalogue.

    Raises
    ------
    CorruptGenerationError : it does not.
    duckdb.ConnectionException : this process still has it open for writing (a forgotten cursor).
    """
    with _connect(database, read_only=True) as con:
        con.execute("from duckdb_tables()").fetchall()


def _is_locked(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether this process has the file open already: DuckDB then shares one instance."""
    return bool(con.execute("select current_setting('lock_configuration')").fetchall()[0][0])


def _refuse_other_exports(con: duckdb.DuckDBPyConnection, export_directory: Path) -> None:
    """Raise if the shared instance may not write to ``export_directory``."""
    allowed = con.execute("select current_setting('allowed_directories')").fetchall()[0][0]
    if str(export_directory) not in {str(folder).rstrip("/") for folder in allowed}:
        con.close()
        raise ValueError(f"this process has the file open already, exporting to {allowed}")


def _connect(
    database: Path, *, read_only: bool, config: dict[str, str] | None = None
) -> duckdb.DuckDBPyConnection:
    """Connect; what speaks of a damaged file is told as such."""
    try:
        return duckdb.connect(
            str(database),
            read_only=read_only,
            config=config or {},  # type: ignore[arg-type]
        )
    except duckdb.Error as error:
        # What a damaged block raises has no class of its own.
        if type(error) is not duckdb.Error and not isinstance(error, _OF_THE_FILE):
            raise
        found = str(error).splitlines()[0]
        if "Could not set lock" in found:
            raise LockedError(
                f"{database}: another process has the file open for writing",
                found=found,
                fix="close that process; finished generations are for reading only",
            ) from error
        raise CorruptGenerationError(
            f"{database}: cannot be opened",
            found=found,
            fix="let yourself read it (chown, chmod)"
            if is_refused(error)
            else "`spendboard rollback` goes back to the generation before",
        ) from error
