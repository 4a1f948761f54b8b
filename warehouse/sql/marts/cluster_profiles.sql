-- marts.cluster_profiles: how each cluster differs from everybody.
-- grain:  one row per cluster and feature
-- reads:  scores.cluster_profiles
-- kind:   view
-- columns:
--   cluster        INTEGER  key: number of the cluster
--   persona        VARCHAR  slug of its persona
--   feature        VARCHAR  key: column name
--   feature_title  VARCHAR  its name for people
--   feature_unit   VARCHAR  currency, days, ratio, ...
--   mean           DOUBLE   [feature_unit] mean of the cluster
--   z              DOUBLE   [deviations] from the mean of all customers
select
    cluster,
    persona,
    feature,
    feature_title,
    feature_unit,
    mean,
    z
from scores.cluster_profiles
