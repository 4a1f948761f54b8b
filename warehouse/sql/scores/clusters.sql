-- scores.clusters: each customer's group and place on the map. Empty before a refresh.
-- grain:  one row per clustered customer
-- reads:  nothing
-- columns:
--   customer_key  INTEGER  key
--   customer_id   VARCHAR  key as text
--   cluster       INTEGER  number of the cluster
--   persona       VARCHAR  slug of its persona, scores.personas.persona
--   pca_1         DOUBLE   first coordinate on the map
--   pca_2         DOUBLE   second coordinate on the map
--   model_id      VARCHAR  scores.model_runs.model_id
--   as_of         DATE     last day that the features saw
select
    cast(null as integer) as customer_key,
    cast(null as varchar) as customer_id,
    cast(null as integer) as cluster,
    cast(null as varchar) as persona,
    cast(null as double) as pca_1,
    cast(null as double) as pca_2,
    cast(null as varchar) as model_id,
    cast(null as date) as as_of
where false
