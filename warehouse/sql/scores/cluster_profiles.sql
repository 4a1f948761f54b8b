-- scores.cluster_profiles: how each cluster differs from everybody. Empty before a refresh.
-- grain:  one row per cluster and feature
-- reads:  nothing
-- columns:
--   cluster        INTEGER  key: number of the cluster
--   persona        VARCHAR  slug of its persona
--   feature        VARCHAR  key: column name
--   feature_title  VARCHAR  its name for people
--   feature_unit   VARCHAR  currency, days, ratio, ...
--   mean           DOUBLE   [feature_unit] mean of the cluster
--   z              DOUBLE   [deviations] from the mean of all customers
select
    cast(null as integer) as cluster,
    cast(null as varchar) as persona,
    cast(null as varchar) as feature,
    cast(null as varchar) as feature_title,
    cast(null as varchar) as feature_unit,
    cast(null as double) as mean,
    cast(null as double) as z
where false
