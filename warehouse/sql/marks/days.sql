-- marks.days: what each day added to what was known of a customer.
-- grain:  one row per customer and day with a line
-- reads:  marks.order_states, marks.known
-- Where marks are continued, the day of marks.known stands for all days until then: what cannot be
-- told without these is taken from there.
with added as (
    -- Narrow types: sums run over them.
    select
        customer_key,
        day,
        count(paid) > 0 and day > date '0001-01-01' as is_bought,
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
        cast(sum(coalesce(products, 0) - coalesce(products_before, 0)) as bigint) as products
    from marks.order_states
    group by customer_key, day
),

dated as (
    select
        added.* exclude (added.is_bought),
        known.first_bought_on as first_known_on,
        known.n_days_bought as n_days_known,
        known.gap_squares as gap_squares_known,
        known.n_weekend_orders as n_weekend_known,
        case
            when known.known_from is not null then known.last_bought_on
            when added.is_bought then added.day
        end as bought_on
    from added
    left join marks.known as known
        on added.customer_key = known.customer_key and added.day = known.known_from
),

timed as (
    select
        *,
        date_diff(
            'day',
            lag(bought_on ignore nulls) over (partition by customer_key order by day),
            bought_on
        ) as gap_days
    from dated
)

select
    * exclude ( -- noqa: AM04
        first_known_on, n_days_known, gap_squares_known, n_weekend_known, gap_days, bought_on
    ),
    coalesce(first_known_on, bought_on) as first_bought_on,
    bought_on as last_bought_on,
    coalesce(n_days_known, cast(bought_on is not null as integer)) as n_days_bought,
    coalesce(gap_squares_known, gap_days * gap_days) as gap_squares,
    coalesce(n_weekend_known, case when isodow(day) >= 6 then n_dated else 0 end) as n_weekend
from timed
