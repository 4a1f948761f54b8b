-- marts.pca_loadings: how much each feature pulls along each axis.
-- grain:  one row per axis and feature
-- reads:  scores.pca_loadings
-- kind:   view
-- columns:
--   axis           INTEGER  key: 1 or 2
--   feature        VARCHAR  key: column name
--   feature_title  VARCHAR  its name for people
--   loading        DOUBLE   -1 to 1
select
    axis,
    feature,
    feature_title,
    loading
from scores.pca_loadings
