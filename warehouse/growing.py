"""The dearest marts, continued where lines were only added.

``marts.purchases`` and ``marts.orders`` lie in the order of days. Where a draft only got further
lines, what lies before the first day that got one is right as it is, and only the days from there
on are written. The rows are those of a full build: an order that began before keeps its key, and
later orders have later keys. ``marts.payment_rhythms`` is made anew for whoever has lines since.
"""

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import duckdb

from warehouse import signatures
from warehouse.headers import SqlFile, sql_files

_MARTS: Final = ("marts.purchases", "marts.orders", "marts.payment_rhythms")
_STEPS: Final = ("steps.order_keys", "steps.payments", "steps.payment_periods")
# With a larger share of the lines behind the first changed day, or before it in the orders that go
# on, a full build costs no more.
_MOST_REWRITTEN: Final = 0.3

_DAYS = """
    with now as (
        select purchased_on, count(*) as n, sum(amount) as net
        from core.transactions where kind in ('purchase', 'refund') group by purchased_on
    ), held as (
        select purchased_on, count(*) as n, sum(amount) as net
        from marts.purchases group by purchased_on
    ), compared as (
        select
            purchased_on,
            coalesce(now.n, 0) as n,
            coalesce(held.n, 0) as n_held,
            now.net is distinct from held.net or now.n is distinct from held.n as is_changed
        from now full join held using (purchased_on)
    ), first as (
        select min(purchased_on) filter (is_changed) as day from compared
    )
    select
        first.day,
        coalesce(bool_or(compared.purchased_on is null or compared.n < compared.n_held), false),
        coalesce(sum(compared.n) filter (compared.purchased_on >= first.day) / sum(compared.n), 0)
    from compared cross join first
    group by first.day
"""
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


def continue_marts(con: duckdb.DuckDBPyConnection, as_of: date | None) -> tuple[str, ...]:
    """Bring the marts of an earlier build up to date; to be called where lines were only added.

    Parameters
    ----------
    as_of : last day that counts for what depends on it.

    Returns
    -------
    names of the marts that need not be built any more; empty where that is not possible: another
    build made them, a line has no day, or most days or orders got lines.
    """
    if not signatures.are_signed(con, _MARTS, _signature()):
        return ()
    found = con.execute(_DAYS).fetchall()
    day, is_hindered, share = found[0] if found else (None, False, 0)
    if is_hindered or share > _MOST_REWRITTEN:
        return ()
    if day is not None:
        _gather(con, day)
        if _earlier_share(con) > _MOST_REWRITTEN or not _recognise(con):
            return ()
        _number(con, day)
        _write(con, day)
    return _MARTS if _continue_rhythms(con, day, as_of) else _MARTS[:2]


def sign(con: duckdb.DuckDBPyConnection) -> None:
    """Note in the tables which build made them."""
    signatures.sign(con, _MARTS, _signature())


def _files() -> dict[str, SqlFile]:
    files = {file.header.name: file for file in (*sql_files("marts"), *sql_files("steps"))}
    return {name: files[name] for name in (*_MARTS, *_STEPS)}


def _signature() -> str:
    """Of the statements that the marts follow from."""
    return signatures.digest(_files().values(), Path(__file__))


def _gather(con: duckdb.DuckDBPyConnection, day: date) -> None:
    """The lines from a day on, their orders, and what these orders had before."""
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
        from core.transactions as lines
        semi join grown_orders as orders on {_SAME_ORDER.format("lines", "orders")}
        where lines.kind in ('purchase', 'refund') and lines.purchased_on < $day
        """,
        {"day": day},
    )


def _earlier_share(con: duckdb.DuckDBPyConnection) -> float:
    """How many lines the orders that go on had before, equal ones once, as a part of all lines."""
    earlier, lines = con.execute(
        "select (select count(*) from grown_earlier), (select count(*) from core.transactions)"
    ).fetchall()[0]
    return float(earlier / lines)


def _recognise(con: duckdb.DuckDBPyConnection) -> bool:
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


def _write(con: duckdb.DuckDBPyConnection, day: date) -> None:
    """Put the rows from a day on in the place of those that are there."""
    purchases, orders = (_files()[name].select for name in _MARTS[:2])
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
    for name in ("lines", "orders", "earlier", "known", "keys", "purchases"):
        con.execute(f"drop table if exists temp.grown_{name}")


def _continue_rhythms(con: duckdb.DuckDBPyConnection, day: date | None, as_of: date | None) -> bool:
    """Make the payment rhythms of whoever has lines since; False where all are to be made.

    These are lines from the first changed day on, and those that were in the future until now.
    """
    before: date | None = con.execute("select as_of from marts.about").fetchall()[0][0]
    if as_of is None or before is None or as_of < before:
        return False
    since = min(before + timedelta(days=1), day or date.max)
    con.execute(
        """
        create or replace temp table grown_customers as
        select distinct customer_key from core.transactions
        where purchased_on >= $since and customer_key is not null
        """,
        {"since": since},
    )
    con.execute(
        """
        create or replace temp view grown_history as
        from core.transactions semi join grown_customers using (customer_key)
        """
    )
    files = _files()
    payments = files["steps.payments"].select.replace("core.transactions", "grown_history")
    rhythms = files["marts.payment_rhythms"].select
    rhythms = rhythms.replace("steps.payments($as_of)", "grown_payments")
    given = {"as_of": as_of}
    con.execute(f"create or replace temp table grown_payments as {payments}", given)
    con.execute(
        "delete from marts.payment_rhythms"
        " where customer_key in (select customer_key from grown_customers)"
    )
    con.execute(f"insert into marts.payment_rhythms {rhythms}")
    con.execute("drop view temp.grown_history")
    for name in ("customers", "payments"):
        con.execute(f"drop table temp.grown_{name}")
    return True
