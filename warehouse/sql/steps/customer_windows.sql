-- steps.customer_windows(as_of): what each customer did in the windows that end with as_of.
-- grain:  one row per customer with a dated purchase or refund on or before as_of
-- reads:  core.customer_days, core.order_days, steps.superseded
-- params: as_of DATE, the last day that counts; nothing later is read
-- What was known at as_of less what was known at the end of the day before the window.
-- columns:
--   customer_key INTEGER         key
--   orders_7d    BIGINT          [orders] bought in the 7 days ending with as_of
--   spend_7d     DECIMAL(18,2)   [currency] net spend in the same days
--   orders_30d   BIGINT          [orders] the same for 30 days
--   spend_30d    DECIMAL(18,2)   [currency] net spend in the same days
--   orders_60d   BIGINT          [orders] the same for 60 days
--   spend_60d    DECIMAL(18,2)   [currency] net spend in the same days
--   orders_90d   BIGINT          [orders] the same for 90 days
--   spend_90d    DECIMAL(18,2)   [currency] net spend in the same days
--   orders_180d  BIGINT          [orders] the same for 180 days
--   spend_180d   DECIMAL(18,2)   [currency] net spend in the same days
--   paid_90d     DECIMAL(18,2)   [currency] positive purchases in the same days
--   paid_180d    DECIMAL(18,2)   [currency] positive purchases in the same days
with held as (
    select
        customer_key,
        date_diff('day', known_from, $as_of) as age,
        cast(n_dated_orders as bigint) as n_orders,
        net,
        coalesce(paid, 0) as paid
    from core.customer_days
    where known_from <= $as_of and known_until > $as_of and known_from > date '0001-01-01'
),

again as (
    -- Orders begun before a window and bought once more within it.
    select
        customer_key,
        count(*) filter (where begun_on <= $as_of - 7 and bought_on > $as_of - 7) as n_7d,
        count(*) filter (where begun_on <= $as_of - 30 and bought_on > $as_of - 30) as n_30d,
        count(*) filter (where begun_on <= $as_of - 60 and bought_on > $as_of - 60) as n_60d,
        count(*) filter (where begun_on <= $as_of - 90 and bought_on > $as_of - 90) as n_90d,
        count(*) filter (where begun_on <= $as_of - 180 and bought_on > $as_of - 180) as n_180d
    from core.order_days
    where bought_on <= $as_of and bought_until > $as_of
    group by customer_key
),

gained as (
    -- Less what was known on the day before each window; no line within it, nothing gained.
    select
        held.customer_key,
        case when held.age < 7 then held.n_orders - coalesce(w7.n_orders, 0) else 0 end as n_7d,
        case when held.age < 7 then held.net - coalesce(w7.net, 0) else 0 end as net_7d,
        case when held.age < 30 then held.n_orders - coalesce(w30.n_orders, 0) else 0 end as n_30d,
        case when held.age < 30 then held.net - coalesce(w30.net, 0) else 0 end as net_30d,
        case when held.age < 60 then held.n_orders - coalesce(w60.n_orders, 0) else 0 end as n_60d,
        case when held.age < 60 then held.net - coalesce(w60.net, 0) else 0 end as net_60d,
        case when held.age < 90 then held.n_orders - coalesce(w90.n_orders, 0) else 0 end as n_90d,
        case when held.age < 90 then held.net - coalesce(w90.net, 0) else 0 end as net_90d,
        case when held.age < 180 then held.n_orders - coalesce(w180.n_orders, 0) else 0 end
            as n_180d,
        case when held.age < 180 then held.net - coalesce(w180.net, 0) else 0 end as net_180d,
        case when held.age < 90 then held.paid - coalesce(w90.paid, 0) else 0 end as paid_90d,
        case when held.age < 180 then held.paid - coalesce(w180.paid, 0) else 0 end as paid_180d
    from held
    left join steps.superseded($as_of - 7, $as_of) as w7 on held.customer_key = w7.customer_key
    left join steps.superseded($as_of - 30, $as_of) as w30 on held.customer_key = w30.customer_key
    left join steps.superseded($as_of - 60, $as_of) as w60 on held.customer_key = w60.customer_key
    left join steps.superseded($as_of - 90, $as_of) as w90 on held.customer_key = w90.customer_key
    left join steps.superseded($as_of - 180, $as_of) as w180
        on held.customer_key = w180.customer_key
)

select
    gained.customer_key,
    gained.n_7d + coalesce(again.n_7d, 0) as orders_7d,
    cast(gained.net_7d as decimal(18, 2)) as spend_7d,
    gained.n_30d + coalesce(again.n_30d, 0) as orders_30d,
    cast(gained.net_30d as decimal(18, 2)) as spend_30d,
    gained.n_60d + coalesce(again.n_60d, 0) as orders_60d,
    cast(gained.net_60d as decimal(18, 2)) as spend_60d,
    gained.n_90d + coalesce(again.n_90d, 0) as orders_90d,
    cast(gained.net_90d as decimal(18, 2)) as spend_90d,
    gained.n_180d + coalesce(again.n_180d, 0) as orders_180d,
    cast(gained.net_180d as decimal(18, 2)) as spend_180d,
    cast(gained.paid_90d as decimal(18, 2)) as paid_90d,
    cast(gained.paid_180d as decimal(18, 2)) as paid_180d
from gained
left join again on gained.customer_key = again.customer_key
