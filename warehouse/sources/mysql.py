"""MySQL and MariaDB: one read-only snapshot, every value as the text that the server sends.

PyMySQL would turn values into Python's types; its conversions are switched off, so that decimals
stay exact and ``0000-00-00`` stays a text, which is rejected later as no date.
"""

import socket
import ssl
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import pymysql
from pymysql.constants import CR, ER
from pymysql.converters import conversions
from pymysql.cursors import Cursor, DictCursor, SSCursor

from warehouse.errors import SourceError
from warehouse.sources.database import (
    CONNECT_SECONDS,
    Driver,
    Snapshot,
    broken,
    failed,
    one_line,
    refused,
    unknown,
    unreachable,
)
from warehouse.sources.database_url import DatabaseUrl
from warehouse.sources.mysql_values import DIGITS, NUMBERS, TEMPORAL, Column, column

_SETTINGS = (
    "set session time_zone = '+00:00'",
    # The server must not hang up while the first rows are looked at.
    "set session net_write_timeout = 3600",
    "set session transaction isolation level repeatable read",
    "set session transaction read only",
    "start transaction with consistent snapshot, read only",
)
_LOST = frozenset({CR.CR_SERVER_LOST, CR.CR_SERVER_GONE_ERROR, ER.SERVER_SHUTDOWN, 1927})
_NO_ENTRY = frozenset({ER.ACCESS_DENIED_ERROR, ER.DBACCESS_DENIED_ERROR, 1698})


class _Connection:
    """A connection whose one transaction reads and never writes.

    It keeps a second handle on the socket: a half-read result can only be left by hanging up.
    """

    def __init__(self, url: DatabaseUrl, password: str | None) -> None:
        self._socket = _greeted(url)
        try:
            # The driver wraps its own handle for TLS, which it uses wherever the server offers it.
            self.con = pymysql.Connection(
                host=url.host or "localhost",
                port=url.port,
                user=url.user or None,
                password=(password or "").encode(),
                database=url.database,
                charset="utf8mb4",
                ssl=ssl.create_default_context() if url.is_verified else None,
                conv={kind: one for kind, one in conversions.items() if not isinstance(kind, int)},
                program_name="spendboard",
                defer_connect=True,
            )
            self._socket.settimeout(None)
            self.con.connect(self._socket.dup())
            for setting in _SETTINGS:
                self.rows(setting)
        except BaseException:
            self.hang_up()
            raise

    def rows(self, query: str) -> list[tuple[str | bytes | None, ...]]:
        """All rows of a small result."""
        with self.con.cursor() as cursor:
            cursor.execute(query)
            return list(cursor.fetchall())

    def hang_up(self) -> None:
        """End the connection at once; a second time does nothing."""
        with suppress(OSError):  # the server was faster
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        with suppress(pymysql.Error, AttributeError):  # closed already, or never made
            self.con.close()


def _greeted(url: DatabaseUrl) -> socket.socket:
    """A socket on which the server has begun to speak, as MySQL does unasked.

    Raises
    ------
    OSError : nobody is there, or nobody speaks in time.
    """
    found = socket.create_connection((url.host or "localhost", url.port), CONNECT_SECONDS)
    try:
        if not found.recv(1, socket.MSG_PEEK):
            raise ConnectionError("the server hangs up without a word")
        found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        found.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 30)
        found.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 10)
        found.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3)
    except BaseException:
        found.close()
        raise
    return found


@contextmanager
def _rows(con: _Connection, url: DatabaseUrl, since: str | None) -> Iterator[Snapshot]:
    """The rows of ``url``, as :func:`warehouse.sources.database.snapshot` gives them."""
    try:
        columns = _columns(con, url)
        highest = _highest(con, url, columns)
        kept = [column for column in columns if column.write is not None]
        left_out = tuple(f"{one.name} (binary)" for one in columns if one.write is None)
        select = _select(con, url, kept, since)
        estimate = _estimate(con, select)
        records = _records(con, url, kept, select)
        try:
            names = tuple(column.name for column in kept)
            yield Snapshot(names, left_out, highest, estimate, records)
        finally:
            con.hang_up()
            records.close()
    except pymysql.Error as error:
        raise _explain(con, url, error) from None
    finally:
        con.hang_up()


def _wants_password(error: Exception) -> bool:
    return isinstance(error, pymysql.Error) and error.args[:1] in {
        (ER.ACCESS_DENIED_ERROR,),
        (1698,),
    }


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _source(url: DatabaseUrl) -> str:
    """What is read, as it stands behind FROM. In brackets a query can be one SELECT only."""
    if url.query is not None:
        return f"(\n{url.query}\n) as source"
    return ".".join(map(_quoted, (url.table or "").split(".", 1)))


def _columns(con: _Connection, url: DatabaseUrl) -> list[Column]:
    """Columns of what is read."""
    with con.con.cursor() as cursor:
        cursor.execute(f"select * from {_source(url)} limit 0")
        # The standard's description of a result does not tell a text from bytes.
        fields = _result(cursor).fields
    return [column(field.name, field.type_code, field.charsetnr) for field in fields]


