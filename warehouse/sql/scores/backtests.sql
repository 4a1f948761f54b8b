-- scores.backtests: how every candidate did at every origin. Empty before a refresh.
-- grain:  one row per question, candidate, origin or fold, and metric
-- reads:  nothing
-- columns:
--   question     VARCHAR  key: as in scores.model_runs
--   candidate    VARCHAR  key: name of the candidate
--   origin       DATE     key: cutoff of the test window; NULL where folds test
--   metric       VARCHAR  key: mae, rmse, auc, total_expected, ...
--   value        DOUBLE   in the unit of the metric
--   is_champion  BOOLEAN  the candidate serves
--   fold         INTEGER  key: number of the part that was held out; NULL where origins test
select
    cast(null as varchar) as question,
    cast(null as varchar) as candidate,
    cast(null as date) as origin,
    cast(null as varchar) as metric,
    cast(null as double) as value,
    cast(null as boolean) as is_champion,
    cast(null as integer) as fold
where false
