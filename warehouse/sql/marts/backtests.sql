-- marts.backtests: how every candidate did at every origin.
-- grain:  one row per question, candidate, origin and metric
-- reads:  scores.backtests
-- kind:   view
-- columns:
--   question     VARCHAR  key: spend, churn, risk, clusters or forecast
--   candidate    VARCHAR  key: name of the candidate
--   origin       DATE     key: cutoff of the test window
--   metric       VARCHAR  key: mae, rmse, auc, total_expected, ...
--   value        DOUBLE   in the unit of the metric
--   is_champion  BOOLEAN  the candidate serves
select
    question,
    candidate,
    origin,
    metric,
    value,
    is_champion
from scores.backtests
