-- features.customer_temporal(as_of): a customer's rhythm, recent windows and their trend.
-- grain:  one row per customer with a purchase or refund on or before as_of (undated rows count)
-- reads:  steps.customer_features
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
select
    customer_key,
    customer_id,
    customer_lifetime_days,
    mean_gap_days,
    std_gap_days,
    orders_7d,
    spend_7d,
    orders_30d,
    spend_30d,
    orders_60d,
    spend_60d,
    orders_90d,
    spend_90d,
    orders_180d,
    spend_180d,
    spend_trend,
    weekend_share,
    evening_share
from steps.customer_features($as_of)
