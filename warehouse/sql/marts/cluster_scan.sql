-- marts.cluster_scan: how good each number of clusters was.
-- grain:  one row per tried number of clusters
-- reads:  scores.cluster_scan
-- kind:   view
-- columns:
--   k               INTEGER  key: number of clusters
--   inertia         DOUBLE   sum of squared distances to the centroids
--   silhouette      DOUBLE   -1 to 1, comparable within one space only
--   stability_ari   DOUBLE   mean adjusted Rand index of bootstraps
--   smallest_share  DOUBLE   [ratio] customers in the smallest cluster
--   is_chosen       BOOLEAN  the number that serves
select
    k,
    inertia,
    silhouette,
    stability_ari,
    smallest_share,
    is_chosen
from scores.cluster_scan
