"""Runs the SQL files: core and score tables, feature and label macros, marts, checks.

Each file holds one plain SELECT, so that another engine can read it too; what it becomes (an empty
table, a table macro, a table, a view) is decided here by its schema.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from graphlib import CycleError, TopologicalSorter
from hashlib import sha256
from pathlib import Path

import duckdb

from warehouse.custom_views import CustomView, define, side_by_side
from warehouse.errors import SqlFileError
from warehouse.headers import SQL_FOLDER, SqlFile, sql_files
from warehouse.progress import Progress, Silent

SCHEMAS = ("core", "steps", "features", "labels", "scores", "marts")
# What a file may be given, and the type that makes a NULL of it well-defined.
PARAMETERS = {
    "as_of": "date",
    "cutoff": "date",
    "horizon_days": "integer",
    "currency": "varchar",
    "since": "integer",
}
SAMPLE_ROWS = 5
_MACROS = ("steps", "features", "labels")
_BUILD = "steps.build"  # a view that says which macros stand beside it
_PLACEHOLDER = re.compile(r"\$([a-z_]\w*)")


@dataclass(frozen=True)
class CheckResult:
    """Outcome of one check: how many rows offend, and the first few of them as text."""

    name: str
    severity: str
    summary: str
    rows: int
    sample: tuple[Mapping[str, str | None], ...] = ()


def _with_parameters(file: SqlFile, pattern: str, allowed: Collection[str]) -> str:
    """The SELECT with each ``$name`` written as ``pattern`` says, and typed.

    Raises
    ------
    SqlFileError : the file uses a parameter that it is not given.
    """

    def typed(found: re.Match[str]) -> str:
        name = found.group(1)
        if name not in allowed or name not in PARAMETERS:
            raise SqlFileError(
                f"{file.header.name}: unknown parameter ${name}",
                found=f"what it is given: {', '.join(allowed) or 'nothing'}",
                fix="use one of these, or name it in the brackets of the header's first line",
            )
        return f"cast({pattern.format(name)} as {PARAMETERS[name]})"

    return _PLACEHOLDER.sub(typed, file.select)


def in_order(files: Sequence[SqlFile]) -> list[SqlFile]:
    """The files sorted so that each stands behind those that its header ``reads:``.

    Raises
    ------
    SqlFileError : they read each other in a circle.
    """
    by_name = {file.header.name: file for file in files}
    graph = {
        name: [other for other in file.header.reads if other in by_name and other != name]
        for name, file in by_name.items()
    }
    try:
        return [by_name[name] for name in TopologicalSorter(graph).static_order()]
    except CycleError as error:
        raise SqlFileError(
            "SQL files read each other in a circle", found=" > ".join(error.args[1])
        ) from None


def _run(con: duckdb.DuckDBPyConnection, file: SqlFile, statement: str, **values: object) -> None:
    """Run one statement; a failure names the file."""
    try:
        con.execute(statement, values) if values else con.execute(statement)
    except (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException) as error:
        raise SqlFileError(
            f"{file.header.name}: the statement in {file.path.name} cannot run", found=str(error)
        ) from error


@contextmanager
def _at_once(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """One transaction: a commit takes as long as the definition of a table that it commits."""
    con.begin()
    try:
        yield
    except BaseException:
        con.rollback()
        raise
    con.commit()


def _definition(file: SqlFile) -> str:
    """What follows the name of an empty table: its columns, which takes a third of the SELECT."""
    columns = ", ".join(f'"{name}" {column.type}' for name, column in file.header.columns.items())
    return f"({columns})" if columns else f"as {file.select}"


def _add_columns(con: duckdb.DuckDBPyConnection, file: SqlFile) -> None:
    """Add the columns that an older build did not have yet."""
    existing = con.table(file.header.name).columns
    if file.header.columns and file.header.columns.keys() <= set(existing):
        return  # told without asking DuckDB what the SELECT has: that takes longer than a tiny load
    for column, kind, *_ in con.execute(f"describe {file.select}").fetchall():
        if column not in existing:
            con.execute(f'alter table {file.header.name} add column "{column}" {kind}')


def build_core(con: duckdb.DuckDBPyConnection, sql: Path = SQL_FOLDER) -> None:
    """Create the schemas, and the empty tables of core and scores where they are missing.

    Running it again changes nothing. A table made by an older build gets its new columns, as NULL.
    """
    with _at_once(con):
        for schema in SCHEMAS:
            con.execute(f"create schema if not exists {schema}")
        # duckdb_columns() would tell the columns too, but first makes every view of the system.
        found = con.execute(
            """
            select schema_name || '.' || table_name from duckdb_tables()
            where database_name = current_database() and schema_name in ('core', 'scores')
            """
        ).fetchall()
        existing = {name for (name,) in found}
        for schema in ("core", "scores"):
            for file in sql_files(schema, sql):
                name = file.header.name
                if name in existing:
                    _add_columns(con, file)
                else:
                    _run(con, file, f"create table {name} {_definition(file)}")


def build_views(
    con: duckdb.DuckDBPyConnection,
    sql: Path = SQL_FOLDER,
    custom: Sequence[CustomView] = (),
) -> None:
    """Wrap every feature and label file into a table macro; those that are the same ones stay.

    ``custom`` are the feature views of the workspace; their columns stand in ``features.custom``.

    The parameters are called ``given_as_of`` and so on inside the macro: a macro parameter that
    shares the name of a column is silently ignored by DuckDB, and a customers file may bring a
    column of any name. Callers pass them by position.
    """
    made = [_macro(file) for schema in _MACROS for file in in_order(sql_files(schema, sql))]
    told = "\n".join([duckdb.__version__, *(text for _, text in made), side_by_side(())])
    digest = sha256(told.encode()).hexdigest()
    # Views of the workspace are made anew: what they read may have changed below them.
    if not custom and _views_of(con) == digest:
        return
    with _at_once(con):
        for schema in _MACROS:
            con.execute(f"drop schema if exists {schema} cascade")
            con.execute(f"create schema {schema}")
        for file, text in made:
            _run(con, file, text)
        if not custom:
            _put_side_by_side(con, custom, digest)
    if custom:
        # One by one: a statement that cannot be bound would end the transaction of all.
        for view in custom:
            define(con, view)
        _put_side_by_side(con, custom, "")


def _macro(file: SqlFile) -> tuple[SqlFile, str]:
    """A file, and the statement that makes a table macro of it."""
    given = ", ".join(f"given_{name}" for name in file.header.params)
    select = _with_parameters(file, "given_{}", file.header.params)
    return file, f"create macro {file.header.name}({given}) as table {select}"


def _views_of(con: duckdb.DuckDBPyConnection) -> str | None:
    """The digest of the macros that are there; None where an older build made them, or nobody."""
    try:
        return str(con.execute(f"from {_BUILD}").fetchall()[0][0])
    except duckdb.CatalogException:
        return None


def _put_side_by_side(
    con: duckdb.DuckDBPyConnection, views: Sequence[CustomView], digest: str
) -> None:
    """Put the workspace's own views beside each other, and write down which macros are there.

    ``features.custom`` is there without any of them too: marts.customers reads it.
    """
    select = side_by_side(views)
    con.execute(f"create macro features.custom(given_as_of) as table {select}")
    con.execute(f"create view {_BUILD} as select '{digest}' as digest")


def build_marts(
    con: duckdb.DuckDBPyConnection,
    *,
    as_of: date | None,
    horizon_days: int,
    currency: str,
    progress: Progress | None = None,
    sql: Path = SQL_FOLDER,
    kept: Collection[str] = (),
) -> None:
    """Build every mart afresh, each behind those that it reads.

    Parameters
    ----------
    as_of : last day that counts, inclusive; None for an undated ledger.
    horizon_days : length of the horizon, in days.
    currency : three letters, as in the settings.
    progress : told about each mart.
    kept : marts that are up to date, and stay as they are.
    """
    values = {"as_of": as_of, "horizon_days": horizon_days, "currency": currency}
    _drop_marts(con, kept)
    files = [file for file in in_order(sql_files("marts", sql)) if file.header.name not in kept]
    with (progress or Silent()).step("Building the tables of the dashboard", len(files)) as advance:
        for file in files:
            select = _with_parameters(file, "${}", values)
            used = {name: values[name] for name in set(_PLACEHOLDER.findall(file.select))}
            _run(con, file, f"create {file.header.kind} {file.header.name} as {select}", **used)
            advance(1)


def _drop_marts(con: duckdb.DuckDBPyConnection, kept: Collection[str]) -> None:
    """Drop every table and view of the schema but those that are kept."""
    con.execute("create schema if not exists marts")
    found = con.execute(
        """
        select 'table', table_name from duckdb_tables()
        where schema_name = 'marts' and database_name = current_database()
        union all
        select 'view', view_name from duckdb_views()
        where schema_name = 'marts' and database_name = current_database()
        """
    ).fetchall()
    with _at_once(con):
        for kind, name in found:
            if f"marts.{name}" not in kept:
                con.execute(f'drop {kind} marts."{name}"')


def run_checks(
    con: duckdb.DuckDBPyConnection,
    sql: Path = SQL_FOLDER,
    sample_rows: int = SAMPLE_ROWS,
    since: int = 0,
) -> list[CheckResult]:
    """Run every check; a check is a SELECT of the rows that offend.

    Parameters
    ----------
    sample_rows : so many of the offending rows are kept as text.
    since : the first load whose lines are to be looked at by those checks that find offending lines
        one by one; the lines of the loads before it passed them, and are as they were.

    Returns
    -------
    One result per check, by name, also for those without an offending row.
    """
    results = [_check(con, file, sample_rows, since) for file in sql_files("checks", sql)]
    con.execute("drop table if exists temp.offending")
    return results


def _check(
    con: duckdb.DuckDBPyConnection, file: SqlFile, sample_rows: int, since: int
) -> CheckResult:
    select = _with_parameters(file, "${}", file.header.params)
    given = {"since": since} if file.header.params else {}
    _run(con, file, f"create or replace temp table offending as {select}", **given)
    rows = int(con.fetchall()[0][0])
    sample: list[Mapping[str, str | None]] = []
    if rows:
        columns = [row[0] for row in con.execute("describe offending").fetchall()]
        texts = con.execute(
            f"select columns(*)::varchar from offending limit {sample_rows}"
        ).fetchall()
        sample = [dict(zip(columns, row, strict=True)) for row in texts]
    severity = file.header.severity or "stop"
    return CheckResult(file.header.name, severity, file.header.summary, rows, tuple(sample))


def default_as_of(con: duckdb.DuckDBPyConnection, today: date | None = None) -> date | None:
    """The last day with a purchase that is not in the future; None without one.

    Parameters
    ----------
    today : today where the workspace is; by default what DuckDB calls today.
    """
    found = con.execute(
        """
        select max(purchased_on)
        from core.transactions
        where
            kind = 'purchase'
            and amount > 0
            and purchased_on <= coalesce(cast($today as date), current_date)
        """,
        {"today": today},
    ).fetchall()
    day: date | None = found[0][0]
    return day
