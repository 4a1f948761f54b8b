-- checks.orders_revenue: the orders of the dashboard do not add up to the loaded transactions
-- grain:    one row per half of the book (with a customer or without) that differs by a cent
-- reads:    marts.orders, core.transactions
-- severity: stop
with shown as (
    select
        customer_key is not null as has_customer,
        sum(revenue) as revenue
    from marts.orders
    group by customer_key is not null
),

loaded as (
    select
        customer_key is not null as has_customer,
        sum(amount) as revenue
    from core.transactions
    where kind in ('purchase', 'refund')
    group by customer_key is not null
)

select
    coalesce(shown.has_customer, loaded.has_customer) as has_customer,
    shown.revenue as revenue_shown,
    loaded.revenue as revenue_loaded
from shown
full outer join loaded on shown.has_customer = loaded.has_customer
where shown.revenue is distinct from loaded.revenue
