"""Tables of databases on their way into the spool, from which they are read like a file of CSV."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, ExitStack
from itertools import islice
from typing import Self

from warehouse.errors import SourceError
from warehouse.progress import Progress
from warehouse.sources.database import Passwords, Snapshot, snapshot
from warehouse.sources.database_url import DatabaseUrl, is_address, parse
from warehouse.sources.layout import Layout
from warehouse.sources.spool import CSV_OPTIONS, Spool, copying

# As many rows as a mapping is decided from.
_FIRST_ROWS = 10_000
_ROWS_AT_ONCE = 1_000


def from_the_start(url: DatabaseUrl) -> None:
    """Where a table is read from if nothing is known of it: from its first row on."""


class TableRead:
    """One table of which the first rows are in the spool, and the rest is still to come.

    The rest is of the same snapshot: the connection stays open until then. A mapping that needs a
    decision is so told before millions of rows have travelled.

    Attributes
    ----------
    url : what is read.
    path : the copy in the spool, a header and rows.
    layout : how the copy is read.
    since, highest : the watermark from which on, and up to which, rows are read; None without.
    left_out : names and types of columns that are not copied.
    has_rows : False where nothing was there to read.
    """

    def __init__(
        self, url: DatabaseUrl, passwords: Passwords, since: str | None, spool: Spool
    ) -> None:
        self.url, self.since = url, since
        self.path = spool.new_file()
        self._open = ExitStack()
        try:
            rows = self._open.enter_context(_snapshot(url, passwords, since))
            self.highest, self.left_out = rows.highest, rows.left_out
            if not rows.columns:
                raise SourceError(
                    f"{url.label}: holds nothing that could be read",
                    found=", ".join(rows.left_out) or "no column",
                    fix="name another table, or columns of text and numbers with query=",
                )
            self._estimate = rows.estimate
            self.layout = Layout("csv", rows.columns, has_header=True, options=CSV_OPTIONS)
            self._records = rows.records
            header = ",".join('"' + name.replace('"', '""') + '"' for name in rows.columns)
            self._write([f"{header}\n".encode()])
            self.has_rows = self._write(islice(self._records, _FIRST_ROWS)) > 0
        except BaseException:
            self.close()
            raise

    def finish(self, progress: Progress) -> None:
        """Copy the rest, and hang up.

        Raises
        ------
        SourceError : the connection breaks, the query fails, or the disk is full.
        """
        total = None
        if self._estimate is not None and self._estimate > _FIRST_ROWS:
            total = self._estimate - _FIRST_ROWS
        with self._open, progress.step(f"Reading {self.url.label}", total) as advance:
            while rows := list(islice(self._records, _ROWS_AT_ONCE)):
                self._write(rows)
                advance(len(rows))

    def close(self) -> None:
        """Hang up, whatever has not been read yet."""
        self._open.close()

    def _write(self, lines: Iterable[bytes]) -> int:
        """Append lines to the copy; returns how many bytes they are."""
        with copying(self.url.label, self.path), self.path.open("ab") as file:
            start = file.tell()
            file.writelines(lines)
            return file.tell() - start


def _snapshot(
    url: DatabaseUrl, passwords: Passwords, since: str | None
) -> AbstractContextManager[Snapshot]:
    """The snapshot of the driver; imported here, as most loads need none of them."""
    if url.dialect == "mysql":
        from warehouse.sources import mysql

        return snapshot(mysql.DRIVER, url, passwords, since)
    from warehouse.sources import postgresql

    return snapshot(postgresql.DRIVER, url, passwords, since)


class Databases:
    """The tables that one load reads: begun together, finished together, closed however it ends.

    Parameters
    ----------
    passwords : where they come from.
    since : gives the value of the watermark's column from which on a table is read; None for all.
    """

    def __init__(
        self,
        passwords: Passwords | None = None,
        since: Callable[[DatabaseUrl], str | None] = from_the_start,
    ) -> None:
        self._passwords = passwords or Passwords()
        self._since = since
        self.tables: list[TableRead] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        for table in self.tables:
            table.close()

    def begin(self, arguments: Sequence[str], spool: Spool) -> list[TableRead]:
        """Begin to read every address among the arguments of a load, each table once.

        Raises
        ------
        UsageError : an address that cannot be understood, or holds a password.
        SourceError : no connection, no such table; or no row at all.
        """
        urls = {url.identity: url for url in map(parse, filter(is_address, arguments))}
        for url in urls.values():
            since = self._since(url) if url.watermark else None
            table = TableRead(url, self._passwords, since, spool)
            self.tables.append(table)
            if not table.has_rows and since is None:
                raise SourceError(f"{url.label}: holds no row", fix="check the table or the query")
        return self.tables

    def finish(self, progress: Progress) -> None:
        """Read every table to its end.

        Raises
        ------
        SourceError : a connection breaks, a query fails, or the disk is full.
        """
        for table in self.tables:
            table.finish(progress)


def shown(argument: str) -> str:
    """An argument of a load as it may be shown to others: an address without its user."""
    return parse(argument).label if is_address(argument) else argument
