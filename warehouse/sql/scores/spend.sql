-- scores.spend: what each customer is expected to spend in the horizon. Empty before a refresh.
-- grain:  one row per scored customer
-- reads:  nothing
-- columns:
--   customer_key    INTEGER        key
--   customer_id     VARCHAR        key as text
--   expected_spend  DECIMAL(18,2)  [currency] over the horizon, never negative
--   upper_95        DECIMAL(18,2)  [currency] at most, with 95 % probability; NULL if not known
--   value_band      VARCHAR        low, medium or high expected spend
--   model_id        VARCHAR        scores.model_runs.model_id
--   as_of           DATE           last day that the features saw
select
    cast(null as integer) as customer_key,
    cast(null as varchar) as customer_id,
    cast(null as decimal(18, 2)) as expected_spend,
    cast(null as decimal(18, 2)) as upper_95,
    cast(null as varchar) as value_band,
    cast(null as varchar) as model_id,
    cast(null as date) as as_of
where false
