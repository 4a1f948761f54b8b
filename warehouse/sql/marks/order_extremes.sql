-- marks.order_extremes: the largest, first and last order value of each customer, by day.
-- grain:  one row per customer and day on which an order of some value changed or held
-- reads:  marks.order_states
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
        customer_key,
        day,
        max(order_value) as largest,
        min(place_and_value) as first_placed,
        max(place_and_value) as last_placed
    from placed
    where until_day = date '9999-12-31'
    group by customer_key, day
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
