-- marks.order_extremes: the largest, first and last order value of each customer, by day.
-- grain:  one row per customer and day on which an order of some value changed or held
-- reads:  marks.order_states, marks.known, marks.touched
-- Most orders stay as they are: of them the day says what it brought, and running maxima say the
-- rest. An order that changes later (a refund under its id) has its earlier value only until then,
-- and is looked up for those days; these columns begin with passing_. First and last are the place
-- in time of an order, and behind it, in the lower 64 bits, its value in cents.
with placed as (
    select
        customer_key,
        day,
        until_day,
        order_value,
        case
            when placed_at is not null
                then
                    18446744073709551616 * cast(
                        dense_rank() over (
                            partition by customer_key order by placed_at, source, order_id
                        ) as hugeint
                    ) + cents
        end as place_and_value
    from marks.order_states
    where order_value is not null
),

settled as (
    select
        placed.customer_key,
        -- Of what is marked already there is one row.
        greatest(placed.day, touched.marked_until) as day,
        max(placed.order_value) as largest,
        min(placed.place_and_value) as first_placed,
        max(placed.place_and_value) as last_placed
    from placed
    inner join marks.touched as touched on placed.customer_key = touched.customer_key
    where placed.until_day = date '9999-12-31'
    group by placed.customer_key, greatest(placed.day, touched.marked_until)
    union all
    -- What is marked lies before all that is added: its place is 0.
    select
        known.customer_key,
        known.known_from as day,
        known.max_order_value as largest,
        cast(cast(known.first_order_value as decimal(20, 2)) * 100 as hugeint) as first_placed,
        cast(cast(known.last_order_value as decimal(20, 2)) * 100 as hugeint) as last_placed
    from marks.known as known
    inner join marks.touched as touched on known.customer_key = touched.customer_key
    where not touched.is_gone_on
),

days as (
    select distinct
        customer_key,
        day
    from marks.order_states
    where customer_key in (
        select placed.customer_key
        from placed
        where placed.until_day < date '9999-12-31'
    )
),

passing as (
    select
        days.customer_key,
        days.day,
        max(placed.order_value) as passing_largest,
        min(placed.place_and_value) as passing_first,
        max(placed.place_and_value) as passing_last
    from placed
    inner join days
        on
            placed.customer_key = days.customer_key
            and placed.day <= days.day
            and placed.until_day > days.day
    where placed.until_day < date '9999-12-31'
    group by days.customer_key, days.day
)

select
    coalesce(settled.customer_key, passing.customer_key) as customer_key,
    coalesce(settled.day, passing.day) as day,
    settled.largest,
    settled.first_placed,
    settled.last_placed,
    passing.passing_largest,
    passing.passing_first,
    passing.passing_last
from settled
full join passing on settled.customer_key = passing.customer_key and settled.day = passing.day
