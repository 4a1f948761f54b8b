"""PostgreSQL: one read-only snapshot, sent by ``COPY`` as the CSV that the spool holds."""

from collections.abc import Generator, Iterator, Mapping
from contextlib import closing, contextmanager

import psycopg
from psycopg import errors, sql

from warehouse.errors import SourceError
from warehouse.sources.database import (
    CONNECT_SECONDS,
    Driver,
    Snapshot,
    broken,
    failed,
    one_line,
    refused,
    repeated,
    unknown,
    unreachable,
)
from warehouse.sources.database_url import DatabaseUrl

# Text that does not depend on how the server or the account is set up.
_SETTINGS = {
    "datestyle": "ISO, YMD",
    "intervalstyle": "iso_8601",
    "timezone": "UTC",
    "extra_float_digits": "1",
}
_BINARY = psycopg.adapters.types["bytea"].oid
_MONEY = psycopg.adapters.types["money"].oid
_TEMPORAL = frozenset(
    psycopg.adapters.types[name].oid for name in ("date", "timestamp", "timestamptz")
)


@contextmanager
def _rows(con: psycopg.Connection, url: DatabaseUrl, since: str | None) -> Iterator[Snapshot]:
    """The rows of ``url``, as :func:`warehouse.sources.database.snapshot` gives them."""
    with closing(con):
        try:
            types = _types(con, url)
            highest = _highest(con, url, types)
            select = _select(url, types, since)
            estimate = _estimate(con, select)
        except psycopg.Error as error:
            raise _explain(con, url, error) from None
        kept = tuple(name for name, kind in types.items() if kind != _BINARY)
        left_out = tuple(f"{name} (binary)" for name in types if name not in kept)
        records = _records(con, url, select)
        try:
            yield Snapshot(kept, left_out, highest, estimate, records)
        finally:
            # The connection first: a half-read COPY would be cancelled politely, and waited for.
            con.close()
            records.close()


def _connect(url: DatabaseUrl, password: str | None) -> psycopg.Connection:
    """A connection whose one transaction reads and never writes."""
    con = psycopg.connect(
        host=url.host or None,
        port=url.port,
        user=url.user or None,
        password=password,
        dbname=url.database,
        connect_timeout=CONNECT_SECONDS,
        # None leaves it to PGSSLMODE, or else to TLS where the server offers it.
        sslmode="verify-full" if url.is_verified else None,
        client_encoding="UTF8",
        application_name="spendboard",
        keepalives_idle=30,
        keepalives_interval=10,
        keepalives_count=3,
    )
    con.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    con.read_only = True
    for name, value in _SETTINGS.items():
        con.execute("select set_config(%s, %s, false)", [name, value])
    return con


def _wants_password(error: Exception) -> bool:
    pgconn = error.pgconn if isinstance(error, psycopg.Error) else None
    return pgconn is not None and bool(pgconn.needs_password)


def _source(url: DatabaseUrl) -> sql.Composable:
    """What is read, as it stands behind FROM."""
    if url.query is not None:
        return sql.SQL("(\n{}\n) as source").format(sql.SQL(url.query))
    return sql.Identifier(*(url.table or "").split(".", 1))


def _types(con: psycopg.Connection, url: DatabaseUrl) -> dict[str, int]:
    """Types of the columns by name.

    The binary cursor makes it one prepared statement: a second one behind a semicolon is an error.
    """
    with con.cursor(binary=True) as cursor:
        cursor.execute(sql.SQL("select * from {} limit 0").format(_source(url)))
        columns = cursor.description or []
    repeated(url, [column.name for column in columns])
    return {column.name: column.type_code for column in columns}


def _highest(con: psycopg.Connection, url: DatabaseUrl, types: Mapping[str, int]) -> str | None:
    """The highest value of the watermark's column, as text."""
    if url.watermark is None:
        return None
    column = sql.Identifier(url.watermark)
    query = sql.SQL("select max({})::text from {}").format(column, _source(url))
    if types.get(url.watermark) in _TEMPORAL:
        query += sql.SQL(" where {} <= now() + interval '1 day'").format(column)
    found = con.execute(query).fetchone()
    return found[0] if found else None


def _estimate(con: psycopg.Connection, select: sql.Composed) -> int | None:
    """How many rows the planner expects."""
    found = con.execute(sql.SQL("explain (format json) ") + select).fetchone()
    return int(found[0][0]["Plan"]["Plan Rows"]) if found else None


def _select(url: DatabaseUrl, types: Mapping[str, int], since: str | None) -> sql.Composed:
    """The SELECT of every row, its values cast to their exact text."""
    columns = [
        sql.SQL("{}::numeric::text" if kind == _MONEY else "{}::text").format(sql.Identifier(name))
        for name, kind in types.items()
        if kind != _BINARY
    ]
    select = sql.SQL("select {} from {}").format(sql.SQL(", ").join(columns), _source(url))
    if url.watermark is not None and since is not None:
        # A row without a value is always read: nobody would come back for it.
        select += sql.SQL(" where {0} >= {1} or {0} is null").format(
            sql.Identifier(url.watermark), sql.Literal(since)
        )
    return select


def _records(con: psycopg.Connection, url: DatabaseUrl, select: sql.Composed) -> Generator[bytes]:
    """Lines of CSV, one a row."""
    copy = sql.SQL("copy ({}) to stdout (format csv)").format(select)
    try:
        with con.cursor() as cursor, cursor.copy(copy) as rows:
            for row in rows:
                yield bytes(row)
    except psycopg.Error as error:
        raise _explain(con, url, error) from None


def _no_entry(url: DatabaseUrl, error: Exception) -> SourceError:
    """Why there is no connection."""
    found = one_line(error)
    if "does not exist" in found and "database" in found:
        return unknown(url, found, url.database, [])
    is_refused = "FATAL" in found or "password" in found
    return refused(url, found) if is_refused else unreachable(url, found)


def _explain(con: psycopg.Connection, url: DatabaseUrl, error: psycopg.Error) -> SourceError:
    """What an error of the server means."""
    found = one_line(error)
    if con.broken or con.closed:
        return broken(url, found)
    con.rollback()
    if isinstance(error, errors.UndefinedTable) and url.table:
        tables = con.execute(
            "select case when table_schema = any(current_schemas(false)) then table_name"
            " else table_schema || '.' || table_name end from information_schema.tables"
            " where table_schema not in ('pg_catalog', 'information_schema')"
        ).fetchall()
        return unknown(url, found, url.table, [name for (name,) in tables])
    if isinstance(error, errors.UndefinedColumn) and url.watermark:
        return unknown(url, found, url.watermark, list(_types(con, url)))
    return failed(url, found)


DRIVER = Driver(_connect, (psycopg.Error,), _wants_password, _no_entry, _rows)
