-- features.customer_temporal(as_of): a customer's rhythm, recent windows and their trend.
-- grain:  one row per customer with a purchase or refund on or before as_of (undated rows count)
-- reads:  core.customer_days, steps.customer_windows
-- params: as_of DATE, the last day that counts; nothing later is read
-- A customer of an undated ledger has a row in which everything but the keys is NULL.
-- columns:
--   customer_key            INTEGER         key
--   customer_id             VARCHAR         key as text
--   customer_lifetime_days  BIGINT          [days] as_of minus the first purchase day
--   mean_gap_days           DOUBLE          [days] between purchase days; NULL below two of them
--   std_gap_days            DOUBLE          [days] sample deviation of gaps; NULL below two gaps
--   orders_7d               BIGINT          [orders] bought in the 7 days ending with as_of
--   spend_7d                DECIMAL(18,2)   [currency] net spend in the same days
--   orders_30d              BIGINT          [orders] the same for 30 days
--   spend_30d               DECIMAL(18,2)   [currency] the same for 30 days
--   orders_60d              BIGINT          [orders] the same for 60 days
--   spend_60d               DECIMAL(18,2)   [currency] the same for 60 days
--   orders_90d              BIGINT          [orders] the same for 90 days
--   spend_90d               DECIMAL(18,2)   [currency] the same for 90 days
--   orders_180d             BIGINT          [orders] the same for 180 days
--   spend_180d              DECIMAL(18,2)   [currency] the same for 180 days
--   spend_trend             DOUBLE          [ratio] (a - b) / (a + b), a the money paid in the last
--                                           90 days, b in the 90 before: -1 to 1; NULL if
--                                           both are 0 or lifetime is below 179 days
--   weekend_share           DOUBLE          [ratio] orders placed on a Saturday or Sunday
--   evening_share           DOUBLE          [ratio] orders placed at 18:00 or later, of those with
--                                           a time of day (not 00:00:00); NULL without one
with known as (
    select
        customer_key,
        customer_id,
        date_diff('day', first_bought_on, $as_of) as lifetime,
        cast(n_days_bought - 1 as bigint) as n_gaps,
        date_diff('day', first_bought_on, last_bought_on) as gap_sum,
        gap_squares,
        n_weekend_orders / nullif(n_dated_orders, 0) as weekend_share,
        (n_timed_orders - n_night_orders - n_morning_orders - n_afternoon_orders)
        / nullif(n_timed_orders, 0) as evening_share
    from core.customer_days
    where
        known_from <= coalesce($as_of, date '0001-01-01')
        and known_until > coalesce($as_of, date '0001-01-01')
)

select
    known.customer_key,
    known.customer_id,
    known.lifetime as customer_lifetime_days,
    cast(known.gap_sum as double) / nullif(known.n_gaps, 0) as mean_gap_days,
    -- n * sum(x^2) - sum(x)^2 in whole days is exact: equal gaps give 0, not a rounding error.
    sqrt(
        cast(known.n_gaps * known.gap_squares - known.gap_sum * known.gap_sum as double)
        / nullif(known.n_gaps * (known.n_gaps - 1), 0)
    ) as std_gap_days,
    windows.orders_7d,
    windows.spend_7d,
    windows.orders_30d,
    windows.spend_30d,
    windows.orders_60d,
    windows.spend_60d,
    windows.orders_90d,
    windows.spend_90d,
    windows.orders_180d,
    windows.spend_180d,
    case
        when known.lifetime >= 179
            then
                cast(2 * windows.paid_90d - windows.paid_180d as double)
                / nullif(cast(windows.paid_180d as double), 0)
    end as spend_trend,
    known.weekend_share,
    known.evening_share
from known
left join steps.customer_windows($as_of) as windows on known.customer_key = windows.customer_key
