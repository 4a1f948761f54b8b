"""Writing the new rows of a load into core.transactions."""

import duckdb

from warehouse import marks, versions
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
    rows, is_wanted, transaction_id = _wanted(con)
    add_customers(
        con,
        f"select distinct incoming.customer_id from {rows}"
        f" where {is_wanted} and incoming.customer_id is not null",
        load_id,
    )
    filled = _filled(con)
    # A sort carries whole rows about: what is the same in all of them is put in behind it.
    carried = ", ".join(f"incoming.{name}" for name in filled)
    values = {
        name: name if name in filled else f"cast(null as {CONTENT[name]})" for name in CONTENT
    }
    values["order_id"] = f"coalesce({values['order_id']}, transaction_id)"
    values["currency"] = "$currency"
    content = ", ".join(f"{value} as {name}" for name, value in values.items())
    con.execute(
        f"""
        insert into core.transactions by name
        select
            transaction_id,
            $source as source,
            content_hash,
            {content},
            customer_key,
            cast(purchased_at as date) as purchased_on,
            $load_id as load_id
        from (
            select
                {transaction_id} as transaction_id,
                incoming.content_hash,
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
    if "replaces" in found:
        marks.touch(con, "select customer_key from replaced_customers")
    added = f"select customer_key from core.transactions where load_id = {int(load_id)}"
    marks.touch(con, added, only_added=True)
    if "replaces" in found:
        remove_unnamed(con, "select customer_key from replaced_customers")


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
    names = [name for name in CONTENT if name != "currency"]
    counts = con.execute(
        f"select {', '.join(f'count({name})' for name in names)} from {TABLE}"
    ).fetchall()[0]
    return [name for name, count in zip(names, counts, strict=True) if count]
