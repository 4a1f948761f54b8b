-- marts.pca_axes: what the two axes of the map stand for.
-- grain:  one row per axis
-- reads:  scores.pca_axes
-- kind:   view
-- columns:
--   axis                      INTEGER  key: 1 or 2
--   title                     VARCHAR  the axis in words
--   explained_variance_ratio  DOUBLE   [ratio] of the variance that it shows
select
    axis,
    title,
    explained_variance_ratio
from scores.pca_axes
