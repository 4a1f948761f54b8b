-- marts.drift: whether customers still look as when the models learnt.
-- grain:  one row per feature and per score
-- reads:  scores.drift
-- kind:   view
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
    kind,
    name,
    psi,
    level,
    n_then,
    n_now,
    learnt_at,
    as_of
from scores.drift
