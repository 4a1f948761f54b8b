-- features.customer_behaviour(as_of): how large a customer's orders are, and what comes back.
-- grain:  one row per customer with a purchase or refund on or before as_of (undated rows count)
-- reads:  core.customer_days
-- params: as_of DATE, the last day that counts; nothing later is read
-- An order's total is net of the refunds under the same order_id.
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
with known as (
    -- Whole cents: sums of integers are exact, so moments do not depend on the order of addition.
    select
        customer_key,
        customer_id,
        n_order_values as n,
        order_value_sum,
        cast(
            cast(trunc(order_value_sum) as bigint) * 100
            + cast(cast(order_value_sum % 1 as decimal(4, 2)) * 100 as integer)
            as decimal(19, 0)
        ) as cents_sum,
        order_value_squares as squares_sum,
        max_order_value,
        first_order_value,
        last_order_value,
        quantity,
        n_orders_with_quantity,
        returned,
        paid
    from core.customer_days
    where
        known_from <= coalesce($as_of, date '0001-01-01')
        and known_until > coalesce($as_of, date '0001-01-01')
)

select
    customer_key,
    customer_id,
    cast(order_value_sum as double) / nullif(n, 0) as avg_order_value,
    max_order_value,
    sqrt(
        cast(n * squares_sum - cents_sum * cents_sum as double)
        / nullif(n * (cast(n as bigint) - 1), 0)
    ) / 100 as std_order_value,
    first_order_value,
    last_order_value,
    cast(quantity as double) as total_quantity,
    cast(quantity as double) / nullif(n_orders_with_quantity, 0) as avg_quantity,
    cast(coalesce(returned, 0) as double) / cast(paid as double) as refund_ratio
from known
