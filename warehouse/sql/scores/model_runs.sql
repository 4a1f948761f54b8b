-- scores.model_runs: which model answers each question, and why. Empty before a refresh.
-- grain:  one row per model that serves
-- reads:  nothing
-- columns:
--   model_id        VARCHAR    key
--   question        VARCHAR    spend, churn, risk, high_spend, high_spenders, amount, clusters or
--                              forecast
--   champion        VARCHAR    name of the candidate that serves
--   why             VARCHAR    the reason in a sentence
--   as_of           DATE       last day that the features saw
--   trained_on      VARCHAR    cutoffs of the training frames, as text
--   n_rows          BIGINT     [rows] in training
--   horizon_days    INTEGER    [days] length of the horizon
--   enough_history  BOOLEAN    false: too few buyers or days to judge
--   note            VARCHAR    what a reader should know; NULL if nothing
--   created_at      TIMESTAMP  UTC
select
    cast(null as varchar) as model_id,
    cast(null as varchar) as question,
    cast(null as varchar) as champion,
    cast(null as varchar) as why,
    cast(null as date) as as_of,
    cast(null as varchar) as trained_on,
    cast(null as bigint) as n_rows,
    cast(null as integer) as horizon_days,
    cast(null as boolean) as enough_history,
    cast(null as varchar) as note,
    cast(null as timestamp) as created_at
where false
