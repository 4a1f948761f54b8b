"""Taking one load out of core, as if it had never been loaded."""

import duckdb

from warehouse import attributes, customer_files, marks, versions, watermarks
from warehouse.customers import remove_unnamed
from warehouse.errors import UsageError

# Everybody of whom something is going to change; what the load replaced may be another's.
_TOUCHED = """
    create or replace temp table touched as
    select customer_id from (
        select customer_id from core.transactions where load_id = $load_id
        union
        select row_text->>'$.customer_id' from core.replaced where replaced_by = $load_id
        union
        select customer_id from core.customer_records where load_id = $load_id
    )
    where customer_id is not null
"""


def take_out(con: duckdb.DuckDBPyConnection, load_id: int) -> None:
    """Remove the rows, rejects and ledger entry of one load.

    A row that a later load holds too stays, as a row of that load, and what the load had replaced
    comes back. Customers whom nothing else names go with it, and their scores.

    Raises
    ------
    UsageError : there is no such load.
    """
    refuse_unknown(con, load_id)
    con.execute(_TOUCHED, {"load_id": load_id})
    watermarks.take_back(con, load_id)
    versions.take_out(con, load_id)
    for table in ("customer_records", "rejects", "loads"):
        con.execute(f"delete from core.{table} where load_id = $load_id", {"load_id": load_id})
    customer_files.rebuild(con, "select customer_id from touched")
    keys = "select customer_key from core.customers semi join touched using (customer_id)"
    # NULL: lines that name nobody may have gone as well.
    marks.touch(con, f"{keys} union all select null")
    remove_unnamed(con, keys)
    attributes.drop_empty_columns(con)


def refuse_unknown(con: duckdb.DuckDBPyConnection, load_id: int) -> None:
    """Raise where there is no such load.

    Raises
    ------
    UsageError : there is none; the answer names those that there are.
    """
    loads = [row[0] for row in con.execute("select load_id from core.loads order by 1").fetchall()]
    if load_id not in loads:
        raise UsageError(
            f"there is no load {load_id}",
            found=", ".join(map(str, loads)) or "no load",
            fix="`spendboard status` lists the loads",
        )
