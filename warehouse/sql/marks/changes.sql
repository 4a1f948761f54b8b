-- marks.changes: what each day added to what was known of a customer, in whole numbers.
-- grain:  one row per customer and day with a line; where marks are continued, one for all that is
--         marked, and the days behind it
-- reads:  marks.order_states, marks.known, marks.order_extremes, marks.clock_days,
--         marks.first_seen, marks.category_days
-- Days count from 0001-01-01, money is in cents, quantities in thousandths; a sum of squares is
-- squares_low + 2^40 * squares_middle + 2^80 * squares_high. Whole units and the rest are turned
-- into cents apart: in one multiplication 18 digits pass what is quick to divide.
with added as (
    select
        customer_key,
        day,
        cast(sum(n_lines) as integer) as n_lines,
        cast(sum(paid) as decimal(18, 2)) as paid,
        cast(sum(returned) as decimal(18, 2)) as returned,
        cast(sum(quantity) as decimal(18, 3)) as quantity,
        cast(sum(n_lines_that_say) as integer) as n_lines_that_say,
        cast(sum(n_promotion_lines) as integer) as n_promotion_lines,
        cast(count(*) filter (where is_new) as integer) as n_orders,
        cast(count(*) filter (where is_new_dated) as integer) as n_dated,
        cast(count(*) filter (where is_new_with_quantity) as integer) as n_with_quantity,
        cast(count(order_value) - count(order_value_before) as integer) as n_valued,
        cast(sum(coalesce(order_value, 0) - coalesce(order_value_before, 0)) as decimal(18, 2))
            as order_value,
        sum(coalesce(cents * cents, 0) - coalesce(cents_before * cents_before, 0)) as squares,
        cast(count(products) - count(products_before) as integer) as n_with_products,
        cast(sum(coalesce(products, 0) - coalesce(products_before, 0)) as bigint) as products,
        case when count(paid) > 0 and day > date '0001-01-01' then day end as first_bought_on
    from marks.order_states
    where is_added
    group by customer_key, day
),

days as (
    select
        *,
        first_bought_on as last_bought_on,
        cast(first_bought_on is not null as integer) as n_days_bought,
        cast(null as bigint) as gap_squares,
        case when isodow(day) >= 6 then n_dated else 0 end as n_weekend
    from added
    union all
    select
        customer_key,
        known_from as day,
        n_lines,
        paid,
        returned,
        quantity,
        n_lines_that_say,
        n_promotion_lines,
        n_orders,
        n_dated_orders,
        n_orders_with_quantity,
        n_order_values,
        order_value_sum,
        cast(order_value_squares as hugeint) as squares,
        n_orders_with_products,
        products,
        first_bought_on,
        last_bought_on,
        n_days_bought,
        gap_squares,
        n_weekend_orders
    from marks.known
)

select
    days.customer_key,
    date_diff('day', date '0001-01-01', days.day) as day,
    days.n_lines,
    cast(trunc(days.paid) as bigint) * 100
    + cast(cast(days.paid % 1 as decimal(4, 2)) * 100 as integer) as paid,
    cast(trunc(days.returned) as bigint) * 100
    + cast(cast(days.returned % 1 as decimal(4, 2)) * 100 as integer) as returned,
    cast(trunc(days.quantity) as bigint) * 1000
    + cast(cast(days.quantity % 1 as decimal(6, 3)) * 1000 as integer) as quantity,
    days.n_lines_that_say,
    days.n_promotion_lines,
    days.n_orders,
    days.n_dated,
    days.n_weekend,
    days.n_with_quantity,
    days.n_valued,
    cast(trunc(days.order_value) as bigint) * 100
    + cast(cast(days.order_value % 1 as decimal(4, 2)) * 100 as integer) as order_value,
    cast(days.squares & 1099511627775 as bigint) as squares_low,
    cast((days.squares >> 40) & 1099511627775 as bigint) as squares_middle,
    cast(days.squares >> 80 as bigint) as squares_high,
    days.n_with_products,
    days.products,
    date_diff('day', date '0001-01-01', days.first_bought_on) as first_bought,
    date_diff('day', date '0001-01-01', days.last_bought_on) as last_bought,
    days.n_days_bought,
    days.gap_squares,
    cast(trunc(extremes.largest) as bigint) * 100
    + cast(cast(extremes.largest % 1 as decimal(4, 2)) * 100 as integer) as largest,
    cast(extremes.first_placed >> 64 as bigint) as first_place,
    cast(extremes.first_placed & 18446744073709551615 as bigint) as first_value,
    cast(extremes.last_placed >> 64 as bigint) as last_place,
    cast(extremes.last_placed & 18446744073709551615 as bigint) as last_value,
    cast(trunc(extremes.passing_largest) as bigint) * 100
    + cast(cast(extremes.passing_largest % 1 as decimal(4, 2)) * 100 as integer) as passing_largest,
    cast(extremes.passing_first >> 64 as bigint) as passing_first_place,
    cast(extremes.passing_first & 18446744073709551615 as bigint) as passing_first_value,
    cast(extremes.passing_last >> 64 as bigint) as passing_last_place,
    cast(extremes.passing_last & 18446744073709551615 as bigint) as passing_last_value,
    clock.n_timed,
    clock.n_night,
    clock.n_morning,
    clock.n_afternoon,
    clock.top_hour,
    clock.top_weekday,
    first_seen.n_merchants,
    first_seen.n_products,
    categories.n_categories,
    cast(trunc(categories.paid) as bigint) * 100
    + cast(cast(categories.paid % 1 as decimal(4, 2)) * 100 as integer) as paid_in_categories,
    cast(trunc(categories.paid_at_top) as bigint) * 100
    + cast(cast(categories.paid_at_top % 1 as decimal(4, 2)) * 100 as integer) as paid_at_top,
    categories.top_place
from days
left join marks.order_extremes as extremes
    on days.customer_key = extremes.customer_key and days.day = extremes.day
left join marks.clock_days as clock
    on days.customer_key = clock.customer_key and days.day = clock.day
left join marks.first_seen as first_seen
    on days.customer_key = first_seen.customer_key and days.day = first_seen.day
left join marks.category_days as categories
    on days.customer_key = categories.customer_key and days.day = categories.day
