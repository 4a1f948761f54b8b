"""Marts of sums, continued: what they say already, and what new lines add to it.

Sums of parts are added up. What counts a customer or an order once is counted anew where new lines
lie: in their months, or of their customers and orders.
"""

from collections.abc import Mapping
from datetime import date
from typing import Final

import duckdb

from warehouse.headers import SqlFile

Files = Mapping[str, SqlFile]

_VALUES, _HOURS = "marts.dimension_values", "marts.weekday_hours"
_PAYMENTS, _MONTHS = "marts.payment_sums", "marts.category_months"
_CUBE: Final = "marts.spending_cube"
MARTS: Final = (_VALUES, _HOURS, _PAYMENTS, _MONTHS, _CUBE)

# How orders with a line from a day on were paid, their earlier lines included.
_PAID = """
    with lines as (
        select payment_method, order_key
        from marts.purchases
        where purchased_on >= $day and is_purchase
        union all
        select payment_method, order_key
        from marts.purchases semi join grown_known using (order_key)
        where purchased_on < $day and is_purchase
    )
    select payment_method, count(distinct order_key) as n_orders
    from lines group by payment_method
"""
# Dimensions that the cube holds; with another set of them it has other rows of old lines too.
_SMALL = """
    select list(dimension order by dimension)
    from (select dimension from marts.dimension_values group by dimension having count(*) <= 500)
"""
_GROUPS = "persona, risk_band, churn_band, value_band"


def remember(con: duckdb.DuckDBPyConnection, day: date) -> None:
    """Note how the orders that are going to change were paid, before they do."""
    con.execute(f"create or replace temp table grown_paid_before as {_PAID}", {"day": day})


def continue_sums(
    con: duckdb.DuckDBPyConnection, day: date | None, files: Files
) -> tuple[str, ...]:
    """Bring the sums up to date, behind :mod:`warehouse.growing_lines`.

    Parameters
    ----------
    day : first day with a new line; None without one.

    Returns
    -------
    names of the marts that are up to date.
    """
    kept = [_VALUES, _HOURS, _PAYMENTS]
    small = con.execute(_SMALL).fetchall()
    if day is not None:
        con.execute(
            """
            create or replace temp view grown_purchased as
            select * replace (coalesce(product, product_id) as product), amount > 0 as is_purchase
            from grown_new
            """
        )
        _add_up(con, files[_VALUES], _of(files, _VALUES, purchased="marts.purchases"))
        _add_up(con, files[_HOURS], _of(files, _HOURS, new="core.transactions"))
        _add_up(con, files[_PAYMENTS], _payments(con, day, files))
    if _continue_months(con, files):
        kept.append(_MONTHS)
    if _continue_cube(con, files) and small == con.execute(_SMALL).fetchall():
        kept.append(_CUBE)
    return tuple(kept)


def _of(files: Files, name: str, **instead: str) -> str:
    """The SELECT of a file that reads working tables instead of what it names."""
    select = files[name].select
    for working, relation in instead.items():
        select = select.replace(relation, f"grown_{working}")
    return select


def _add_up(con: duckdb.DuckDBPyConnection, file: SqlFile, added: str) -> None:
    """Add numbers to those that a mart holds under the same keys."""
    columns = file.header.columns
    keys = ", ".join(name for name in columns if columns[name].description.startswith("key"))
    sums = ", ".join(
        f"cast(sum({name}) as {column.type}) as {name}"
        for name, column in columns.items()
        if not column.description.startswith("key")
    )
    con.execute(
        f"""
        create or replace table {file.header.name} as
        select {keys}, {sums}
        from (from {file.header.name} union all by name ({added}))
        group by {keys}
        """
    )


