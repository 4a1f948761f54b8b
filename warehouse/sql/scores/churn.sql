-- scores.churn: how likely each customer is to buy nothing in the horizon. Empty before a refresh.
-- grain:  one row per scored customer
-- reads:  nothing
-- columns:
--   customer_key  INTEGER  key
--   customer_id   VARCHAR  key as text
--   churn_risk    DOUBLE   [probability] of no purchase in the horizon, 0 to 1
--   churn_band    VARCHAR  low or high
--   model_id      VARCHAR  scores.model_runs.model_id
--   as_of         DATE     last day that the features saw
select
    cast(null as integer) as customer_key,
    cast(null as varchar) as customer_id,
    cast(null as double) as churn_risk,
    cast(null as varchar) as churn_band,
    cast(null as varchar) as model_id,
    cast(null as date) as as_of
where false
