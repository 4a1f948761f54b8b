-- steps.customer_windows(as_of): what each customer did in the windows that end with as_of.
-- grain:  one row per customer with a dated purchase or refund on or before as_of
-- reads:  core.customer_days, core.order_days
-- params: as_of DATE, the last day that counts; nothing later is read
-- What was known at as_of less what was known at the end of the day before the window.
-- columns:
--   customer_key  INTEGER         key
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
with known as (
    select
        customer_key,
        cast(n_dated_orders as bigint) as n_orders,
        net,
        coalesce(paid, 0) as paid
    from core.customer_days
    where known_from <= $as_of and known_until > $as_of and known_from > date '0001-01-01'
),

earlier as (
    -- Rows that held on the day before a window, and how long before as_of they began and ended.
    select
        customer_key,
        n_dated_orders,
        net,
        paid,
        date_diff('day', known_from, $as_of) as begun,
        date_diff('day', known_until, $as_of) as ended
    from core.customer_days
    where known_from <= $as_of - 7 and known_until > $as_of - 180
),

before as (
    select
        customer_key,
        max(n_dated_orders) filter (where begun >= 7 and ended < 7) as orders_7d,
        max(net) filter (where begun >= 7 and ended < 7) as net_7d,
        max(n_dated_orders) filter (where begun >= 30 and ended < 30) as orders_30d,
        max(net) filter (where begun >= 30 and ended < 30) as net_30d,
        max(n_dated_orders) filter (where begun >= 60 and ended < 60) as orders_60d,
        max(net) filter (where begun >= 60 and ended < 60) as net_60d,
        max(n_dated_orders) filter (where begun >= 90 and ended < 90) as orders_90d,
        max(net) filter (where begun >= 90 and ended < 90) as net_90d,
        max(paid) filter (where begun >= 90 and ended < 90) as paid_90d,
        max(n_dated_orders) filter (where begun >= 180 and ended < 180) as orders_180d,
        max(net) filter (where begun >= 180 and ended < 180) as net_180d,
        max(paid) filter (where begun >= 180 and ended < 180) as paid_180d
    from earlier
    group by customer_key
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
)

select
    known.customer_key,
    known.n_orders - coalesce(before.orders_7d, 0) + coalesce(again.n_7d, 0) as orders_7d,
    cast(known.net - coalesce(before.net_7d, 0) as decimal(18, 2)) as spend_7d,
    known.n_orders - coalesce(before.orders_30d, 0) + coalesce(again.n_30d, 0) as orders_30d,
    cast(known.net - coalesce(before.net_30d, 0) as decimal(18, 2)) as spend_30d,
    known.n_orders - coalesce(before.orders_60d, 0) + coalesce(again.n_60d, 0) as orders_60d,
    cast(known.net - coalesce(before.net_60d, 0) as decimal(18, 2)) as spend_60d,
    known.n_orders - coalesce(before.orders_90d, 0) + coalesce(again.n_90d, 0) as orders_90d,
    cast(known.net - coalesce(before.net_90d, 0) as decimal(18, 2)) as spend_90d,
    known.n_orders - coalesce(before.orders_180d, 0) + coalesce(again.n_180d, 0) as orders_180d,
    cast(known.net - coalesce(before.net_180d, 0) as decimal(18, 2)) as spend_180d,
    cast(known.paid - coalesce(before.paid_90d, 0) as decimal(18, 2)) as paid_90d,
    cast(known.paid - coalesce(before.paid_180d, 0) as decimal(18, 2)) as paid_180d
from known
left join before on known.customer_key = before.customer_key
left join again on known.customer_key = again.customer_key
