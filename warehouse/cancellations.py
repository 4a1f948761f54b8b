"""Cancellations and the purchases that they cancel: matched to the cent, and told apart from spend.

A cancellation is a refund with a product, a customer and a negative quantity. It belongs to the
latest earlier purchase of the same customer, product, quantity and amount that no other
cancellation has taken, so that a pair is worth exactly nothing. Nested pairs are found like
brackets, without a loop: each purchase opens one level and each cancellation closes it.
"""

import duckdb

from warehouse.content import content_hash
from warehouse.incoming import TABLE
from warehouse.report import RuleCount

CANCELLED = "cancelled"
CHANGED = "settled_customers"

_PAIRS = """
    with lines as (
        select
            rowid as row,
            customer_id,
            coalesce(product_id, product) as item,
            abs(quantity) as units,
            abs(amount) as paid,
            purchased_at,
            amount < 0 as is_return,
            {tie} as tie
        from {relation}
        where {where}
            and kind in ('purchase', 'refund', 'cancelled')
            and customer_id is not null
            and coalesce(product_id, product) is not null
            and purchased_at is not null
            and amount <> 0
            -- SIGN would make a DOUBLE of each.
            and quantity <> 0
            and (quantity < 0) = (amount < 0)
    ), wanted as (
        select distinct customer_id, item, units, paid from lines where is_return
    ), steps as (
        select
            lines.*,
            sum(if(is_return, -1, 1)) over (
                partition by customer_id, item, units, paid
                order by purchased_at, is_return, tie
                rows unbounded preceding
            ) as depth
        from lines semi join wanted using (customer_id, item, units, paid)
    ), levels as (
        select *, if(is_return, depth + 1, depth) as level from steps
    )
    select
        row,
        is_return,
        if(is_return, lag(is_return) over by_level, not lead(is_return) over by_level) is false
            as is_matched
    from levels
    window by_level as (
        partition by customer_id, item, units, paid, level order by purchased_at, is_return, tie
    )
"""


def counted(con: duckdb.DuckDBPyConnection) -> list[RuleCount]:
    """Cancellations among the rows of a load, with and without their purchase among them."""
    pairs = _PAIRS.format(
        relation=TABLE, tie="rowid", where="reason is null and not is_foreign and rule is null"
    )
    matched, unmatched = con.execute(
        f"select count(*) filter (is_matched), count(*) filter (not is_matched)"
        f" from ({pairs}) where is_return"
    ).fetchall()[0]
    found = [("cancellations_matched", matched), ("cancellations_unmatched", unmatched)]
    return [RuleCount(rule, rows, "kept") for rule, rows in found if rows]


def settle(con: duckdb.DuckDBPyConnection, *, is_on: bool) -> list[RuleCount]:
    """Make matched pairs of core.transactions no spend, and undo that where it no longer holds.

    Which rows these are follows from all rows that are stored, so that it does not matter in which
    order they came. Customers whose rows change are added to the temporary ``settled_customers``.
    """
    con.execute("create or replace temp table cancelled_rows (row bigint)")
    if is_on:
        pairs = _PAIRS.format(relation="core.transactions", tie="transaction_id", where="true")
        con.execute(f"insert into cancelled_rows select row from ({pairs}) where is_matched")
    wanted = "rowid in (from cancelled_rows)"
    for kind, condition in (
        (f"'{CANCELLED}'", f"kind <> '{CANCELLED}' and {wanted}"),
        ("if(amount < 0, 'refund', 'purchase')", f"kind = '{CANCELLED}' and not {wanted}"),
    ):
        con.execute(
            f"insert into {CHANGED} select customer_key from core.transactions where {condition}"
        )
        con.execute(
            f"update core.transactions set kind = {kind},"
            # A row stays known by what its source wrote.
            f" content_hash = coalesce(content_hash, {content_hash()}) where {condition}"
        )
    rows = con.execute("select count(*) from cancelled_rows").fetchall()[0][0]
    con.execute("drop table cancelled_rows")
    return [RuleCount("cancellations", rows, "no spend, with their purchases")] if rows else []


def reach_back(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether core.transactions hides a purchase from days before it was cancelled.

    A purchase that loses its kind loses it for the days between it and its cancellation too.
    """
    return bool(
        con.execute(
            """
            select 1
            from core.transactions
            where kind = $cancelled
            group by
                customer_id, coalesce(product_id, product), abs(quantity), abs(amount), purchased_on
            having sum(if(amount < 0, -1, 1)) > 0
            limit 1
            """,
            {"cancelled": CANCELLED},
        ).fetchall()
    )
