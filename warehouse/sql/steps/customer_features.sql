-- steps.customer_features(as_of): what the four large feature views say, side by side.
-- grain:  one row per customer with a purchase or refund on or before as_of (undated rows count)
-- reads:  core.order_days, steps.customer_known, steps.superseded
-- params: as_of DATE, the last day that counts; nothing later is read
-- Who wants several of the views reads this: joins of rows as wide cost as much as all that is in
-- them. A window is what was known at as_of, less what was known on the day before the window.
-- columns:
--   customer_key            INTEGER        key
--   customer_id             VARCHAR        key as text
--   recency_days            BIGINT         [days] since the last purchase day; NULL if undated
--   frequency               BIGINT         [orders] distinct orders with a positive purchase
--   monetary                DECIMAL(18,2)  [currency] net sum of purchases and refunds
--   first_purchased_on      DATE           first day with a positive purchase
--   last_purchased_on       DATE           last day with a positive purchase
--   avg_order_value         DOUBLE         [currency] mean of positive order totals
--   max_order_value         DECIMAL(18,2)  [currency] largest positive order total
--   std_order_value         DOUBLE         [currency] their sample deviation; NULL below two
--   first_order_value       DECIMAL(18,2)  [currency] the earliest of them; NULL if undated
--   last_order_value        DECIMAL(18,2)  [currency] the latest of them; NULL if undated
--   total_quantity          DOUBLE         [units] on purchase lines; NULL if not known
--   avg_quantity            DOUBLE         [units] per order with a known quantity
--   refund_ratio            DOUBLE         [ratio] returned over paid; NULL without a purchase
--   avg_products_per_order  DOUBLE         [products] mean number of distinct products in an order
--   promo_usage_ratio       DOUBLE         [ratio] purchase lines on promotion; NULL if not known
--   n_merchants             BIGINT         [merchants] distinct; NULL if the source names none
--   n_categories            BIGINT         [categories] distinct; NULL if the source names none
--   n_products              BIGINT         [products] distinct; NULL if the source names none
--   top_category            VARCHAR        with the most money paid; of equals the first by name
--   top_category_share      DOUBLE         [ratio] its part of the money paid in any named category
--   customer_lifetime_days  BIGINT         [days] as_of minus the first purchase day
--   mean_gap_days           DOUBLE         [days] between purchase days; NULL below two of them
--   std_gap_days            DOUBLE         [days] sample deviation of gaps; NULL below two gaps
--   orders_7d               BIGINT         [orders] bought in the 7 days ending with as_of
--   spend_7d                DECIMAL(18,2)  [currency] net spend in the same days
--   orders_30d              BIGINT         [orders] the same for 30 days
--   spend_30d               DECIMAL(18,2)  [currency] the same for 30 days
--   orders_60d              BIGINT         [orders] the same for 60 days
--   spend_60d               DECIMAL(18,2)  [currency] the same for 60 days
--   orders_90d              BIGINT         [orders] the same for 90 days
--   spend_90d               DECIMAL(18,2)  [currency] the same for 90 days
--   orders_180d             BIGINT         [orders] the same for 180 days
--   spend_180d              DECIMAL(18,2)  [currency] the same for 180 days
--   spend_trend             DOUBLE         [ratio] (a - b) / (a + b), a the money paid in the last
--                                          90 days, b in the 90 before: -1 to 1; NULL if
--                                          both are 0 or lifetime is below 179 days
--   weekend_share           DOUBLE         [ratio] orders placed on a Saturday or Sunday
--   evening_share           DOUBLE         [ratio] orders placed at 18:00 or later, of those with
--                                          a time of day (not 00:00:00); NULL without one
with held as (
    select
        *, -- noqa: AM04
        n_dated_orders as n_orders,
        monetary as net,
        -- Lines without a day stand before every window, and customers with no other have none.
        case when known_from > date '0001-01-01' then date_diff('day', known_from, $as_of) end
            as age
    from steps.customer_known($as_of)
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
    -- No line within a window, nothing gained.
    select
        held.*, -- noqa: AM04
        case
            when held.age < 7 then held.n_orders - coalesce(w7.n_orders, 0)
            when held.age >= 7 then 0
        end as n_7d,
        case
            when held.age < 7 then held.net - coalesce(w7.net, 0)
            when held.age >= 7 then 0
        end as net_7d,
        case
            when held.age < 30 then held.n_orders - coalesce(w30.n_orders, 0)
            when held.age >= 30 then 0
        end as n_30d,
        case
            when held.age < 30 then held.net - coalesce(w30.net, 0)
            when held.age >= 30 then 0
        end as net_30d,
        case
            when held.age < 60 then held.n_orders - coalesce(w60.n_orders, 0)
            when held.age >= 60 then 0
        end as n_60d,
        case
            when held.age < 60 then held.net - coalesce(w60.net, 0)
            when held.age >= 60 then 0
        end as net_60d,
        case
            when held.age < 90 then held.n_orders - coalesce(w90.n_orders, 0)
            when held.age >= 90 then 0
        end as n_90d,
        case
            when held.age < 90 then held.net - coalesce(w90.net, 0)
            when held.age >= 90 then 0
        end as net_90d,
        case
            when held.age < 180 then held.n_orders - coalesce(w180.n_orders, 0)
            when held.age >= 180 then 0
        end as n_180d,
        case
            when held.age < 180 then held.net - coalesce(w180.net, 0)
            when held.age >= 180 then 0
        end as net_180d,
        case
            when held.age < 90 then held.paid - coalesce(w90.paid, 0)
            when held.age >= 90 then 0
        end as paid_90d,
        case
            when held.age < 180 then held.paid - coalesce(w180.paid, 0)
            when held.age >= 180 then 0
        end as paid_180d
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
    gained.customer_id,
    gained.recency_days,
    gained.frequency,
    gained.monetary,
    gained.first_purchased_on,
    gained.last_purchased_on,
    gained.avg_order_value,
    gained.max_order_value,
    gained.std_order_value,
    gained.first_order_value,
    gained.last_order_value,
    gained.total_quantity,
    gained.avg_quantity,
    gained.refund_ratio,
    gained.avg_products_per_order,
    gained.promo_usage_ratio,
    gained.n_merchants,
    gained.n_categories,
    gained.n_products,
    gained.top_category,
    gained.top_category_share,
    gained.customer_lifetime_days,
    gained.mean_gap_days,
    gained.std_gap_days,
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
    case
        when gained.customer_lifetime_days >= 179
            then
                cast(2 * gained.paid_90d - gained.paid_180d as double)
                / nullif(cast(gained.paid_180d as double), 0)
    end as spend_trend,
    gained.weekend_share,
    gained.evening_share
from gained
left join again on gained.customer_key = again.customer_key
