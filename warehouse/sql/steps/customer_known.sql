-- steps.customer_known(as_of): what the lines up to as_of say of each customer, windows left out.
-- grain:  one row per customer with a purchase or refund on or before as_of (undated rows count)
-- reads:  core.customer_days
-- params: as_of DATE, the last day that counts; nothing later is read
-- An order's total is net of the refunds under the same order_id.
-- columns:
--   customer_key            INTEGER        key
--   customer_id             VARCHAR        key as text
--   recency_days            BIGINT         [days] since the last purchase day; NULL if undated
--   frequency               BIGINT         [orders] distinct orders with a positive purchase
--   monetary                DECIMAL(18,2)  [currency] net sum of purchases and refunds
--   first_purchased_on      DATE           first day with a positive purchase
--   last_purchased_on       DATE           last day with a positive purchase
--   avg_order_value         DOUBLE         [currency] mean of positive order totals
--   max_order_value         DECIMAL(18,2)  [currency] largest positive order total
--   std_order_value         DOUBLE         [currency] their sample deviation; NULL below two
--   first_order_value       DECIMAL(18,2)  [currency] the earliest of them; NULL if undated
--   last_order_value        DECIMAL(18,2)  [currency] the latest of them; NULL if undated
--   total_quantity          DOUBLE         [units] on purchase lines; NULL if not known
--   avg_quantity            DOUBLE         [units] per order with a known quantity
--   refund_ratio            DOUBLE         [ratio] returned over paid; NULL without a purchase
--   avg_products_per_order  DOUBLE         [products] mean number of distinct products in an order
--   promo_usage_ratio       DOUBLE         [ratio] purchase lines on promotion; NULL if not known
--   n_merchants             BIGINT         [merchants] distinct; NULL if the source names none
--   n_categories            BIGINT         [categories] distinct; NULL if the source names none
--   n_products              BIGINT         [products] distinct; NULL if the source names none
--   top_category            VARCHAR        with the most money paid; of equals the first by name
--   top_category_share      DOUBLE         [ratio] its part of the money paid in any named category
--   customer_lifetime_days  BIGINT         [days] as_of minus the first purchase day
--   mean_gap_days           DOUBLE         [days] between purchase days; NULL below two of them
--   std_gap_days            DOUBLE         [days] sample deviation of gaps; NULL below two gaps
--   weekend_share           DOUBLE         [ratio] orders placed on a Saturday or Sunday
--   evening_share           DOUBLE         [ratio] orders placed at 18:00 or later, of those with
--                                          a time of day (not 00:00:00); NULL without one
--   known_from              DATE           core.customer_days
--   n_dated_orders          BIGINT         [orders] with a positive purchase and a day
--   paid                    DECIMAL(18,2)  [currency] positive purchases; NULL without
with held as (
    select
        customer_key,
        customer_id,
        known_from,
        net,
        paid,
        returned,
        first_bought_on,
        last_bought_on,
        n_orders,
        n_dated_orders,
        n_weekend_orders,
        n_timed_orders,
        n_timed_orders - n_night_orders - n_morning_orders - n_afternoon_orders as n_evening_orders,
        cast(n_days_bought - 1 as bigint) as n_gaps,
        date_diff('day', first_bought_on, last_bought_on) as gap_sum,
        gap_squares,
        n_order_values,
        order_value_sum,
        -- Whole cents: sums of integers are exact, so moments do not depend on how they are added.
        cast(
            cast(trunc(order_value_sum) as bigint) * 100
            + cast(cast(order_value_sum % 1 as decimal(4, 2)) * 100 as integer)
            as decimal(19, 0)
        ) as cents_sum,
        order_value_squares,
        max_order_value,
        first_order_value,
        last_order_value,
        quantity,
        n_orders_with_quantity,
        products,
        n_orders_with_products,
        n_promotion_lines,
        n_lines_that_say,
        n_merchants,
        n_categories,
        n_products,
        top_category,
        paid_in_top_category,
        paid_in_categories
    from core.customer_days
    where
        known_from <= coalesce($as_of, date '0001-01-01')
        and known_until > coalesce($as_of, date '0001-01-01')
)

select
    customer_key,
    customer_id,
    date_diff('day', last_bought_on, $as_of) as recency_days,
    cast(n_orders as bigint) as frequency,
    net as monetary,
    first_bought_on as first_purchased_on,
    last_bought_on as last_purchased_on,
    cast(order_value_sum as double) / nullif(n_order_values, 0) as avg_order_value,
    max_order_value,
    sqrt(
        cast(n_order_values * order_value_squares - cents_sum * cents_sum as double)
        / nullif(n_order_values * (cast(n_order_values as bigint) - 1), 0)
    ) / 100 as std_order_value,
    first_order_value,
    last_order_value,
    cast(quantity as double) as total_quantity,
    cast(quantity as double) / nullif(n_orders_with_quantity, 0) as avg_quantity,
    cast(coalesce(returned, 0) as double) / cast(paid as double) as refund_ratio,
    cast(products as double) / nullif(n_orders_with_products, 0) as avg_products_per_order,
    n_promotion_lines / nullif(n_lines_that_say, 0) as promo_usage_ratio,
    cast(nullif(n_merchants, 0) as bigint) as n_merchants,
    cast(nullif(n_categories, 0) as bigint) as n_categories,
    cast(nullif(n_products, 0) as bigint) as n_products,
    top_category,
    cast(paid_in_top_category as double) / cast(paid_in_categories as double)
        as top_category_share,
    date_diff('day', first_bought_on, $as_of) as customer_lifetime_days,
    cast(gap_sum as double) / nullif(n_gaps, 0) as mean_gap_days,
    -- n * sum(x^2) - sum(x)^2 in whole days is exact: equal gaps give 0, not a rounding error.
    sqrt(
        cast(n_gaps * gap_squares - gap_sum * gap_sum as double)
        / nullif(n_gaps * (n_gaps - 1), 0)
    ) as std_gap_days,
    n_weekend_orders / nullif(n_dated_orders, 0) as weekend_share,
    n_evening_orders / nullif(n_timed_orders, 0) as evening_share,
    known_from,
    cast(n_dated_orders as bigint) as n_dated_orders,
    paid
from held
