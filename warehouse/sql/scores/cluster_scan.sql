-- scores.cluster_scan: how good each number of clusters was. Empty before a refresh.
-- grain:  one row per tried number of clusters
-- reads:  nothing
-- columns:
--   k               INTEGER  key: number of clusters
--   inertia         DOUBLE   sum of squared distances to the centroids
--   silhouette      DOUBLE   -1 to 1, comparable within one space only
--   stability_ari   DOUBLE   mean adjusted Rand index of bootstraps
--   smallest_share  DOUBLE   [ratio] customers in the smallest cluster
--   is_chosen       BOOLEAN  the number that serves
select
    cast(null as integer) as k,
    cast(null as double) as inertia,
    cast(null as double) as silhouette,
    cast(null as double) as stability_ari,
    cast(null as double) as smallest_share,
    cast(null as boolean) as is_chosen
where false
