-- marts.customers: everything known about each customer, one wide row.
-- grain:  one row per customer, in the order of customer_key
-- reads:  core.customers, marts.about, steps.customer_features, features.custom, scores.spend,
--         scores.churn, scores.risk, scores.clusters
-- params: as_of DATE, the last day that features see
-- more:   columns of the workspace's own feature views follow, see marts.custom_columns, and
--         further columns of customers files under their own names, see marts.attributes
-- columns:
--   customer_key            INTEGER         key, dense
--   customer_id             VARCHAR         key as text, the source's
--   name                    VARCHAR         personal: leaves only when named
--   email                   VARCHAR         personal: leaves only when named
--   phone                   VARCHAR         personal: leaves only when named
--   age                     INTEGER         [years]
--   gender                  VARCHAR         as the source writes it
--   home_city               VARCHAR         where she lives; marts.purchases.city is where she buys
--   home_country            VARCHAR         where she lives
--   location                VARCHAR         of sources that know no city
--   consent                 BOOLEAN         agreed to marketing; NULL is not known
--   suppressed              BOOLEAN         never to be contacted
--   opening_balance         DECIMAL(18,2)   [currency]
--   credit_limit            DECIMAL(18,2)   [currency]
--   support_tickets         INTEGER         [tickets]
--   recency_days            BIGINT          [days] features.customer_rfm
--   frequency               BIGINT          [orders] the same; 0 without a transaction by as_of
--   monetary                DECIMAL(18,2)   [currency] the same; 0 without a transaction by as_of
--   first_purchased_on      DATE            the same
--   last_purchased_on       DATE            the same
--   avg_order_value         DOUBLE          [currency] features.customer_behaviour
--   max_order_value         DECIMAL(18,2)   [currency] the same
--   std_order_value         DOUBLE          [currency] the same
--   first_order_value       DECIMAL(18,2)   [currency] the same
--   last_order_value        DECIMAL(18,2)   [currency] the same
--   total_quantity          DOUBLE          [units] the same
--   avg_quantity            DOUBLE          [units] the same
--   refund_ratio            DOUBLE          [ratio] the same
--   avg_products_per_order  DOUBLE          [products] features.customer_diversity
--   promo_usage_ratio       DOUBLE          [ratio] the same
--   n_merchants             BIGINT          [merchants] the same
--   n_categories            BIGINT          [categories] the same
--   n_products              BIGINT          [products] the same
--   top_category            VARCHAR         the same
--   top_category_share      DOUBLE          [ratio] the same
--   customer_lifetime_days  BIGINT          [days] features.customer_temporal
--   mean_gap_days           DOUBLE          [days] the same
--   std_gap_days            DOUBLE          [days] the same
--   orders_7d               BIGINT          [orders] the same; 0 without a transaction by as_of
--   spend_7d                DECIMAL(18,2)   [currency] the same; 0 without a transaction by as_of
--   orders_30d              BIGINT          [orders] as orders_7d
--   spend_30d               DECIMAL(18,2)   [currency] as spend_7d
--   orders_60d              BIGINT          [orders] as orders_7d
--   spend_60d               DECIMAL(18,2)   [currency] as spend_7d
--   orders_90d              BIGINT          [orders] as orders_7d
--   spend_90d               DECIMAL(18,2)   [currency] as spend_7d
--   orders_180d             BIGINT          [orders] as orders_7d
--   spend_180d              DECIMAL(18,2)   [currency] as spend_7d
--   spend_trend             DOUBLE          [ratio] features.customer_temporal
--   weekend_share           DOUBLE          [ratio] the same
--   evening_share           DOUBLE          [ratio] the same
--   expected_spend          DECIMAL(18,2)   [currency] scores.spend; NULL if not scored, as below
--   upper_95                DECIMAL(18,2)   [currency] at most, with 95 % probability; or NULL
--   value_band              VARCHAR         the same
--   churn_risk              DOUBLE          [probability] scores.churn
--   churn_band              VARCHAR         the same
--   risk_band               VARCHAR         scores.risk
--   cluster                 INTEGER         scores.clusters
--   persona                 VARCHAR         the same
--   pca_1                   DOUBLE          the same
--   pca_2                   DOUBLE          the same
with history as (
    -- What a customer without a transaction has: nothing bought, unless nobody has any.
    select
        case when has_transactions then 0 end as no_orders,
        case when has_transactions then cast(0 as decimal(18, 2)) end as no_spend,
        case when has_dates then 0 end as no_orders_lately,
        case when has_dates then cast(0 as decimal(18, 2)) end as no_spend_lately
    from marts.about
),

-- What is left beside the key are columns whose names only the customers files know.
attributes as (
    select
        * exclude (
            customer_id, name, email, phone, age, gender, city, country, location, consent,
            suppressed, opening_balance, credit_limit, support_tickets, load_id
        )
    from core.customers
)

select
    known.customer_key,
    known.customer_id,
    known.name,
    known.email,
    known.phone,
    known.age,
    known.gender,
    known.city as home_city,
    known.country as home_country,
    known.location,
    known.consent,
    known.suppressed,
    known.opening_balance,
    known.credit_limit,
    known.support_tickets,
    seen.* exclude (seen.customer_key, seen.customer_id) replace ( -- noqa: AM04
        coalesce(seen.frequency, history.no_orders) as frequency,
        coalesce(seen.monetary, history.no_spend) as monetary,
        coalesce(seen.orders_7d, history.no_orders_lately) as orders_7d,
        coalesce(seen.spend_7d, history.no_spend_lately) as spend_7d,
        coalesce(seen.orders_30d, history.no_orders_lately) as orders_30d,
        coalesce(seen.spend_30d, history.no_spend_lately) as spend_30d,
        coalesce(seen.orders_60d, history.no_orders_lately) as orders_60d,
        coalesce(seen.spend_60d, history.no_spend_lately) as spend_60d,
        coalesce(seen.orders_90d, history.no_orders_lately) as orders_90d,
        coalesce(seen.spend_90d, history.no_spend_lately) as spend_90d,
        coalesce(seen.orders_180d, history.no_orders_lately) as orders_180d,
        coalesce(seen.spend_180d, history.no_spend_lately) as spend_180d
    ),
    spend.expected_spend,
    spend.upper_95,
    spend.value_band,
    churn.churn_risk,
    churn.churn_band,
    risk.risk_band,
    clusters.cluster,
    clusters.persona,
    clusters.pca_1,
    clusters.pca_2,
    custom.* exclude (custom.customer_key, custom.customer_id),
    attributes.* exclude (attributes.customer_key)
from core.customers as known
cross join history
left join steps.customer_features($as_of) as seen on known.customer_key = seen.customer_key
left join features.custom($as_of) as custom on known.customer_key = custom.customer_key
left join scores.spend as spend on known.customer_key = spend.customer_key
left join scores.churn as churn on known.customer_key = churn.customer_key
left join scores.risk as risk on known.customer_key = risk.customer_key
left join scores.clusters as clusters on known.customer_key = clusters.customer_key
left join attributes on known.customer_key = attributes.customer_key
order by known.customer_key
