-- marts.personas: each persona with its recommended action and its size.
-- grain:  one row per persona, in the order of mark
-- reads:  scores.personas, marts.customers
-- columns:
--   cluster        INTEGER  number of the cluster
--   persona        VARCHAR  key: slug, used in URLs and exports
--   title          VARCHAR  name for people
--   mark           INTEGER  1 to 9: its fixed shape and colour
--   description    VARCHAR  what these customers do, in a sentence
--   rule           VARCHAR  why the cluster got this name
--   action         VARCHAR  recommended action, short
--   action_detail  VARCHAR  how to go about it
--   n_customers    BIGINT   [customers] of this persona
with sizes as (
    select
        persona,
        count(*) as n_customers
    from marts.customers
    group by persona
)

select
    personas.cluster,
    personas.persona,
    personas.title,
    personas.mark,
    personas.description,
    personas.rule,
    personas.action,
    personas.action_detail,
    coalesce(sizes.n_customers, 0) as n_customers
from scores.personas as personas
left join sizes on personas.persona = sizes.persona
order by personas.mark, personas.cluster
