"""``marts.purchases`` and ``marts.orders``, continued behind the first day that got a line.

They lie in the order of days: what lies before that day is right as it is, and only the days from
there on are written. An order that began before keeps its key, and later orders have later keys.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Final

import duckdb

from warehouse.headers import SqlFile

MARTS: Final = ("marts.purchases", "marts.orders")

_SAME_ORDER = """
    {0}.source = {1}.source
    and {0}.order_id = {1}.order_id
    and {0}.customer_key is not distinct from {1}.customer_key
"""

_SAME_LINE = """
    {0}.purchased_on = {1}.purchased_on
    and {0}.amount = {1}.amount
    and {0}.customer_key is not distinct from {1}.customer_key
    and {0}.purchased_at is not distinct from {1}.purchased_at
    and {0}.product_id is not distinct from {1}.product_id
"""


def gather(con: duckdb.DuckDBPyConnection, day: date) -> None:
    """Collect the lines from a day on, their orders, and what these orders had before."""
    con.execute(
        """
        create or replace temp table grown_lines as
        from core.transactions
        where kind in ('purchase', 'refund') and purchased_on >= $day
        """,
        {"day": day},
    )
    con.execute(
        """
        create or replace temp table grown_orders as
        select source, order_id, customer_key, min(purchased_on) as begun_on
        from grown_lines group by all
        """
    )
    con.execute(
        f"""
        create or replace temp table grown_earlier as
        select distinct
            lines.source, lines.order_id, lines.customer_key, lines.purchased_on,
            lines.purchased_at, lines.amount, lines.product_id
        from (
            -- Customers first: to compare every order id costs twice as much.
            from core.transactions
            semi join (
                select distinct customer_key from grown_orders where customer_key is not null
            ) as buyers using (customer_key)
            union all
            from core.transactions
            where
                customer_key is null
                and exists (select 1 from grown_orders where customer_key is null)
        ) as lines
        semi join grown_orders as orders on {_SAME_ORDER.format("lines", "orders")}
        where lines.kind in ('purchase', 'refund') and lines.purchased_on < $day
        """,
        {"day": day},
    )


def earlier_share(con: duckdb.DuckDBPyConnection) -> float:
    """How many lines the orders that go on had before, equal ones once, as a part of all lines."""
    earlier, lines = con.execute(
        "select (select count(*) from grown_earlier), (select count(*) from core.transactions)"
    ).fetchall()[0]
    return float(earlier / lines)


def recognise(con: duckdb.DuckDBPyConnection) -> bool:
    """Find the keys of the orders that go on; False where one cannot be told.

    The mart does not say which order a key stands for, so an earlier order is found by its lines.
    Another order may have the same ones. Equal lines are one on both sides: under an order id that
    comes back (a till that says CASH) there are many, and each would meet each.
    """
    con.execute(
        f"""
        create or replace temp table grown_known as
        with purchases as (
            select
                purchased_on, amount, customer_key, purchased_at, product_id,
                min(order_key) as lowest,
                max(order_key) as highest
            from marts.purchases
            semi join grown_earlier as earlier on {_SAME_LINE.format("earlier", "purchases")}
            group by all
        )
        select
            earlier.source,
            earlier.order_id,
            earlier.customer_key,
            min(purchases.lowest) as order_key,
            max(purchases.highest) as highest
        from grown_earlier as earlier
        inner join purchases on {_SAME_LINE.format("earlier", "purchases")}
        group by all
        """
    )
    is_told = con.execute(
        """
        select
            (select count(*) from grown_known where order_key < highest) = 0
            and (select count(*) from grown_known)
                = (select count(*) from (select distinct source, order_id, customer_key
                    from grown_earlier))
        """
    ).fetchall()[0][0]
    return bool(is_told)


def _number(con: duckdb.DuckDBPyConnection, day: date) -> None:
    """Keys of the orders from a day on: those that go on keep theirs, new ones follow."""
    con.execute(
        f"""
        create or replace temp table grown_keys as
        select source, order_id, customer_key, order_key from grown_known
        union all
        select
            source,
            order_id,
            customer_key,
            cast(
                (
                    select coalesce(max(order_key), 0)
                    from marts.purchases where purchased_on < $day
                ) + row_number() over (order by begun_on, source, order_id, customer_key)
                as integer
            ) as order_key
        from grown_orders as orders
        anti join grown_known as known on {_SAME_ORDER.format("orders", "known")}
        """,
        {"day": day},
    )


def write(con: duckdb.DuckDBPyConnection, day: date, files: Mapping[str, SqlFile]) -> None:
    """Put the rows from a day on in the place of those that are there."""
    _number(con, day)
    purchases, orders = (files[name].select for name in MARTS)
    sources = {"core.transactions": "grown_lines", "steps.order_keys()": "grown_keys"}
    for relation, grown in sources.items():
        purchases = purchases.replace(relation, grown)
    orders = re.sub(r"\bmarts\.purchases\b", "grown_purchases", orders)
    con.execute("delete from marts.purchases where purchased_on >= $day", {"day": day})
    con.execute("delete from marts.orders where purchased_on >= $day", {"day": day})
    con.execute(f"create or replace temp table grown_purchases as {purchases}")
    con.execute("insert into marts.purchases from grown_purchases")
    con.execute(f"insert into marts.orders {orders}")
    con.execute(
        """
        update marts.orders set is_whole = false
        where order_key in (select order_key from grown_known) and is_whole
        """
    )
