-- features.customer_behaviour(as_of): how large a customer's orders are, and what comes back.
-- grain:  one row per customer with a purchase or refund on or before as_of (undated rows count)
-- reads:  core.transactions
-- params: as_of DATE, the last day that counts; nothing later is read
-- columns:
--   customer_key       INTEGER         key
--   customer_id        VARCHAR         key as text
--   avg_order_value    DOUBLE          [currency] mean of positive order totals
--   max_order_value    DECIMAL(18,2)   [currency] largest positive order total
--   std_order_value    DOUBLE          [currency] their sample deviation; NULL below two
--   first_order_value  DECIMAL(18,2)   [currency] the earliest of them; NULL if undated
--   last_order_value   DECIMAL(18,2)   [currency] the latest of them; NULL if undated
--   total_quantity     DOUBLE          [units] on purchase lines; NULL if not known
--   avg_quantity       DOUBLE          [units] per order with a known quantity
--   refund_ratio       DOUBLE          [ratio] returned over paid; NULL without a purchase
with orders as (
    -- An order's total is net of the refunds under the same order_id.
    select
        customer_key,
        source,
        order_id,
        any_value(customer_id) as customer_id,
        cast(sum(amount) as decimal(18, 2)) as total,
        cast(sum(amount) filter (where amount > 0) as decimal(18, 2)) as paid,
        cast(sum(amount) filter (where amount < 0) as decimal(18, 2)) as returned,
        cast(sum(quantity) filter (where amount > 0) as decimal(18, 3)) as quantity,
        min(coalesce(purchased_at, purchased_on)) filter (where amount > 0) as ordered_at
    from core.transactions
    where
        customer_key is not null
        and kind in ('purchase', 'refund')
        and (purchased_on <= $as_of or purchased_on is null)
    group by customer_key, source, order_id
),

-- Whole cents: sums of integers are exact, so moments do not depend on the order of addition.
valued as (
    select
        customer_key,
        customer_id,
        quantity,
        paid,
        returned,
        case when total > 0 and paid > 0 then total end as order_value,
        case when total > 0 and paid > 0 then cast(total * 100 as decimal(18, 0)) end as cents,
        case
            when total > 0 and ordered_at is not null then (ordered_at, source, order_id)
        end as place
    from orders
),

customers as (
    select
        customer_key,
        any_value(customer_id) as customer_id,
        count(order_value) as n,
        sum(order_value) as order_value_sum,
        max(order_value) as order_value_max,
        sum(cents) as cents_sum,
        sum(cents * cents) as squares_sum,
        arg_min(order_value, place) as order_value_first,
        arg_max(order_value, place) as order_value_last,
        sum(quantity) as quantity,
        count(quantity) as n_with_quantity,
        sum(paid) as paid,
        sum(returned) as returned
    from valued
    group by customer_key
)

select
    customer_key,
    customer_id,
    cast(order_value_sum as double) / nullif(n, 0) as avg_order_value,
    order_value_max as max_order_value,
    sqrt(
        cast(n * squares_sum - cents_sum * cents_sum as double) / nullif(n * (n - 1), 0)
    ) / 100 as std_order_value,
    order_value_first as first_order_value,
    order_value_last as last_order_value,
    cast(quantity as double) as total_quantity,
    cast(quantity as double) / nullif(n_with_quantity, 0) as avg_quantity,
    cast(coalesce(-returned, 0) as double) / cast(paid as double) as refund_ratio
from customers
