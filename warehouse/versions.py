"""What a load found there already, and what it replaced: so that taking a load out undoes no other.

Of every row there is one version in core.transactions. Versions that were replaced wait in
core.replaced; loads that hold a row of another load too are its heirs, in core.repeats.
"""

import duckdb

from warehouse import transaction_table
from warehouse.customers import add_customers
from warehouse.identity import JUDGED

_SAME_ROW = "{0}.source = {1}.source and {0}.transaction_id = {1}.transaction_id"


def keep_repeats(con: duckdb.DuckDBPyConnection, source: str, load_id: int) -> None:
    """Note the rows of earlier loads that this one holds too."""
    con.execute(
        f"""
        insert into core.repeats
        select distinct $load_id, lines.load_id, lines.source, lines.transaction_id
        from core.transactions as lines
        join {JUDGED} as judged on judged.id = lines.transaction_id
        where lines.source = $source and lines.load_id <> $load_id
            and judged.status = 'already_loaded'
        """,
        {"source": source, "load_id": load_id},
    )


def replace_rows(con: duckdb.DuckDBPyConnection, source: str, load_id: int) -> None:
    """Move the rows that this load replaces into core.replaced."""
    names = [row[0] for row in con.execute("describe core.transactions").fetchall()]
    cells = ", ".join(f'"{name}" := cast(lines."{name}" as varchar)' for name in names)
    replaced = f"select id from {JUDGED} where status = 'replaces'"
    where = f"source = $source and transaction_id in ({replaced})"
    con.execute(
        f"""
        insert into core.replaced
        select $load_id, lines.load_id, lines.source, lines.transaction_id,
            cast(to_json(struct_pack({cells})) as varchar)
        from core.transactions as lines
        where {where}
        """,
        {"source": source, "load_id": load_id},
    )
    con.execute(f"delete from core.transactions where {where}", {"source": source})


def take_out(con: duckdb.DuckDBPyConnection, load_id: int) -> None:
    """Take the rows of a load out of core.transactions.

    A row that a later load holds too goes over to that load. Where the load had replaced a row, the
    earlier version is there again, unless its own load is gone.
    """
    con.execute(f"delete from core.repeats where load_id = {int(load_id)}")
    _inherit(con, load_id)
    # What stood before a version that is gone was replaced by what came after it.
    con.execute(
        f"""
        update core.replaced as earlier set replaced_by = gone.replaced_by
        from (from core.replaced where load_id = {int(load_id)}) as gone
        where {_SAME_ROW.format("earlier", "gone")} and earlier.replaced_by = {int(load_id)}
        """
    )
    con.execute(f"delete from core.replaced where load_id = {int(load_id)}")
    con.execute(f"delete from core.transactions where load_id = {int(load_id)}")
    _restore(con, load_id)


def _inherit(con: duckdb.DuckDBPyConnection, load_id: int) -> None:
    """Give each row of a load to the first of the others that hold it too."""
    con.execute(
        f"""
        create or replace temp table heirs as
        select source, transaction_id, min(load_id) as heir
        from core.repeats where of_load = {int(load_id)} group by all
        """
    )
    for table, column in (
        ("transactions", "load_id"),
        ("replaced", "load_id"),
        ("replaced", "replaced_by"),
        ("repeats", "of_load"),
    ):
        con.execute(
            f"""
            update core.{table} as lines set {column} = heirs.heir from heirs
            where {_SAME_ROW.format("lines", "heirs")} and lines.{column} = {int(load_id)}
            """
        )
    con.execute("delete from core.repeats where load_id = of_load")
    con.execute("drop table heirs")


def _restore(con: duckdb.DuckDBPyConnection, load_id: int) -> None:
    """Put the versions that a load had replaced back into core.transactions."""
    waiting = f"from core.replaced where replaced_by = {int(load_id)}"
    last = con.execute(f"select max(load_id) {waiting}").fetchall()[0][0]
    if last is None:
        return
    add_customers(
        con,
        f"select distinct row_text->>'$.customer_id' as customer_id {waiting}"
        " and row_text->>'$.customer_id' is not null",
        last,
    )
    columns = {
        name: f"cast(replaced.row_text->>'$.\"{name}\"' as {kind})"
        for name, kind, *_ in con.execute("describe core.transactions").fetchall()
    }
    counts = con.execute(
        f"select {', '.join(f'count({sql})' for sql in columns.values())} {waiting}"
    ).fetchall()[0]
    filled = [name for name, count in zip(columns, counts, strict=True) if count]
    columns = {name: columns[name] for name in transaction_table.hold(con, filled)}
    columns["load_id"] = "replaced.load_id"
    columns["customer_key"] = "customers.customer_key"
    con.execute(
        f"""
        insert into core.transactions by name
        select {", ".join(f'{sql} as "{name}"' for name, sql in columns.items())}
        from core.replaced as replaced
        left join core.customers as customers
            on customers.customer_id = replaced.row_text->>'$.customer_id'
        where replaced.replaced_by = {int(load_id)}
        order by customers.customer_key
        """
    )
    con.execute(f"delete {waiting}")
