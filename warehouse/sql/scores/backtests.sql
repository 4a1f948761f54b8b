-- scores.backtests: how every candidate did at every origin. Empty before a refresh.
-- grain:  one row per question, candidate, origin and metric
-- reads:  nothing
-- columns:
--   question     VARCHAR  key: spend, churn, risk, clusters or forecast
--   candidate    VARCHAR  key: name of the candidate
--   origin       DATE     key: cutoff of the test window
--   metric       VARCHAR  key: mae, rmse, auc, total_expected, ...
--   value        DOUBLE   in the unit of the metric
--   is_champion  BOOLEAN  the candidate serves
select
    cast(null as varchar) as question,
    cast(null as varchar) as candidate,
    cast(null as date) as origin,
    cast(null as varchar) as metric,
    cast(null as double) as value,
    cast(null as boolean) as is_champion
where false
