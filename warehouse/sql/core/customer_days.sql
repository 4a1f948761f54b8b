-- core.customer_days: what was known of each customer at the end of each day that brought a line.
-- grain:  one row per customer and day with a purchase or refund; it holds until the next such day
-- reads:  nothing, this is the empty table that the marks fill
-- Every number counts from the first line to the end of known_from, so the row that holds at an
-- as-of date answers for it, and the difference of two rows answers for the days between.
-- columns:
--   customer_key            INTEGER         key, with known_from
--   customer_id             VARCHAR         the customer as text
--   known_from              DATE            key; 0001-01-01 for the lines without a day
--   known_until             DATE            first day on which it holds no more; 9999-12-31: holds
--   n_lines                 INTEGER         [lines] purchases and refunds
--   net                     DECIMAL(18,2)   [currency] their sum
--   paid                    DECIMAL(18,2)   [currency] positive ones; NULL without
--   returned                DECIMAL(18,2)   [currency] negative ones, as a positive number
--   first_bought_on         DATE            first day with a positive purchase
--   last_bought_on          DATE            last day with a positive purchase
--   n_days_bought           INTEGER         [days] with a positive purchase
--   gap_squares             BIGINT          [days] sum of squares of the gaps between them
--   n_orders                INTEGER         [orders] with a positive purchase
--   n_dated_orders          INTEGER         [orders] of these, with a day
--   n_weekend_orders        INTEGER         [orders] of these, begun on a Saturday or Sunday
--   n_timed_orders          INTEGER         [orders] begun at a time other than 00:00:00
--   n_night_orders          INTEGER         [orders] of these, begun before 06:00
--   n_morning_orders        INTEGER         [orders] of these, from 06:00 on
--   n_afternoon_orders      INTEGER         [orders] of these, from 12:00 to 18:00; later: evening
--   favourite_weekday       BIGINT          of most timed orders: 1 is Monday; the first of equals
--   favourite_hour          BIGINT          of most timed orders: 0 to 23; the first of equals
--   n_order_values          INTEGER         [orders] whose net total is positive
--   order_value_sum         DECIMAL(18,2)   [currency] of these totals
--   order_value_squares     DECIMAL(38,0)   [cents] sum of squares of these totals
--   max_order_value         DECIMAL(18,2)   [currency] largest of these totals
--   first_order_value       DECIMAL(18,2)   [currency] of the order begun first
--   last_order_value        DECIMAL(18,2)   [currency] of the order begun last
--   quantity                DECIMAL(18,3)   [units] bought; NULL if not known
--   n_orders_with_quantity  INTEGER         [orders] that say a quantity
--   products                BIGINT          [products] sum over orders of distinct products
--   n_orders_with_products  INTEGER         [orders] that say their products
--   n_lines_that_say        INTEGER         [lines] bought, that say whether on promotion
--   n_promotion_lines       INTEGER         [lines] bought on promotion
--   n_merchants             INTEGER         [merchants] distinct
--   n_products              INTEGER         [products] distinct
--   n_categories            INTEGER         [categories] distinct
--   paid_in_categories      DECIMAL(18,2)   [currency] positive purchases in a named category
--   paid_in_top_category    DECIMAL(18,2)   [currency] of these, in the category with the most
--   top_category            VARCHAR         that category; of equal ones the first by name
select
    null::integer as customer_key,
    null::varchar as customer_id,
    null::date as known_from,
    null::date as known_until,
    null::integer as n_lines,
    null::decimal(18, 2) as net,
    null::decimal(18, 2) as paid,
    null::decimal(18, 2) as returned,
    null::date as first_bought_on,
    null::date as last_bought_on,
    null::integer as n_days_bought,
    null::bigint as gap_squares,
    null::integer as n_orders,
    null::integer as n_dated_orders,
    null::integer as n_weekend_orders,
    null::integer as n_timed_orders,
    null::integer as n_night_orders,
    null::integer as n_morning_orders,
    null::integer as n_afternoon_orders,
    null::bigint as favourite_weekday,
    null::bigint as favourite_hour,
    null::integer as n_order_values,
    null::decimal(18, 2) as order_value_sum,
    null::decimal(38, 0) as order_value_squares,
    null::decimal(18, 2) as max_order_value,
    null::decimal(18, 2) as first_order_value,
    null::decimal(18, 2) as last_order_value,
    null::decimal(18, 3) as quantity,
    null::integer as n_orders_with_quantity,
    null::bigint as products,
    null::integer as n_orders_with_products,
    null::integer as n_lines_that_say,
    null::integer as n_promotion_lines,
    null::integer as n_merchants,
    null::integer as n_products,
    null::integer as n_categories,
    null::decimal(18, 2) as paid_in_categories,
    null::decimal(18, 2) as paid_in_top_category,
    null::varchar as top_category
where false
