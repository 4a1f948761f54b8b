-- marks.clock_days: at which hours and on which weekdays each customer began her orders, by day.
-- grain:  one row per customer and day on which an order began at a time of day
-- reads:  marks.order_states
-- Counts only grow, so who leads is found as in marks.category_days.
with begun as (
    select
        customer_key,
        day,
        hour(first_bought_at) as hour_of_day,
        isodow(first_bought_at) as weekday
    from marks.order_states
    where first_bought_at > date_trunc('day', first_bought_at)
),

counted as (
    select
        customer_key,
        day,
        'hour' as what,
        hour_of_day as place,
        count(*) as n
    from begun
    group by customer_key, day, hour_of_day
    union all
    select
        customer_key,
        day,
        'weekday' as what,
        weekday as place,
        count(*) as n
    from begun
    group by customer_key, day, weekday
),

grown as (
    select
        customer_key,
        day,
        what,
        place,
        n,
        sum(n) over (partition by customer_key, what, place order by day) as n_so_far
    from counted
),

compared as (
    select
        customer_key,
        day,
        what,
        place,
        n,
        n_so_far,
        max(n_so_far) over (partition by customer_key, what order by day) as n_at_top
    from grown
),

daily as (
    select
        customer_key,
        day,
        what,
        any_value(n_at_top) as n_at_top,
        min(place) filter (where n_so_far = n_at_top) as leader,
        sum(n) filter (where what = 'hour') as n_timed,
        sum(n) filter (where what = 'hour' and place < 6) as n_night,
        sum(n) filter (where what = 'hour' and place between 6 and 11) as n_morning,
        sum(n) filter (where what = 'hour' and place between 12 and 17) as n_afternoon
    from compared
    group by customer_key, day, what
),

led as (
    select
        *,
        min(leader) over (partition by customer_key, what, n_at_top order by day) as favourite
    from daily
)

select
    customer_key,
    day,
    cast(max(n_timed) as integer) as n_timed,
    cast(coalesce(max(n_night), 0) as integer) as n_night,
    cast(coalesce(max(n_morning), 0) as integer) as n_morning,
    cast(coalesce(max(n_afternoon), 0) as integer) as n_afternoon,
    max(favourite) filter (where what = 'hour') as favourite_hour,
    max(favourite) filter (where what = 'weekday') as favourite_weekday
from led
group by customer_key, day
