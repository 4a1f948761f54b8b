"""Taking one load out of core, as if it had never been loaded."""

import duckdb

from warehouse import attributes, customer_files, marks, watermarks
from warehouse.errors import UsageError

_GONE = "gone_customers"


def take_out(con: duckdb.DuckDBPyConnection, load_id: int) -> None:
    """Remove the rows, rejects and ledger entry of one load.

    Customers whom nothing else names go with it, and their scores. A row that a later load found
    already loaded goes too: load that file again. What the load replaced does not come back.

    Raises
    ------
    UsageError : there is no such load.
    """
    loads = [row[0] for row in con.execute("select load_id from core.loads order by 1").fetchall()]
    if load_id not in loads:
        raise UsageError(
            f"there is no load {load_id}",
            found=", ".join(map(str, loads)) or "no load",
            fix="`spendboard status` lists the loads",
        )
    con.execute(
        """
        create or replace temp table touched as
        select customer_id from core.transactions where load_id = $load_id
        union
        select customer_id from core.customer_records where load_id = $load_id
        """,
        {"load_id": load_id},
    )
    watermarks.take_back(con, load_id)
    for table in ("transactions", "customer_records", "rejects", "loads"):
        con.execute(f"delete from core.{table} where load_id = $load_id", {"load_id": load_id})
    customer_files.rebuild(con, "select customer_id from touched where customer_id is not null")
    marks.update(
        con, "select customer_key from core.customers semi join touched using (customer_id)"
    )
    _remove_unnamed(con)
    attributes.drop_empty_columns(con)


def _remove_unnamed(con: duckdb.DuckDBPyConnection) -> None:
    """Remove the touched customers whom no transaction and no record names any more."""
    con.execute(
        f"""
        create or replace temp table {_GONE} as
        select customers.customer_id, customers.customer_key
        from core.customers as customers
        semi join touched using (customer_id)
        anti join core.transactions using (customer_id)
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
