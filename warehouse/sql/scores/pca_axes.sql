-- scores.pca_axes: what the two axes of the map stand for. Empty before a refresh.
-- grain:  one row per axis
-- reads:  nothing
-- columns:
--   axis                      INTEGER  key: 1 or 2
--   title                     VARCHAR  the axis in words
--   explained_variance_ratio  DOUBLE   [ratio] of the variance that it shows
select
    cast(null as integer) as axis,
    cast(null as varchar) as title,
    cast(null as double) as explained_variance_ratio
where false
