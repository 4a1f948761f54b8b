"""Worlds for the proof of a feature view: what was known on a day, and that with a future.

They are catalogues in memory whose ``core`` are views on the real tables, so nothing is copied, and
the same statement runs in each unchanged.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date

import duckdb

from warehouse.custom_views import CustomView

# More lines than this prove no more: of a larger history every n-th customer is taken.
MOST_LINES = 2_000_000
# Purchases of so many days are repeated after the day, with other amounts.
_MIRRORED_DAYS = 62
# Marks hold from one day until another; on the day itself nobody knows how long. Our feature views
# read them, and a view of the workspace may ask ours for a later day than its own.
_SPANS = (("known_from", "known_until"), ("bought_on", "bought_until"))
PAST, FUTURE = "world_until_then", "world_that_went_on"
# What was known on that day, in another order of rows.
SHUFFLED = "world_in_another_order"
_SHUFFLED_BY = {"transactions": "hash(transaction_id)", "customers": "rowid desc"}
# All was loaded once more in a world that went on: by which load is nothing that was known.
_LOADED_AGAIN = "load_id + 1 as load_id"
# What becomes something new in a future that was never seen: other shops, other goods.
_TEXTS = ("order_id", "product_id", "product", "merchant", "category", "subcategory",
          "payment_method", "city", "country", "channel", "description")  # fmt: skip


@contextmanager
def worlds(
    con: duckdb.DuckDBPyConnection, day: date | None, views: Sequence[CustomView]
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A cursor that knows the worlds, until the end of the block.

    After ``use`` and the name of a world, ``core`` and ``features`` mean that world's: in PAST and
    SHUFFLED everything ended with ``day``, in FUTURE it went on. Without a day nothing ended, and
    there is no FUTURE. In PAST the views of the workspace are built as a load builds them, so that
    what a load could not build is found here.
    """
    from warehouse.build import build_views

    cursor = own_cursor(con)
    home = cursor.execute("select current_database()").fetchall()[0][0]
    share = _share(cursor)
    made = []
    try:
        for name in (PAST, SHUFFLED) if day is None else (PAST, FUTURE, SHUFFLED):
            cursor.execute(f"attach ':memory:' as {name}")
            made.append(name)
            _furnish(cursor, home, name, day, share)
            build_views(cursor, custom=views if name == PAST else ())
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
    cursor: duckdb.DuckDBPyConnection, home: str, name: str, day: date | None, share: int
) -> None:
    """Give a world its ``core``, and let names mean it."""
    cursor.execute(f"create schema {name}.core")
    tables = cursor.execute(
        "select table_name, list(column_name) from duckdb_columns()"
        " where database_name = $home and schema_name = 'core' group by table_name",
        {"home": home},
    ).fetchall()
    for table, columns in tables:
        select = _rows(home, table, columns, day, share, goes_on=name == FUTURE)
        if name == SHUFFLED and table in _SHUFFLED_BY:
            select += f" order by {_SHUFFLED_BY[table]}"
        cursor.execute(f'create view {name}.core."{table}" as {select}')
    cursor.execute(f"use {name}")


def _rows(
    home: str, table: str, columns: Sequence[str], day: date | None, share: int, *, goes_on: bool
) -> str:
    """The rows of a table of core in a world."""
    source = f'"{home}".core."{table}"'
    kept = [f"customer_key % {share} = 0"] if share > 1 and "customer_key" in columns else []
    if day is None:
        return _select(source, kept)
    again = _LOADED_AGAIN if "load_id" in columns else ""
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
    if table == "customers" and goes_on:
        # Somebody whom nobody knew.
        first = f"customer_key = (select min(customer_key) from {source})"
        new = "customer_id || '+' as customer_id, -1 - customer_key as customer_key"
        everybody = _select(source, kept, again)
        return f"{everybody} union all by name {_select(source, [*kept, first], new)}"
    if "purchased_on" not in columns:
        return _select(source, kept)
    if not goes_on:
        return _select(source, [*kept, f"(purchased_on <= date '{day}' or purchased_on is null)"])
    futures = [
        _select(source, [*kept, *which], changed)
        for which, changed in _futures(source, columns, day)
    ]
    return " union all by name ".join((_select(source, kept, again), *futures))


def _futures(
    source: str, columns: Sequence[str], day: date
) -> Iterator[tuple[list[str], str]]:  # fmt: skip
    """Rows that happen again after the day, as conditions and replaced columns.

    The last weeks as they were and three times as dear; and for everybody the last line, up to
    a year later, elsewhere and at almost nothing, and sent back.
    """
    recent = [f"purchased_on > date '{day}' - {_MIRRORED_DAYS}", f"purchased_on <= date '{day}'"]
    mirrored = f"(2 * date_diff('day', purchased_on, date '{day}') + 1)::integer"
    yield recent, _changed(columns, mirrored, "'+'", "amount * 3 + 1")
    if "customer_key" not in columns:
        return
    last = [
        f"(customer_key, purchased_on) in (select (customer_key, max(purchased_on)) from {source}"
        f" where purchased_on <= date '{day}' group by customer_key)"
    ]
    # Days of the year that have nothing in common with the order of keys.
    later, last_of_all = (
        f"(date_diff('day', purchased_on, date '{day}') + 3 + (customer_key * 97 + {n}) % 363)"
        "::integer"
        for n in (0, 181)
    )
    yield last, _changed(columns, later, "'!'", "0.01", texts=_TEXTS)
    back = "-5 * abs(amount) - 1"
    yield last, _changed(columns, last_of_all, "'~'", back, texts=_TEXTS, more={"kind": "'refund'"})


def _changed(
    columns: Sequence[str],
    ahead: str,
    mark: str,
    amount: str,
    *,
    texts: Sequence[str] = (),
    more: Mapping[str, str] | None = None,
) -> str:
    """Replaced columns of a row that is repeated ``ahead`` days later."""
    new = {
        "purchased_on": f"purchased_on + {ahead}",
        "purchased_at": f"purchased_at + to_days({ahead})",
        "amount": f"({amount})::decimal(18, 2)",
        "transaction_id": f"transaction_id || {mark}",
        **{name: f"{mark} || {name}" for name in texts},
        **(more or {}),
    }
    return ", ".join(f"{how} as {name}" for name, how in new.items() if name in columns)


def _select(source: str, conditions: Sequence[str], replaced: str = "") -> str:
    where = f" where {' and '.join(conditions)}" if conditions else ""
    return f"select *{f' replace ({replaced})' if replaced else ''} from {source}{where}"
