-- scores.personas: each cluster's name and recommended action. Empty before a refresh.
-- grain:  one row per persona
-- reads:  nothing
-- columns:
--   cluster        INTEGER  number of the cluster
--   persona        VARCHAR  key: slug, used in URLs and exports
--   title          VARCHAR  name for people
--   mark           INTEGER  1 to 9: its fixed shape and colour
--   description    VARCHAR  what these customers do, in a sentence
--   rule           VARCHAR  why the cluster got this name
--   action         VARCHAR  recommended action, short
--   action_detail  VARCHAR  how to go about it
select
    cast(null as integer) as cluster,
    cast(null as varchar) as persona,
    cast(null as varchar) as title,
    cast(null as integer) as mark,
    cast(null as varchar) as description,
    cast(null as varchar) as rule,
    cast(null as varchar) as action,
    cast(null as varchar) as action_detail
where false
