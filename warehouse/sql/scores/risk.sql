-- scores.risk: how much of the book sits with each customer. Empty before a refresh.
-- grain:  one row per scored customer
-- reads:  nothing
-- columns:
--   customer_key  INTEGER  key
--   customer_id   VARCHAR  key as text
--   risk_band     VARCHAR  exposure by total spend: low, medium or high
--   model_id      VARCHAR  scores.model_runs.model_id
--   as_of         DATE     last day that the features saw
select
    cast(null as integer) as customer_key,
    cast(null as varchar) as customer_id,
    cast(null as varchar) as risk_band,
    cast(null as varchar) as model_id,
    cast(null as date) as as_of
where false
