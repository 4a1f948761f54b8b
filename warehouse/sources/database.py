"""What every database has in common: a snapshot of rows as CSV, its passwords, its errors."""

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from warehouse.errors import SourceError
from warehouse.sources.database_url import VARIABLES, DatabaseUrl, Dialect

CONNECT_SECONDS = 10
Connection = TypeVar("Connection")


def nobody(question: str) -> None:
    """The answer to a question for a password where nobody can be asked."""


@dataclass(frozen=True)
class Passwords:
    """Where passwords come from. Neither is ever shown, not even in a traceback.

    ``known`` holds those of the environment; ``ask`` is given a question and returns what was
    typed, or None where nobody can be asked.
    """

    known: Mapping[Dialect, str] = field(default_factory=dict, repr=False)
    ask: Callable[[str], str | None] = field(default=nobody, repr=False)


@dataclass(frozen=True)
class Snapshot:
    """Rows as they were at one instant, read in the order in which the server sends them.

    Attributes
    ----------
    columns : their names.
    left_out : names and types of columns that hold no text and no number, such as pictures.
    highest : the highest value of the watermark's column, as the server writes it; None without.
        A date beyond tomorrow does not count: nothing would be new before it.
    estimate : how many rows the server expects, None where it does not say.
    records : each row as a line of CSV in UTF-8: NULL is nothing, an empty text is ``""``.
    """

    columns: tuple[str, ...]
    left_out: tuple[str, ...]
    highest: str | None
    estimate: int | None
    records: Iterator[bytes]


@dataclass(frozen=True)
class Driver(Generic[Connection]):
    """What a kind of database does in its own way.

    Attributes
    ----------
    connect : connects with a password, or with none.
    errors : what ``connect`` may raise.
    wants_password : whether the server asks for one by that error.
    no_entry : what that error means.
    rows : the rows of an address, from a watermark on; leaving it ends the connection.
    """

    connect: Callable[[DatabaseUrl, str | None], Connection]
    errors: tuple[type[Exception], ...]
    wants_password: Callable[[Exception], bool]
    no_entry: Callable[[DatabaseUrl, Exception], SourceError]
    rows: Callable[[Connection, DatabaseUrl, str | None], AbstractContextManager[Snapshot]]


@contextmanager
def snapshot(
    driver: Driver[Any], url: DatabaseUrl, passwords: Passwords, since: str | None
) -> Iterator[Snapshot]:
    """Open the rows of ``url``; leaving the block ends the connection, read to the end or not.

    Parameters
    ----------
    since : value of the watermark's column from which on rows are read; None for all.

    Raises
    ------
    SourceError : no connection, no such table or column, a query that fails.
    """
    try:
        con = log_in(
            url, passwords, lambda password: driver.connect(url, password), driver.wants_password
        )
    except driver.errors as error:
        raise driver.no_entry(url, error) from None
    with driver.rows(con, url, since) as found:
        yield found


def log_in(
    url: DatabaseUrl,
    passwords: Passwords,
    connect: Callable[[str | None], Connection],
    wants_password: Callable[[Exception], bool],
) -> Connection:
    """Connect with the known password, or with none; ask for one only where the server wants it."""
    known = passwords.known.get(url.dialect)
    try:
        return connect(known)
    except Exception as error:
        if known is not None or not wants_password(error):
            raise
        typed = passwords.ask(f"Password of {url.user or 'you'} at {url.server}: ")
        if typed is None:
            raise
        return connect(typed)


def refused(url: DatabaseUrl, found: str) -> SourceError:
    """The server does not let the user in."""
    return SourceError(
        f"{url.label}: the server refuses {url.user or 'the user'}",
        found=found,
        fix=f"check the user in the address, and the password in {VARIABLES[url.dialect][0]}"
        " (without it, a terminal asks)",
    )


def unreachable(url: DatabaseUrl, found: str) -> SourceError:
    """Nobody answers, or not in time."""
    return SourceError(
        f"{url.label}: no connection to {url.server}",
        found=found,
        fix="check host and port, that the server runs, and that it may be reached from here",
    )


def broken(url: DatabaseUrl, found: str) -> SourceError:
    """The connection ended before the last row."""
    return SourceError(
        f"{url.label}: the connection broke while rows were read; nothing was loaded",
        found=found,
        fix="see that the server is up, and load again",
    )


def unknown(url: DatabaseUrl, found: str, wanted: str, there: Sequence[str]) -> SourceError:
    """A table or column is not there; ``there`` are those that are."""
    near = difflib.get_close_matches(wanted, there, n=3, cutoff=0.5) or sorted(there)[:5]
    return SourceError(
        f"{url.label}: not in this database",
        found=found,
        fix=f"did you mean: {', '.join(near)}?"
        if near
        else "check the names, and what the user may see",
    )


def failed(url: DatabaseUrl, found: str) -> SourceError:
    """The server cannot run the query, or must not."""
    return SourceError(
        f"{url.label}: the server cannot run the query",
        found=found,
        fix="try it in the database's own client; it must be one SELECT that changes nothing,"
        " on what the user may read",
    )


def repeated(url: DatabaseUrl, columns: Sequence[str]) -> None:
    """Refuse a query that has two columns of one name.

    Raises
    ------
    SourceError : it has.
    """
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if twice:
        raise failed(url, f"two columns are called {', '.join(twice)}: name one of them with AS")


def one_line(error: BaseException | str) -> str:
    """A message of a server in one line."""
    return " ".join(str(error).split())[:300]
