"""Who is in core.customers: everybody whom a transaction or a customers file names, nobody else."""

import duckdb

_GONE = "gone_customers"


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


def remove_unnamed(con: duckdb.DuckDBPyConnection, keys: str) -> None:
    """Remove those customers whom no transaction and no record names any more, and their scores.

    Parameters
    ----------
    keys : SELECT of one column ``customer_key``: who may have lost the last row.
    """
    con.execute(
        f"""
        create or replace temp table {_GONE} as
        select customers.customer_id, customers.customer_key
        from core.customers as customers
        semi join ({keys}) as touched using (customer_key)
        anti join core.transactions using (customer_key)
        anti join core.customer_records using (customer_id)
        """
    )
    con.execute(
        f"delete from core.customers where customer_id in (select customer_id from {_GONE})"
    )
    # Their keys may be given again, so nothing may stay that is filed under them.
    scored = con.execute(
        "select table_name from duckdb_columns()"
        " where schema_name = 'scores' and column_name = 'customer_key'"
    ).fetchall()
    for (table,) in scored:
        con.execute(
            f'delete from scores."{table}" where customer_key in (select customer_key from {_GONE})'
        )
