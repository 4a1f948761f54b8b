"""How core.transactions lies on the disk: which of its columns take place, and how they are packed.

A file fills some of the columns that a transaction may have, and a column without a value costs as
much to write as one with few. So a column that no load has filled is a virtual one: there for every
reader under its name, NULL, and nowhere on the disk. The first load that brings a value makes it a
stored one. Tables of earlier builds store every column, and stay as they are.
"""

from collections.abc import Collection, Mapping, Sequence

import duckdb

TABLE = "core.transactions"
_ANEW = "transactions_anew"
# Filled sooner or later by most loads, or by rules without a load.
_ALWAYS = frozenset({
    "transaction_id", "source", "content_hash", "order_id", "customer_id", "customer_key",
    "purchased_at", "purchased_on", "amount", "kind", "currency", "load_id",
})  # fmt: skip
# Every value is another one: DuckDB looks long for a dictionary, and finds none. Ids of orders
# repeat themselves, and what reads them is quicker with one.
_WITHOUT_REPETITION = frozenset({"transaction_id"})


def hold(con: duckdb.DuckDBPyConnection, filled: Collection[str]) -> list[str]:
    """See that core.transactions can store values in some columns.

    Row numbers change where a column is stored for the first time.

    Parameters
    ----------
    filled : columns that are going to have values.

    Returns
    -------
    all columns that are stored now; only into these rows can be inserted.
    """
    columns = {name: kind for name, kind, *_ in con.execute(f"describe {TABLE}").fetchall()}
    is_empty = not con.execute(f"select 1 from {TABLE} limit 1").fetchall()
    stored = columns.keys() - _virtual(con)
    wanted = columns.keys() & {*filled, *(_ALWAYS if is_empty else stored)}
    if wanted != stored:
        _remake(con, columns, wanted, copied=[] if is_empty else sorted(stored))
    return [name for name in columns if name in wanted]


def _virtual(con: duckdb.DuckDBPyConnection) -> set[str]:
    """The columns that are not stored; no other one has a default."""
    found = con.execute(
        "select column_name from duckdb_columns() where database_name = current_database()"
        " and schema_name = 'core' and table_name = 'transactions' and column_default is not null"
    )
    return {name for (name,) in found.fetchall()}


def _remake(
    con: duckdb.DuckDBPyConnection,
    columns: Mapping[str, str],
    wanted: Collection[str],
    copied: Sequence[str],
) -> None:
    """Put a table that stores the wanted columns in the place of the one that is there.

    The rows go over in their order, with the columns that are ``copied``; none without. A column
    that is dropped and added costs a tenth, but goes behind all others, and whoever reads the table
    column by column would get what depends on the order of the loads.
    """
    defined = ", ".join(
        _defined(name, kind, is_stored=name in wanted) for name, kind in columns.items()
    )
    con.execute(f"create or replace table core.{_ANEW} ({defined})")
    if copied:
        names = ", ".join(f'"{name}"' for name in copied)
        con.execute(f"insert into core.{_ANEW} ({names}) select {names} from {TABLE}")
    con.execute(f"drop table {TABLE}")
    con.execute(f"alter table core.{_ANEW} rename to transactions")


def _defined(name: str, kind: str, *, is_stored: bool) -> str:
    """SQL of one column of the table."""
    if not is_stored:
        return f'"{name}" {kind} generated always as (cast(null as {kind})) virtual'
    packing = " using compression zstd" if name in _WITHOUT_REPETITION else ""
    return f'"{name}" {kind}{packing}'