def _result(cursor: Cursor) -> Any:  # noqa: ANN401
    """What the driver keeps of a result, for the two things that it has no public name for."""
    return cursor._result  # type: ignore[attr-defined]


def _kind(columns: Sequence[Column], name: str) -> int | None:
    """Type of a column; names are the same in capitals."""
    return next((one.kind for one in columns if one.name.lower() == name.lower()), None)


def _highest(con: _Connection, url: DatabaseUrl, columns: Sequence[Column]) -> str | None:
    """The highest value of the watermark's column, as text."""
    if url.watermark is None:
        return None
    name = _quoted(url.watermark)
    query = f"select max({name}) from {_source(url)}"
    if _kind(columns, url.watermark) in TEMPORAL:
        query += f" where {name} <= now() + interval 1 day"
    ((value,),) = con.rows(query)
    if isinstance(value, bytes):
        raise failed(url, f"{url.watermark} is binary, and no watermark")
    return value


def _select(
    con: _Connection, url: DatabaseUrl, columns: Sequence[Column], since: str | None
) -> str:
    """The SELECT of all rows, or of those from the watermark on."""
    names = ", ".join(_quoted(column.name) for column in columns)
    query = f"select {names} from {_source(url)}"
    if url.watermark is None or since is None:
        return query
    is_number = _kind(columns, url.watermark) in NUMBERS and DIGITS.fullmatch(since)
    # As a text, a number beyond 2^53 would be compared as a DOUBLE.
    value = since if is_number else con.con.escape(since)
    column = _quoted(url.watermark)
    # A row without a value is always read: nobody would come back for it.
    return f"{query} where {column} >= {value} or {column} is null"


def _estimate(con: _Connection, select: str) -> int | None:
    """How many rows the server expects of the table of which it reads most."""
    try:
        with con.con.cursor(DictCursor) as cursor:
            # MySQL 9 explains as a tree unless it is asked for the table that it always was.
            cursor.execute(f"explain format=traditional {select}")
            numbers = [str(step.get("rows") or 0) for step in cursor.fetchall()]
    except pymysql.Error:  # the plan of a view may be closed to who may read it
        return None
    return max((int(number) for number in numbers if number.isdigit()), default=None)


def _records(
    con: _Connection, url: DatabaseUrl, columns: Sequence[Column], select: str
) -> Generator[bytes]:
    """Lines of CSV, one a row."""
    writers = [one.write or str for one in columns]
    with con.con.cursor(SSCursor) as cursor:
        try:
            cursor.execute(select)
            for row in cursor:
                cells = [
                    "" if value is None else write(value)
                    for value, write in zip(row, writers, strict=True)
                ]
                yield f"{','.join(cells)}\n".encode()
        except pymysql.Error as error:
            raise _explain(con, url, error) from None
        finally:
            # The driver would read the rest of the rows before it lets go.
            if _result(cursor) is not None:
                _result(cursor).unbuffered_active = False


def _no_entry(url: DatabaseUrl, error: Exception) -> SourceError:
    """Why there is no connection."""
    if isinstance(error, TimeoutError):
        return unreachable(url, f"no answer within {CONNECT_SECONDS} seconds")
    if isinstance(error, OSError):
        return unreachable(url, one_line(error))
    if isinstance(error, RuntimeError) and "cryptography" in str(error):
        # How accounts of MySQL log in since version 8: with the password hidden by TLS, or by RSA.
        return SourceError(
            f"{url.label}: the server offers no encryption, so no password is sent to it",
            found=one_line(error),
            fix="switch TLS on at the server, or install the Python package cryptography beside"
            " Spendboard: then the password alone is encrypted",
        )
    found, code = _said(error)
    if code == ER.BAD_DB_ERROR:
        return unknown(url, found, url.database, [])
    return refused(url, found) if code in _NO_ENTRY else unreachable(url, found)


def _explain(con: _Connection, url: DatabaseUrl, error: pymysql.Error) -> SourceError:
    """What an error of the server means."""
    found, code = _said(error)
    if code in _LOST or not con.con.open:
        return broken(url, found)
    if code == ER.NO_SUCH_TABLE and url.table:
        return unknown(url, found, url.table, [str(name) for (name,) in con.rows("show tables")])
    if code == ER.BAD_FIELD_ERROR and url.watermark:
        names = [column.name for column in _columns(con, url)]
        return unknown(url, found, url.watermark, names)
    return failed(url, found)


def _said(error: Exception) -> tuple[str, object]:
    """What the server said, and the number of its error."""
    code, *words = error.args or ("",)
    return one_line(f"{' '.join(map(str, words))} (error {code})" if words else error), code


DRIVER = Driver(
    _Connection, (OSError, pymysql.Error, RuntimeError), _wants_password, _no_entry, _rows
)
