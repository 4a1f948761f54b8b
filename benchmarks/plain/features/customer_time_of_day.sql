-- features.customer_time_of_day(as_of): at which hours and on which weekday a customer buys.
-- grain:  one row per customer with a purchase or refund on or before as_of (undated rows count)
-- reads:  core.transactions
-- params: as_of DATE, the last day that counts; nothing later is read
-- An order counts once, when its first purchase was made; midnight sharp is a date without a time.
-- Without an order that has a time of day, everything but the keys and the count is NULL.
-- columns:
--   customer_key       INTEGER  key
--   customer_id        VARCHAR  key as text
--   n_timed_orders     BIGINT   [orders] with a time of day
--   night_share        DOUBLE   [ratio] of them before 06:00
--   morning_share      DOUBLE   [ratio] of them from 06:00 on
--   afternoon_share    DOUBLE   [ratio] of them from 12:00 to 18:00; later: customer_temporal
--   favourite_weekday  BIGINT   with the most of them: 1 is Monday; the first of equals
--   favourite_hour     BIGINT   with the most of them: 0 to 23; the first of equals
with orders as (
    select
        customer_key,
        any_value(customer_id) as customer_id,
        min(purchased_at) filter (where amount > 0) as placed_at
    from core.transactions
    where
        customer_key is not null
        and kind in ('purchase', 'refund')
        and (purchased_on <= $as_of or purchased_on is null)
    group by customer_key, source, order_id
),

timed as (
    select
        customer_key,
        customer_id,
        case when placed_at > date_trunc('day', placed_at) then placed_at end as placed_at
    from orders
),

cells as (
    select
        customer_key,
        any_value(customer_id) as customer_id,
        isodow(placed_at) as day_of_week,
        hour(placed_at) as hour_of_day,
        count(placed_at) as n
    from timed
    group by customer_key, day_of_week, hour_of_day
),

weekdays as (
    select
        customer_key,
        arg_max(day_of_week, n * 7 - day_of_week) as favourite_weekday
    from (
        select
            customer_key,
            day_of_week,
            sum(n) as n
        from cells
        group by customer_key, day_of_week
    ) as counted
    group by customer_key
),

hours as (
    select
        customer_key,
        any_value(customer_id) as customer_id,
        sum(n) as n,
        coalesce(sum(n) filter (where hour_of_day < 6), 0) as n_night,
        coalesce(sum(n) filter (where hour_of_day between 6 and 11), 0) as n_morning,
        coalesce(sum(n) filter (where hour_of_day between 12 and 17), 0) as n_afternoon,
        arg_max(hour_of_day, n * 24 - hour_of_day) as favourite_hour
    from (
        select
            customer_key,
            hour_of_day,
            any_value(customer_id) as customer_id,
            sum(n) as n
        from cells
        group by customer_key, hour_of_day
    ) as counted
    group by customer_key
)

select
    hours.customer_key,
    hours.customer_id,
    cast(hours.n as bigint) as n_timed_orders,
    hours.n_night / nullif(hours.n, 0) as night_share,
    hours.n_morning / nullif(hours.n, 0) as morning_share,
    hours.n_afternoon / nullif(hours.n, 0) as afternoon_share,
    weekdays.favourite_weekday,
    hours.favourite_hour
from hours
inner join weekdays on hours.customer_key = weekdays.customer_key
