-- marks.customer_days: what core.customer_days says of the customers whose marks are made.
-- grain:  one row per customer and day with a line
-- reads:  marks.customers, marks.order_states, marks.order_extremes, marks.first_seen,
--         marks.category_days
with days as (
    select
        customer_key,
        day,
        case when sum(paid) is not null and day > date '0001-01-01' then day end as bought_on,
        sum(n_lines) as n_lines,
        sum(net) as net,
        sum(paid) as paid,
        sum(returned) as returned,
        sum(quantity) as quantity,
        sum(n_lines_that_say) as n_lines_that_say,
        sum(n_promotion_lines) as n_promotion_lines,
        count(*) filter (where is_new) as n_orders,
        count(*) filter (where is_new_dated) as n_dated,
        count(*) filter (where is_new_dated and isodow(day) >= 6) as n_weekend,
        count(*) filter (where first_bought_at > date_trunc('day', first_bought_at)) as n_timed,
        count(*) filter (where hour(first_bought_at) >= 18) as n_evening,
        count(*) filter (where is_new_with_quantity) as n_with_quantity,
        count(order_value) - count(order_value_before) as n_valued,
        sum(coalesce(order_value, 0) - coalesce(order_value_before, 0)) as order_value,
        sum(
            cast(coalesce(order_value, 0) * 100 as hugeint)
            * cast(coalesce(order_value, 0) * 100 as hugeint)
            - cast(coalesce(order_value_before, 0) * 100 as hugeint)
            * cast(coalesce(order_value_before, 0) * 100 as hugeint)
        ) as order_value_squares,
        count(products) - count(products_before) as n_with_products,
        sum(coalesce(products, 0) - coalesce(products_before, 0)) as products
    from marks.order_states
    group by customer_key, day
),

gaps as (
    select
        *,
        date_diff(
            'day',
            lag(bought_on ignore nulls) over (partition by customer_key order by day),
            bought_on
        ) as gap_days
    from days
)

select
    gaps.customer_key,
    customers.customer_id,
    gaps.day as known_from,
    coalesce(lead(gaps.day) over by_day, date '9999-12-31') as known_until,
    cast(sum(gaps.n_lines) over by_day as integer) as n_lines,
    cast(sum(gaps.net) over by_day as decimal(18, 2)) as net,
    cast(sum(gaps.paid) over by_day as decimal(18, 2)) as paid,
    cast(sum(gaps.returned) over by_day as decimal(18, 2)) as returned,
    min(gaps.bought_on) over by_day as first_bought_on,
    max(gaps.bought_on) over by_day as last_bought_on,
    cast(count(gaps.bought_on) over by_day as integer) as n_days_bought,
    cast(sum(gaps.gap_days * gaps.gap_days) over by_day as bigint) as gap_squares,
    cast(sum(gaps.n_orders) over by_day as integer) as n_orders,
    cast(sum(gaps.n_dated) over by_day as integer) as n_dated_orders,
    cast(sum(gaps.n_weekend) over by_day as integer) as n_weekend_orders,
    cast(sum(gaps.n_timed) over by_day as integer) as n_timed_orders,
    cast(sum(gaps.n_evening) over by_day as integer) as n_evening_orders,
    cast(sum(gaps.n_valued) over by_day as integer) as n_order_values,
    cast(sum(gaps.order_value) over by_day as decimal(18, 2)) as order_value_sum,
    cast(sum(gaps.order_value_squares) over by_day as decimal(38, 0)) as order_value_squares,
    extremes.max_order_value,
    extremes.first_order_value,
    extremes.last_order_value,
    cast(sum(gaps.quantity) over by_day as decimal(18, 3)) as quantity,
    cast(sum(gaps.n_with_quantity) over by_day as integer) as n_orders_with_quantity,
    cast(sum(gaps.products) over by_day as bigint) as products,
    cast(sum(gaps.n_with_products) over by_day as integer) as n_orders_with_products,
    cast(sum(gaps.n_lines_that_say) over by_day as integer) as n_lines_that_say,
    cast(sum(gaps.n_promotion_lines) over by_day as integer) as n_promotion_lines,
    cast(sum(first_seen.n_merchants) over by_day as integer) as n_merchants,
    cast(sum(first_seen.n_products) over by_day as integer) as n_products,
    cast(sum(categories.n_categories) over by_day as integer) as n_categories,
    cast(sum(categories.paid) over by_day as decimal(18, 2)) as paid_in_categories,
    max(categories.paid_at_top) over by_day as paid_in_top_category,
    last_value(categories.top_category ignore nulls) over by_day as top_category
from gaps
inner join marks.customers as customers on gaps.customer_key = customers.customer_key
left join marks.order_extremes as extremes
    on gaps.customer_key = extremes.customer_key and gaps.day = extremes.day
left join marks.first_seen as first_seen
    on gaps.customer_key = first_seen.customer_key and gaps.day = first_seen.day
left join marks.category_days as categories
    on gaps.customer_key = categories.customer_key and gaps.day = categories.day
window by_day as (partition by gaps.customer_key order by gaps.day)
