-- marks.customer_days: what core.customer_days says of the customers whose marks are made.
-- grain:  one row per customer and day with a line
-- reads:  marks.days, marks.customers, marks.order_extremes, marks.clock_days, marks.first_seen,
--         marks.category_days, marks.category_names
with running as (
    select
        days.customer_key,
        customers.customer_id,
        days.day as known_from,
        coalesce(lead(days.day) over by_day, date '9999-12-31') as known_until,
        cast(sum(days.n_lines) over by_day as integer) as n_lines,
        cast(
            coalesce(sum(days.paid) over by_day, 0) - coalesce(sum(days.returned) over by_day, 0)
            as decimal(18, 2)
        ) as net,
        cast(sum(days.paid) over by_day as decimal(18, 2)) as paid,
        cast(sum(days.returned) over by_day as decimal(18, 2)) as returned,
        min(days.first_bought_on) over by_day as first_bought_on,
        max(days.last_bought_on) over by_day as last_bought_on,
        cast(sum(days.n_days_bought) over by_day as integer) as n_days_bought,
        cast(sum(days.gap_squares) over by_day as bigint) as gap_squares,
        cast(sum(days.n_orders) over by_day as integer) as n_orders,
        cast(sum(days.n_dated) over by_day as integer) as n_dated_orders,
        cast(sum(days.n_weekend) over by_day as integer) as n_weekend_orders,
        cast(sum(clock.n_timed) over by_day as integer) as n_timed_orders,
        cast(sum(clock.n_night) over by_day as integer) as n_night_orders,
        cast(sum(clock.n_morning) over by_day as integer) as n_morning_orders,
        cast(sum(clock.n_afternoon) over by_day as integer) as n_afternoon_orders,
        31 - max(clock.top_weekday) over by_day % 32 as favourite_weekday,
        31 - max(clock.top_hour) over by_day % 32 as favourite_hour,
        cast(sum(days.n_valued) over by_day as integer) as n_order_values,
        cast(sum(days.order_value) over by_day as decimal(18, 2)) as order_value_sum,
        cast(sum(days.order_value_squares) over by_day as decimal(38, 0)) as order_value_squares,
        greatest(max(extremes.largest) over by_day, extremes.passing_largest) as max_order_value,
        least(min(extremes.first_placed) over by_day, extremes.passing_first)
            as first_order_value,
        greatest(max(extremes.last_placed) over by_day, extremes.passing_last)
            as last_order_value,
        cast(sum(days.quantity) over by_day as decimal(18, 3)) as quantity,
        cast(sum(days.n_with_quantity) over by_day as integer) as n_orders_with_quantity,
        cast(sum(days.products) over by_day as bigint) as products,
        cast(sum(days.n_with_products) over by_day as integer) as n_orders_with_products,
        cast(sum(days.n_lines_that_say) over by_day as integer) as n_lines_that_say,
        cast(sum(days.n_promotion_lines) over by_day as integer) as n_promotion_lines,
        cast(sum(first_seen.n_merchants) over by_day as integer) as n_merchants,
        cast(sum(first_seen.n_products) over by_day as integer) as n_products,
        cast(sum(categories.n_categories) over by_day as integer) as n_categories,
        cast(sum(categories.paid) over by_day as decimal(18, 2)) as paid_in_categories,
        max(categories.paid_at_top) over by_day as paid_in_top_category,
        max(categories.top_category) over by_day as top_category
    from marks.days as days
    inner join marks.customers as customers on days.customer_key = customers.customer_key
    left join marks.order_extremes as extremes
        on days.customer_key = extremes.customer_key and days.day = extremes.day
    left join marks.clock_days as clock
        on days.customer_key = clock.customer_key and days.day = clock.day
    left join marks.first_seen as first_seen
        on days.customer_key = first_seen.customer_key and days.day = first_seen.day
    left join marks.category_days as categories
        on days.customer_key = categories.customer_key and days.day = categories.day
    window by_day as (partition by days.customer_key order by days.day)
)

select
    running.* replace ( -- noqa: AM04
        cast(cast(
            cast(running.first_order_value % 18446744073709551616 as bigint) as decimal(19, 0)
        ) * 0.01 as decimal(18, 2)) as first_order_value,
        cast(cast(
            cast(running.last_order_value % 18446744073709551616 as bigint) as decimal(19, 0)
        ) * 0.01 as decimal(18, 2)) as last_order_value,
        names.category as top_category
    )
from running
left join marks.category_names as names
    on 4294967296 - running.top_category % 4294967296 = names.place
