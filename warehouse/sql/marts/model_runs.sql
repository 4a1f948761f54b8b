-- marts.model_runs: which model answers each question, and why.
-- grain:  one row per model that serves
-- reads:  scores.model_runs
-- kind:   view
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
    model_id,
    question,
    champion,
    why,
    as_of,
    trained_on,
    n_rows,
    horizon_days,
    enough_history,
    note,
    created_at
from scores.model_runs
