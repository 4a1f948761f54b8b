-- marks.order_extremes: the largest, first and last order value of each customer, by day.
-- grain:  one row per customer and day with a line
-- reads:  marks.order_states
-- Most orders stay as they are: for them a running maximum does. An order that changes later (a
-- refund under its id) has its earlier value only until then, and is looked up for those days.
with placed as (
    select
        customer_key,
        day,
        until_day,
        order_value,
        case
            when placed_at is not null
                then
                    dense_rank() over (
                        partition by customer_key order by placed_at, source, order_id
                    )
        end as place
    from marks.order_states
    where order_value is not null
),

days as (
    select distinct
        customer_key,
        day
    from marks.order_states
),

settled as (
    select
        customer_key,
        day,
        max(order_value) as largest,
        min(place) as first_place,
        arg_min(order_value, place) as first_value,
        max(place) as last_place,
        arg_max(order_value, place) as last_value
    from placed
    where until_day = date '9999-12-31'
    group by customer_key, day
),

passing as (
    select
        days.customer_key,
        days.day,
        max(placed.order_value) as largest,
        min(placed.place) as first_place,
        arg_min(placed.order_value, placed.place) as first_value,
        max(placed.place) as last_place,
        arg_max(placed.order_value, placed.place) as last_value
    from placed
    inner join days
        on
            placed.customer_key = days.customer_key
            and placed.day <= days.day
            and placed.until_day > days.day
    where placed.until_day < date '9999-12-31'
    group by days.customer_key, days.day
),

running as (
    select
        days.customer_key,
        days.day,
        max(settled.largest) over by_day as largest,
        min(settled.first_place) over by_day as first_place,
        arg_min(settled.first_value, settled.first_place) over by_day as first_value,
        max(settled.last_place) over by_day as last_place,
        arg_max(settled.last_value, settled.last_place) over by_day as last_value
    from days
    left join settled on days.customer_key = settled.customer_key and days.day = settled.day
    window by_day as (partition by days.customer_key order by days.day)
)

select
    running.customer_key,
    running.day,
    greatest(running.largest, passing.largest) as max_order_value,
    case
        when passing.first_place < running.first_place or running.first_place is null
            then passing.first_value
        else running.first_value
    end as first_order_value,
    case
        when passing.last_place > running.last_place or running.last_place is null
            then passing.last_value
        else running.last_value
    end as last_order_value
from running
left join passing on running.customer_key = passing.customer_key and running.day = passing.day
