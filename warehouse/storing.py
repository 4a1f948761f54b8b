"""Writing the new rows of a load into core.transactions and core.customers."""

import duckdb

from warehouse.identity import JUDGED
from warehouse.incoming import CONTENT, TABLE

_REMOVE_REPLACED = f"""
    delete from core.transactions
    where source = $source
        and transaction_id in (select id from {JUDGED} where status = 'replaces')
"""


def store_transactions(con: duckdb.DuckDBPyConnection, source: str, load_id: int) -> None:
    """Append the rows that are judged new, and put the replacing ones in the place of the old.

    They are stored by customer and time, so that what is asked together lies together.
    """
    con.execute(_REMOVE_REPLACED, {"source": source})
    add_customers(
        con,
        f"""
        select distinct incoming.customer_id
        from {TABLE} as incoming join {JUDGED} as judged on judged.row = incoming.rowid
        where judged.status in ('new', 'replaces') and incoming.customer_id is not null
        """,
        load_id,
    )
    content = ", ".join(f"incoming.{name}" for name in CONTENT if name != "order_id")
    con.execute(
        f"""
        insert into core.transactions by name
        select
            judged.id as transaction_id,
            $source as source,
            incoming.content_hash,
            coalesce(incoming.order_id, judged.id) as order_id,
            {content},
            customers.customer_key,
            cast(incoming.purchased_at as date) as purchased_on,
            $load_id as load_id
        from {TABLE} as incoming
        join {JUDGED} as judged on judged.row = incoming.rowid
        left join core.customers as customers on customers.customer_id = incoming.customer_id
        where judged.status in ('new', 'replaces')
        order by
            customers.customer_key, incoming.purchased_at, incoming.file_no, incoming.place
        """,
        {"source": source, "load_id": load_id},
    )


def add_customers(con: duckdb.DuckDBPyConnection, ids: str, load_id: int) -> None:
    """Give a row and the next key to each customer who has none yet, in the order of their ids.

    Parameters
    ----------
    ids : SELECT of one column ``customer_id`` without repetition.
    """
    con.execute(
        f"""
        insert into core.customers by name
        select
            customer_id,
            cast(
                coalesce((select max(customer_key) from core.customers), 0)
                + row_number() over (order by customer_id) as integer
            ) as customer_key,
            $load_id as load_id
        from ({ids}) as seen
        anti join core.customers using (customer_id)
        order by customer_id
        """,
        {"load_id": load_id},
    )
