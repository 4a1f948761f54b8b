"""The steps of the one statement that measures a selection: SQL, by what each adds.

They go on from the steps of :mod:`dashboard.queries.selected`.
"""

from typing import Final

from dashboard.queries.vocabulary import REACHABLE
from dashboard.vocabulary import About


def purchases(suffix: str) -> str:
    """``now``: one struct."""
    return f"""paid{suffix} as (
    select
        count(*) filter (where revenue > 0) as n_orders,
        coalesce(sum(revenue) filter (where revenue > 0), 0) as paid
    from whole_orders{suffix}
),
bought{suffix} as (
    select
        coalesce(sum(spend_in_period), 0) as revenue,
        count(*) filter (where orders_in_period > 0) as n_active,
        count(*) filter (where orders_in_period > 1) as n_repeat
    from selected{suffix}
),
now{suffix} as (
    select {{
        'revenue': bought.revenue, 'n_active': bought.n_active, 'n_repeat': bought.n_repeat,
        'n_orders': paid.n_orders, 'paid': paid.paid
    }} as now{suffix}
    from bought{suffix} as bought
    cross join paid{suffix} as paid
)"""


CUSTOMERS: Final = (
    """chosen as (
    select
        customers.customer_key,
        customers.expected_spend,
        customers.churn_band,
        customers.churn_risk,
        customers.persona,
        selected.spend_in_period,
        selected.orders_in_period,
        customers.consent,
        """
    + REACHABLE
    + """ as is_reachable
    from selected
    inner join marts.customers as customers on selected.customer_key = customers.customer_key
),
known as (
    select {
        'n_customers': count(*),
        'n_scored': count(expected_spend),
        'expected': coalesce(sum(expected_spend), 0),
        'n_rated': count(churn_band),
        'n_leaving': count(*) filter (where churn_band = 'high'),
        'n_asked': count(consent),
        'n_consenting': count(*) filter (where consent),
        'n_reachable': count(*) filter (where is_reachable)
    } as known
    from chosen
)"""
)


def groups(has_before: bool) -> str:
    """``groups``: one struct a persona."""
    earlier, before, join = "", "null", ""
    if has_before:
        before = "coalesce(earlier.revenue, 0)"
        join = "left join earlier on now.persona is not distinct from earlier.persona"
        earlier = """earlier as (
    select customers.persona, sum(selected_before.spend_in_period) as revenue
    from selected_before
    inner join marts.customers as customers
        on selected_before.customer_key = customers.customer_key
    group by customers.persona
),
"""
    return f"""{earlier}groups as (
    select {{
        'persona': now.persona, 'customers': now.customers, 'revenue': now.revenue,
        'buyers': now.buyers, 'churn_risk': now.churn_risk, 'before': {before}
    }} as one
    from (
        select
            persona,
            count(*) as customers,
            sum(spend_in_period) as revenue,
            count(*) filter (where orders_in_period > 0) as buyers,
            avg(churn_risk) as churn_risk
        from chosen
        group by persona
    ) as now
    {join}
)"""


def at_risk(about: About) -> str:
    """Spend of a year by those who are likely to leave: all their orders, whatever the lens."""
    within = "purchased_on > $risk_after and purchased_on <= $risk_until"
    if about.as_of is None:
        within = "false"
    return f"""at_risk as (
    select coalesce(sum(revenue), 0) as paid
    from marts.orders
    where {within}
        and customer_key in (select customer_key from chosen where churn_band = 'high')
)"""


def buckets(index: str) -> str:
    """The same measures by equal parts of the period."""
    return f"""orders_placed as (
    select {index} as place, customer_key, revenue as total, has_purchase as bought
    from lines
    where is_whole and purchased_on is not null
    union all
    select place, customer_key, total, bought
    from (
        select
            {index} as place,
            customer_key,
            order_key,
            sum(revenue) as total,
            bool_or(has_purchase) as bought
        from lines
        where not is_whole and purchased_on is not null
        group by all
    )
),
sums_placed as (
    select
        place,
        sum(total) as revenue,
        count(*) filter (where total > 0) as n_orders,
        coalesce(sum(total) filter (where total > 0), 0) as paid
    from orders_placed
    group by place
),
buyers_placed as (
    -- Nothing but a count: there are nearly as many groups here as orders.
    select place, count(*) as n_bought
    from orders_placed
    where bought
    group by place, customer_key
),
counts_placed as (
    select place, count(*) as n_active, count(*) filter (where n_bought > 1) as n_repeat
    from buyers_placed
    group by place
),
buckets as (
    select
        sums.place,
        {{
            'place': sums.place,
            'revenue': sums.revenue,
            'n_active': coalesce(counts.n_active, 0),
            'n_repeat': coalesce(counts.n_repeat, 0),
            'n_orders': sums.n_orders,
            'paid': sums.paid
        }} as bucket
    from sums_placed as sums
    left join counts_placed as counts on sums.place = counts.place
)"""
