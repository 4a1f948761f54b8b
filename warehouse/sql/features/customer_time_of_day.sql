-- features.customer_time_of_day(as_of): at which hours and on which weekday a customer buys.
-- grain:  one row per customer with a purchase or refund on or before as_of (undated rows count)
-- reads:  core.customer_days
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
select
    customer_key,
    customer_id,
    cast(coalesce(n_timed_orders, 0) as bigint) as n_timed_orders,
    n_night_orders / nullif(n_timed_orders, 0) as night_share,
    n_morning_orders / nullif(n_timed_orders, 0) as morning_share,
    n_afternoon_orders / nullif(n_timed_orders, 0) as afternoon_share,
    favourite_weekday,
    favourite_hour
from core.customer_days
where
    known_from <= coalesce($as_of, date '0001-01-01')
    and known_until > coalesce($as_of, date '0001-01-01')
