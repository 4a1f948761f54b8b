-- scores.pca_loadings: how much each feature pulls along each axis. Empty before a refresh.
-- grain:  one row per axis and feature
-- reads:  nothing
-- columns:
--   axis           INTEGER  key: 1 or 2
--   feature        VARCHAR  key: column name
--   feature_title  VARCHAR  its name for people
--   loading        DOUBLE   -1 to 1
select
    cast(null as integer) as axis,
    cast(null as varchar) as feature,
    cast(null as varchar) as feature_title,
    cast(null as double) as loading
where false
