-- steps.order_keys(): a small number for each order, for joins and for counting distinct orders.
-- grain:  one row per order_id, source and customer
-- reads:  core.transactions
-- columns:
--   source        VARCHAR  key
--   order_id      VARCHAR  key
--   customer_key  INTEGER  key; NULL for an order without a customer
--   order_key     INTEGER  dense from 1, oldest first; orders without a day last
with orders as (
    select
        source,
        order_id,
        customer_key,
        min(purchased_on) as begun_on
    from core.transactions
    where kind in ('purchase', 'refund')
    group by source, order_id, customer_key
)

select
    source,
    order_id,
    customer_key,
    cast(
        row_number() over (order by begun_on, source, order_id, customer_key) as integer
    ) as order_key
from orders
