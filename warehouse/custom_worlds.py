"""Two worlds for the proof of a feature view: what was known on a day, and that with a future.

Both are catalogues in memory whose ``core`` are views on the real tables, so nothing is copied, and
the same statement runs in each unchanged.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date

import duckdb

# More lines than this prove no more: of a larger history every n-th customer is taken.
MOST_LINES = 2_000_000
# Purchases of so many days are repeated after the day, with other amounts.
_MIRRORED_DAYS = 62
# Marks hold from one day until another; on the day itself nobody knows how long. Our feature views
# read them, and a view of the workspace may ask ours for a later day than its own.
_SPANS = (("known_from", "known_until"), ("bought_on", "bought_until"))
PAST, FUTURE = "world_until_then", "world_that_went_on"


@contextmanager
def worlds(con: duckdb.DuckDBPyConnection, day: date) -> Iterator[duckdb.DuckDBPyConnection]:
    """A cursor that knows both worlds, until the end of the block.

    After ``use`` and the name of a world, ``core`` and ``features`` mean that world's: in PAST
    everything ended with ``day``, in FUTURE it went on.
    """
    cursor = own_cursor(con)
    home = cursor.execute("select current_database()").fetchall()[0][0]
    share = _share(cursor)
    made = []
    try:
        for name in (PAST, FUTURE):
            cursor.execute(f"attach ':memory:' as {name}")
            made.append(name)
            _furnish(cursor, home, name, day, share)
        yield cursor
    finally:
        cursor.execute(f'use "{home}"')
        for name in made:
            cursor.execute(f"detach {name}")
        cursor.close()


def own_cursor(con: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """A cursor to which names mean what they mean to ``con``; by itself it would not inherit it."""
    home = con.execute("select current_database()").fetchall()[0][0]
    cursor = con.cursor()
    cursor.execute(f'use "{home}"')
    return cursor


def _share(con: duckdb.DuckDBPyConnection) -> int:
    """Every which customer is taken; 1 is everybody."""
    lines = con.execute("select count(*) from core.transactions").fetchall()[0][0]
    return max(1, -(-int(lines) // MOST_LINES))


def _furnish(
    cursor: duckdb.DuckDBPyConnection, home: str, name: str, day: date, share: int
) -> None:
    """Give a world its ``core`` and our feature views."""
    from warehouse.build import build_views

    cursor.execute(f"create schema {name}.core")
    tables = cursor.execute(
        "select table_name, list(column_name) from duckdb_columns()"
        " where database_name = $home and schema_name = 'core' group by table_name",
        {"home": home},
    ).fetchall()
    for table, columns in tables:
        select = _rows(home, table, columns, day, share, goes_on=name == FUTURE)
        cursor.execute(f'create view {name}.core."{table}" as {select}')
    cursor.execute(f"use {name}")
    build_views(cursor)


def _rows(
    home: str, table: str, columns: Sequence[str], day: date, share: int, *, goes_on: bool
) -> str:
    """The rows of a table of core in a world."""
    source = f'"{home}".core."{table}"'
    kept = [f"customer_key % {share} = 0"] if share > 1 and "customer_key" in columns else []
    if table == "customers" and not goes_on:
        # Known from a purchase by then, or from a file: who only bought later was nobody yet.
        dated = f'select customer_key from "{home}".core.transactions where purchased_on'
        kept.append(f"(customer_key in ({dated} <= date '{day}') or not customer_key in"
                    f" ({dated} > date '{day}' and customer_key is not null))")  # fmt: skip
    for begin, end in _SPANS:
        if {begin, end} <= set(columns) and not goes_on:
            kept.append(f"{begin} <= date '{day}'")
            return _select(
                source, kept, f"if({end} > date '{day}', date '9999-12-31', {end}) as {end}"
            )
    if "purchased_on" not in columns:
        return _select(source, kept)
    if not goes_on:
        return _select(source, [*kept, f"(purchased_on <= date '{day}' or purchased_on is null)"])
    moved = [f"purchased_on > date '{day}' - {_MIRRORED_DAYS}", f"purchased_on <= date '{day}'"]
    return (
        f"{_select(source, kept)} union all by name"
        f" {_select(source, [*kept, *moved], _mirrored(columns, day))}"
    )


def _mirrored(columns: Sequence[str], day: date) -> str:
    """Replaced columns of a row that is repeated as long after ``day`` as it was before."""
    ahead = f"(2 * date_diff('day', purchased_on, date '{day}') + 1)::integer"
    new = {
        "purchased_on": f"purchased_on + {ahead}",
        "purchased_at": f"purchased_at + to_days({ahead})",
        "amount": "(amount * 3 + 1)::decimal(18, 2)",
        "transaction_id": "transaction_id || '+'",
    }
    return ", ".join(f"{how} as {name}" for name, how in new.items() if name in columns)


def _select(source: str, conditions: Sequence[str], replaced: str = "") -> str:
    where = f" where {' and '.join(conditions)}" if conditions else ""
    return f"select *{f' replace ({replaced})' if replaced else ''} from {source}{where}"
