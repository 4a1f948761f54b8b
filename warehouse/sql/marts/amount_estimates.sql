-- marts.amount_estimates: what a purchase is expected to amount to, by merchant, city, account.
-- grain:  one row per dimension and value, the 200 values of each with the most purchases
-- reads:  scores.amount_estimates
-- kind:   view
-- columns:
--   dimension    VARCHAR        key: merchant, city or account_id
--   value        VARCHAR        key; "not said" for purchases that do not say
--   n_lines      BIGINT         [lines] that were learnt from
--   mean_amount  DECIMAL(18,2)  [currency] mean of these lines
--   estimate     DECIMAL(18,2)  [currency] what the serving model expects; the mean of all lines
--                               where nothing is better
select
    dimension,
    value,
    n_lines,
    mean_amount,
    estimate
from scores.amount_estimates
