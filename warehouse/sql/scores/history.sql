-- scores.history: what was said of each customer at the last 13 month-ends. Empty before a refresh.
-- grain:  one row per as-of date and scored customer
-- reads:  nothing
-- Of a month the last as-of date is kept, and always the one that was scored last; what becomes of
-- all of them together is kept for ever in scores.history_totals and scores.migration.
-- columns:
--   as_of           DATE           key: last day that the features saw; NULL in an undated ledger
--   customer_key    INTEGER        key, with as_of
--   customer_id     VARCHAR        the same as text
--   expected_spend  DECIMAL(18,2)  [currency] over the horizon, as it was said then; NULL if not
--   value_band      VARCHAR        low, medium or high expected spend
--   churn_risk      DOUBLE         [probability] of no purchase in the horizon
--   churn_band      VARCHAR        low or high
--   risk_band       VARCHAR        exposure by total spend: low, medium or high
--   cluster         INTEGER        number of the cluster
--   persona         VARCHAR        slug of its persona
--   model_id        VARCHAR        of expected_spend; where there is none of the next score
--   horizon_days    INTEGER        [days] that expected_spend and churn_risk cover
--   generation      INTEGER        number of the generation that said so
select
    cast(null as date) as as_of,
    cast(null as integer) as customer_key,
    cast(null as varchar) as customer_id,
    cast(null as decimal(18, 2)) as expected_spend,
    cast(null as varchar) as value_band,
    cast(null as double) as churn_risk,
    cast(null as varchar) as churn_band,
    cast(null as varchar) as risk_band,
    cast(null as integer) as cluster,
    cast(null as varchar) as persona,
    cast(null as varchar) as model_id,
    cast(null as integer) as horizon_days,
    cast(null as integer) as generation
where false
