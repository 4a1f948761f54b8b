"""How far each table of a database was read, so that the next load reads only what is new.

A watermark is a part of core: it moves with the generation that holds the rows, or not at all.
"""

from collections.abc import Callable, Sequence

import duckdb

from warehouse.configuration import Settings
from warehouse.connection import reading
from warehouse.errors import LoadError, NoGenerationError
from warehouse.generations import Workspace
from warehouse.planning import Plan
from warehouse.sources.database_url import DatabaseUrl
from warehouse.sources.tables import TableRead, from_the_start

_LATEST = """
    select watermarks.value, loads.source, loads.as_kind
    from core.watermarks as watermarks join core.loads as loads using (load_id)
    where watermarks.address = $address and lower(watermarks.column_name) = lower($column)
    order by load_id desc limit 1
"""


def known(
    workspace: Workspace, settings: Settings, *, full: bool
) -> Callable[[DatabaseUrl], str | None]:
    """What tells from where on a table is to be read, by what is served now.

    Parameters
    ----------
    full : every table is read from its start, whatever is known.
    """

    def since(url: DatabaseUrl) -> str | None:
        try:
            generation = workspace.current()
        except NoGenerationError:
            return None
        with reading(generation.database, settings) as con:
            found = _latest(con, url)
        return found[0] if found else None

    return from_the_start if full else since


def _latest(con: duckdb.DuckDBPyConnection, url: DatabaseUrl) -> tuple[str, str, str] | None:
    """Value, source and kind of the latest load of a table; None where there is none."""
    has_any = con.execute(
        "select count(*) from duckdb_tables()"
        " where schema_name = 'core' and table_name = 'watermarks'"
    ).fetchall()[0][0]
    if not has_any:  # made by an older build
        return None
    rows = con.execute(_LATEST, {"address": url.identity, "column": url.watermark}).fetchall()
    return rows[0] if rows else None


def check(con: duckdb.DuckDBPyConnection, tables: Sequence[TableRead], plan: Plan) -> None:
    """See that what was left out as read before was read before, and for the same purpose.

    Raises
    ------
    LoadError : the watermark has moved since the table was read, or is that of another source or of
        another kind of rows.
    """
    for table in tables:
        if table.since is None:
            continue
        value, source, kind = _latest(con, table.url) or (None, plan.source, plan.kind)
        if value != table.since:
            raise LoadError(
                f"{table.url.label}: another load or unload came between",
                found=f"read from {table.url.watermark} {table.since}, now it is {value}",
                fix="load again",
            )
        if (source, kind) != (plan.source, plan.kind):
            raise LoadError(
                f"{table.url.label}: its watermark is that of other rows",
                found=f"{kind} of source {source}, now {plan.kind} of source {plan.source}",
                fix="read all rows with --full",
            )


def keep(con: duckdb.DuckDBPyConnection, load_id: int | None, tables: Sequence[TableRead]) -> None:
    """Write down how far a load has read each table."""
    for table in tables:
        if table.url.watermark is not None and table.highest is not None:
            con.execute(
                "insert into core.watermarks by name select $load_id as load_id,"
                " $address as address, $column as column_name, $value as value",
                {
                    "load_id": load_id,
                    "address": table.url.identity,
                    "column": table.url.watermark,
                    "value": table.highest,
                },
            )


def take_back(con: duckdb.DuckDBPyConnection, load_id: int) -> None:
    """Go back to before a load that is taken out: its rows shall be read again.

    Later watermarks of the same tables go too, as they lie behind the gap.
    """
    con.execute(
        """
        delete from core.watermarks as watermarks
        using (
            select address, column_name from core.watermarks where load_id = $load_id
        ) as gone
        where
            watermarks.load_id >= $load_id
            and watermarks.address = gone.address
            and lower(watermarks.column_name) = lower(gone.column_name)
        """,
        {"load_id": load_id},
    )
