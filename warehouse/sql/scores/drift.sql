-- scores.drift: whether customers still look as when the models learnt. Empty before a refresh.
-- grain:  one row per feature and per score
-- reads:  nothing
-- The population stability index compares shares of customers in bins that were cut at the deciles
-- of the newest training window, with one more for what is not known: below 0.1 stable, from 0.25
-- on drifted. Below 200 customers on either side it is large by chance.
-- columns:
--   kind       VARCHAR  key: feature or score
--   name       VARCHAR  key: the feature, expected_spend or churn_risk
--   psi        DOUBLE   [index] sum of (now - then) * ln(now / then) over the bins
--   level      VARCHAR  stable, shifted (from 0.1), drifted (from 0.25), or few customers
--   n_then     BIGINT   [customers] of the window; of a score those of the day of the training
--   n_now      BIGINT   [customers] of today
--   learnt_at  DATE     last day that the features of the training window saw
--   as_of      DATE     last day that today's features saw
select
    cast(null as varchar) as kind,
    cast(null as varchar) as name,
    cast(null as double) as psi,
    cast(null as varchar) as level,
    cast(null as bigint) as n_then,
    cast(null as bigint) as n_now,
    cast(null as date) as learnt_at,
    cast(null as date) as as_of
where false
