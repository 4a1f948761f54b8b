-- features.customer_rfm(as_of): how recently, how often and how much each customer bought.
-- grain:  one row per customer with a purchase or refund on or before as_of (undated rows count)
-- reads:  core.transactions
-- params: as_of DATE, the last day that counts; nothing later is read
-- columns:
--   customer_key        INTEGER         key
--   customer_id         VARCHAR         key as text
--   recency_days        BIGINT          [days] as_of minus the last purchase day; NULL if undated
--   frequency           BIGINT          [orders] distinct orders with a positive purchase
--   monetary            DECIMAL(18,2)   [currency] net sum of purchases and refunds
--   first_purchased_on  DATE            first day with a positive purchase
--   last_purchased_on   DATE            last day with a positive purchase
with orders as (
    -- An order is what one customer bought under one order_id of one source.
    select
        customer_key,
        any_value(customer_id) as customer_id,
        count(*) filter (where amount > 0) as n_purchase_lines,
        cast(sum(amount) as decimal(18, 2)) as net,
        min(purchased_on) filter (where amount > 0) as first_on,
        max(purchased_on) filter (where amount > 0) as last_on
    from core.transactions
    where
        customer_key is not null
        and kind in ('purchase', 'refund')
        and (purchased_on <= $as_of or purchased_on is null)
    group by customer_key, source, order_id
),

customers as (
    select
        customer_key,
        any_value(customer_id) as customer_id,
        count(*) filter (where n_purchase_lines > 0) as frequency,
        cast(sum(net) as decimal(18, 2)) as monetary,
        min(first_on) as first_purchased_on,
        max(last_on) as last_purchased_on
    from orders
    group by customer_key
)

select
    customer_key,
    customer_id,
    date_diff('day', last_purchased_on, $as_of) as recency_days,
    frequency,
    monetary,
    first_purchased_on,
    last_purchased_on
from customers
