-- scores.amount_estimates: what a purchase is expected to amount to, by who sells it, where, and
--                          from which account. Empty before a refresh.
-- grain:  one row per dimension and value, the 200 values of each with the most purchases
-- reads:  nothing
-- columns:
--   dimension    VARCHAR        key: merchant, city or account_id
--   value        VARCHAR        key; "not said" for purchases that do not say
--   n_lines      BIGINT         [lines] that were learnt from
--   mean_amount  DECIMAL(18,2)  [currency] mean of these lines
--   estimate     DECIMAL(18,2)  [currency] what the serving model expects; the mean of all lines
--                               where nothing is better
select
    cast(null as varchar) as dimension,
    cast(null as varchar) as value,
    cast(null as bigint) as n_lines,
    cast(null as decimal(18, 2)) as mean_amount,
    cast(null as decimal(18, 2)) as estimate
where false
