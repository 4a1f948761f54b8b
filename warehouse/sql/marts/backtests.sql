-- marts.backtests: how every candidate did at every origin.
-- grain:  one row per question, candidate, origin or fold, and metric
-- reads:  scores.backtests
-- kind:   view
-- columns:
--   question     VARCHAR  key: as in scores.model_runs
--   candidate    VARCHAR  key: name of the candidate
--   origin       DATE     key: cutoff of the test window; NULL where folds test
--   metric       VARCHAR  key: mae, rmse, auc, total_expected, ...
--   value        DOUBLE   in the unit of the metric
--   is_champion  BOOLEAN  the candidate serves
--   fold         INTEGER  key: number of the part that was held out; NULL where origins test
select
    question,
    candidate,
    origin,
    metric,
    value,
    is_champion,
    fold
from scores.backtests
