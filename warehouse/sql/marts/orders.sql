-- marts.orders: purchases rolled up, for questions that no purchase filter narrows.
-- grain:  one row per order, customer and day, in the order of purchased_on
-- reads:  marts.purchases
-- columns:
--   order_key     INTEGER         key, with the day; marts.purchases.order_key
--   customer_key  INTEGER         NULL for an order without a customer
--   purchased_on  DATE            key; NULL in an undated ledger
--   revenue       DECIMAL(18,2)   [currency] net of the refunds on the same day
--   n_lines       BIGINT          [lines] purchases and refunds
--   has_purchase  BOOLEAN         at least one line has an amount above 0
--   is_whole      BOOLEAN         all of the order stands in this row: it has lines on one day only
with days as (
    select
        order_key,
        customer_key,
        purchased_on,
        cast(sum(amount) as decimal(18, 2)) as revenue,
        count(*) as n_lines,
        bool_or(is_purchase) as has_purchase
    from marts.purchases
    group by order_key, customer_key, purchased_on
),

several as (
    select order_key
    from days
    group by order_key
    having count(*) > 1
)

select
    order_key,
    customer_key,
    purchased_on,
    revenue,
    n_lines,
    has_purchase,
    order_key not in (select several.order_key from several) as is_whole
from days
order by purchased_on, order_key
