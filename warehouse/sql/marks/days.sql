-- marks.days: what each day added to what was known of a customer.
-- grain:  one row per customer and day with a line; where marks are continued, one for all that is
--         marked, and the days behind it
-- reads:  marks.order_states, marks.known
with added as (
    -- Narrow types: sums run over them.
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
        sum(coalesce(cents * cents, 0) - coalesce(cents_before * cents_before, 0))
            as order_value_squares,
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
        order_value_squares,
        n_orders_with_products,
        products,
        first_bought_on,
        last_bought_on,
        n_days_bought,
        gap_squares,
        n_weekend_orders
    from marks.known
),

timed as (
    select
        *,
        date_diff(
            'day',
            lag(last_bought_on ignore nulls) over (partition by customer_key order by day),
            last_bought_on
        ) as gap_days
    from days
)

select
    * exclude (gap_days, gap_squares), -- noqa: AM04
    coalesce(gap_squares, gap_days * gap_days) as gap_squares
from timed
