-- features.customer_temporal(as_of): a customer's rhythm, recent windows and their trend.
-- grain:  one row per customer with a purchase or refund on or before as_of (undated rows count)
-- reads:  core.transactions
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
with lines as (
    select
        customer_key,
        customer_id,
        source,
        order_id,
        purchased_on,
        purchased_at,
        amount,
        date_diff('day', purchased_on, $as_of) as days_ago
    from core.transactions
    where
        customer_key is not null
        and kind in ('purchase', 'refund')
        and (purchased_on <= $as_of or purchased_on is null)
),

days as (
    select
        customer_key,
        days_ago,
        any_value(customer_id) as customer_id,
        cast(sum(amount) as decimal(18, 2)) as net,
        cast(sum(amount) filter (where amount > 0) as decimal(18, 2)) as paid
    from lines
    group by customer_key, days_ago
),

gaps as (
    select
        customer_key,
        days_ago,
        lag(days_ago) over (partition by customer_key order by days_ago desc) - days_ago as gap
    from days
    where paid > 0 and days_ago is not null
),

rhythm as (
    select
        customer_key,
        max(days_ago) as lifetime,
        count(gap) as n,
        sum(gap) as gap_sum,
        sum(gap * gap) as squares_sum
    from gaps
    group by customer_key
),

spend as (
    select
        customer_key,
        any_value(customer_id) as customer_id,
        sum(case when days_ago < 7 then net when days_ago >= 7 then 0 end) as spend_7d,
        sum(case when days_ago < 30 then net when days_ago >= 30 then 0 end) as spend_30d,
        sum(case when days_ago < 60 then net when days_ago >= 60 then 0 end) as spend_60d,
        sum(case when days_ago < 90 then net when days_ago >= 90 then 0 end) as spend_90d,
        sum(case when days_ago < 180 then net when days_ago >= 180 then 0 end) as spend_180d,
        sum(case when days_ago < 90 then paid when days_ago < 180 then -paid end) as paid_change,
        sum(paid) filter (where days_ago < 180) as paid_180d
    from days
    group by customer_key
),

orders as (
    select
        customer_key,
        min(days_ago) filter (where amount > 0) as days_ago,
        min(purchased_on) filter (where amount > 0) as placed_on,
        min(purchased_at) filter (where amount > 0) as placed_at
    from lines
    where days_ago is not null
    group by customer_key, source, order_id
),

placed as (
    select
        customer_key,
        count(*) filter (where days_ago < 7) as orders_7d,
        count(*) filter (where days_ago < 30) as orders_30d,
        count(*) filter (where days_ago < 60) as orders_60d,
        count(*) filter (where days_ago < 90) as orders_90d,
        count(*) filter (where days_ago < 180) as orders_180d,
        count(placed_on) as n,
        count(*) filter (where isodow(placed_on) >= 6) as n_weekend,
        count(*) filter (where placed_at > date_trunc('day', placed_at)) as n_timed,
        count(*) filter (where hour(placed_at) >= 18) as n_evening
    from orders
    group by customer_key
)

select
    spend.customer_key,
    spend.customer_id,
    rhythm.lifetime as customer_lifetime_days,
    cast(rhythm.gap_sum as double) / nullif(rhythm.n, 0) as mean_gap_days,
    -- n * sum(x^2) - sum(x)^2 in whole days is exact: equal gaps give 0, not a rounding error.
    sqrt(
        cast(rhythm.n * rhythm.squares_sum - rhythm.gap_sum * rhythm.gap_sum as double)
        / nullif(rhythm.n * (rhythm.n - 1), 0)
    ) as std_gap_days,
    placed.orders_7d,
    cast(spend.spend_7d as decimal(18, 2)) as spend_7d,
    placed.orders_30d,
    cast(spend.spend_30d as decimal(18, 2)) as spend_30d,
    placed.orders_60d,
    cast(spend.spend_60d as decimal(18, 2)) as spend_60d,
    placed.orders_90d,
    cast(spend.spend_90d as decimal(18, 2)) as spend_90d,
    placed.orders_180d,
    cast(spend.spend_180d as decimal(18, 2)) as spend_180d,
    case
        when rhythm.lifetime >= 179
            then cast(spend.paid_change as double) / cast(spend.paid_180d as double)
    end as spend_trend,
    placed.n_weekend / nullif(placed.n, 0) as weekend_share,
    placed.n_evening / nullif(placed.n_timed, 0) as evening_share
from spend
left join rhythm on spend.customer_key = rhythm.customer_key
left join placed on spend.customer_key = placed.customer_key