def _payments(con: duckdb.DuckDBPyConnection, day: date, files: Files) -> str:
    """SELECT of what new lines add to the payments: orders and customers new to a method once."""
    con.execute(f"create or replace temp table grown_paid_after as {_PAID}", {"day": day})
    con.execute(
        """
        create or replace temp table grown_payers as
        with payers as (
            select distinct payment_method, customer_key
            from grown_new where customer_key is not null
        ), known as (
            select distinct payment_method, customer_key
            from core.transactions semi join payers using (customer_key)
            where
                load_id < (select min(load_id) from grown_new)
                and kind in ('purchase', 'refund')
        )
        from payers anti join known
            on payers.customer_key = known.customer_key
            and payers.payment_method is not distinct from known.payment_method
        """
    )
    # Without an order key each line is an order of its own here: these are counted apart.
    new = _of(files, _PAYMENTS, purchased="marts.purchases").replace("order_key,", "")
    return f"""
        select * replace (0 as n_orders, 0 as n_customers) from ({new})
        union all by name
        select payment_method, n_orders from grown_paid_after
        union all by name
        select payment_method, -n_orders as n_orders from grown_paid_before
        union all by name
        select payment_method, 1 as n_customers from grown_payers
    """


def _continue_months(con: duckdb.DuckDBPyConnection, files: Files) -> bool:
    """Count the months with new lines, or with lines that are in the future no more, anew.

    False where what was counted before may be in the future now.
    """
    last_day, is_past, has_rows = con.execute(
        f"""
        select last_day, last_day <= current_date + 1, exists (select 1 from {_MONTHS})
        from marts.about
        """
    ).fetchall()[0]
    if not (is_past and has_rows):
        return False
    con.execute(
        """
        create or replace temp table grown_days as
        with days as (
            select purchased_on from grown_new where purchased_on <= current_date + 1
            union
            select purchased_on from marts.purchases
            where purchased_on > $last_day and purchased_on <= current_date + 1
        ), months as (
            select distinct date_trunc('month', purchased_on) as month from days
        )
        select
            cast(month as date) as month,
            cast(unnest(generate_series(month, last_day(month), interval 1 day)) as date)
                as purchased_on
        from months
        """,
        {"last_day": last_day},
    )
    con.execute(
        """
        create or replace temp view grown_month_lines as
        from marts.purchases semi join grown_days using (purchased_on)
        """
    )
    con.execute(f"delete from {_MONTHS} where month in (select month from grown_days)")
    con.execute(
        f"insert into {_MONTHS} by name ({_of(files, _MONTHS, month_lines='marts.purchases')})"
    )
    return True


def _continue_cube(con: duckdb.DuckDBPyConnection, files: Files) -> bool:
    """Add new lines to the cube, month by month; False where somebody is in another group now."""
    if _somebody_moved(con):
        return False
    if con.execute("select 1 from grown_new limit 1").fetchall():
        _add_to_cube(con, _of(files, _CUBE, purchased="marts.purchases", groups="marts.customers"))
    return True


def _somebody_moved(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether a customer whom the cube knows is in another group; notes the groups of now."""
    con.execute(
        """
        create or replace temp table grown_groups as
        select
            known.customer_key, clusters.persona, risk.risk_band, churn.churn_band, spend.value_band
        from core.customers as known
        left join scores.spend as spend using (customer_key)
        left join scores.churn as churn using (customer_key)
        left join scores.risk as risk using (customer_key)
        left join scores.clusters as clusters using (customer_key)
        """
    )
    moved = con.execute(
        """
        select 1
        from grown_groups as now
        inner join marts.customers as before using (customer_key)
        where
            now.persona is distinct from before.persona
            or now.risk_band is distinct from before.risk_band
            or now.churn_band is distinct from before.churn_band
            or now.value_band is distinct from before.value_band
        limit 1
        """
    ).fetchall()
    return bool(moved)


def _add_to_cube(con: duckdb.DuckDBPyConnection, new: str) -> None:
    """Sum the months with new lines up again; ``new`` is the SELECT of what these add."""
    con.execute(f"create or replace temp table grown_added as {new}")
    con.execute(
        f"""
        create or replace temp table grown_cube as
        with months as (
            select distinct month from grown_added
        ), parts as (
            from {_CUBE} semi join months using (month)
            union all by name
            from grown_added
        )
        select
            dimension, value, month, {_GROUPS}, cast(sum(revenue) as decimal(18, 2)) as revenue
        from parts group by dimension, value, month, {_GROUPS}
        """
    )
    con.execute(f"delete from {_CUBE} where month in (select month from grown_added)")
    con.execute(f"insert into {_CUBE} by name from grown_cube order by dimension, month")
