-- marks.clock_days: at which hours and on which weekdays each customer began her orders, by day.
-- grain:  one row per customer and day on which an order began at a time of day
-- reads:  marks.order_states, marks.known, marks.earlier
-- Counts only grow. So of all counts there have been the largest stands, and of those as large the
-- first hour: a running maximum of 32 * count + 31 - hour says both. Weekdays likewise.
with orders as (
    select
        customer_key,
        day,
        first_bought_at
    from marks.order_states
    where is_added
    union all
    select
        earlier.customer_key,
        known.known_from as day,
        min(earlier.purchased_at) as first_bought_at
    from marks.earlier as earlier
    inner join marks.known as known on earlier.customer_key = known.customer_key
    where earlier.purchased_at is not null and earlier.amount > 0
    group by earlier.customer_key, known.known_from, earlier.source, earlier.order_id
),

begun as (
    select
        customer_key,
        day,
        cast(hour(first_bought_at) as utinyint) as hour_of_day,
        cast(isodow(first_bought_at) as utinyint) as weekday
    from orders
    where first_bought_at > date_trunc('day', first_bought_at)
),

counted as (
    select
        customer_key,
        day,
        hour_of_day,
        weekday,
        row_number() over (partition by customer_key, hour_of_day order by day) as n_at_hour,
        row_number() over (partition by customer_key, weekday order by day) as n_on_weekday
    from begun
)

select
    customer_key,
    day,
    cast(count(*) as integer) as n_timed,
    cast(count(*) filter (where hour_of_day < 6) as integer) as n_night,
    cast(count(*) filter (where hour_of_day between 6 and 11) as integer) as n_morning,
    cast(count(*) filter (where hour_of_day between 12 and 17) as integer) as n_afternoon,
    max(32 * n_at_hour + 31 - hour_of_day) as top_hour,
    max(32 * n_on_weekday + 31 - weekday) as top_weekday
from counted
group by customer_key, day
