"""Writing the new rows of a load into core.transactions."""

import duckdb

from warehouse import marks, transaction_table, versions
from warehouse.cells import words
from warehouse.content import CONTENT
from warehouse.customers import add_customers, remove_unnamed
from warehouse.identity import JUDGED, id_of
from warehouse.incoming import TABLE

# A row may have belonged to somebody else before.
_REPLACED_CUSTOMERS = f"""
    create or replace temp table replaced_customers as
    select customer_key
    from core.transactions
    where source = $source
        and transaction_id in (select id from {JUDGED} where status = 'replaces')
"""
# A row that nothing is said of is new.
_WITH_JUDGED = f"""
    {TABLE} as incoming
    left join {JUDGED} as judged on judged.row = incoming.rowid
"""
_IS_WANTED = "(judged.row is null or judged.status in ('new', 'replaces'))"
# Where nothing is said of a row that is stored, it has the id that a new one has.
_WITHOUT_JUDGED = f"{TABLE} as incoming anti join {JUDGED} as judged on judged.row = incoming.rowid"


def store_transactions(
    con: duckdb.DuckDBPyConnection, source: str, currency: str, load_id: int
) -> None:
    """Append the rows that are judged new, and put the replacing ones in the place of the old.

    They are stored by customer and time, so that what is asked together lies together.

    Parameters
    ----------
    source : name of the source that ids belong to.
    currency : the workspace's; rows in another one are not stored.
    """
    # Each of these goes through all rows that are stored; most loads need none of them.
    found = {row[0] for row in con.execute(f"select distinct status from {JUDGED}").fetchall()}
    if "already_loaded" in found:
        versions.keep_repeats(con, source, load_id)
    if "replaces" in found:
        con.execute(_REPLACED_CUSTOMERS, {"source": source})
        versions.replace_rows(con, source, load_id)
    rows, is_wanted, _ = _wanted(con)
    add_customers(
        con,
        f"select distinct incoming.customer_id from {rows}"
        f" where {is_wanted} and incoming.customer_id is not null",
        load_id,
    )
    _append(con, source, currency, load_id)
    if "replaces" in found:
        marks.touch(con, "select customer_key from replaced_customers")
    added = f"select customer_key from core.transactions where load_id = {int(load_id)}"
    marks.touch(con, added, only_added=True)
    if "replaces" in found:
        remove_unnamed(con, "select customer_key from replaced_customers")


def lines_after(source: str) -> str:
    """SQL of amounts and quantities as they will be once the judged rows are stored."""
    return f"""(
        select amount, quantity from core.transactions
        where source <> {words([source])}
            or transaction_id not in (select id from {JUDGED} where status = 'replaces')
        union all
        select incoming.amount, incoming.quantity from {_WITH_JUDGED} where {_IS_WANTED}
    )"""


def _append(con: duckdb.DuckDBPyConnection, source: str, currency: str, load_id: int) -> None:
    """Put the wanted rows of ``incoming`` into core.transactions, by customer and time."""
    rows, is_wanted, transaction_id = _wanted(con)
    filled = _filled(con)
    # A sort carries whole rows about: what is the same in all of them is put in behind it.
    carried = ", ".join(f"incoming.{name}" for name in filled)
    values = {name: name for name in filled} | {
        "transaction_id": "transaction_id",
        "source": "$source",
        "order_id": f"coalesce({'order_id' if 'order_id' in filled else 'null'}, transaction_id)",
        "currency": "$currency",
        "customer_key": "customer_key",
        "purchased_on": "cast(purchased_at as date)" if "purchased_at" in filled else "null",
        "load_id": "$load_id",
    }
    stored = [name for name in transaction_table.hold(con, filled) if name in values]
    con.execute(
        f"""
        insert into core.transactions by name
        select {", ".join(f"{values[name]} as {name}" for name in stored)}
        from (
            select
                {transaction_id} as transaction_id,
                {carried},
                customers.customer_key
            from {rows}
            left join core.customers as customers on customers.customer_id = incoming.customer_id
            where {is_wanted}
            order by customers.customer_key, incoming.purchased_at, incoming.rowid
        )
        """,
        {"source": source, "load_id": load_id, "currency": currency},
    )


def _wanted(con: duckdb.DuckDBPyConnection) -> tuple[str, str, str]:
    """SQL of the rows to store, of what must hold for them, and of their id."""
    named = con.execute(
        f"select 1 from {JUDGED} where status in ('new', 'replaces') limit 1"
    ).fetchall()
    if named:
        return _WITH_JUDGED, _IS_WANTED, f"coalesce(judged.id, {id_of('incoming')})"
    return _WITHOUT_JUDGED, "true", id_of("incoming")


def _filled(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Columns of ``incoming`` that hold a value in at least one row, without the currency."""
    names = ["content_hash", *(name for name in CONTENT if name != "currency")]
    counts = con.execute(
        f"select {', '.join(f'count({name})' for name in names)} from {TABLE}"
    ).fetchall()[0]
    return [name for name, count in zip(names, counts, strict=True) if count]
