-- scores.migration: who moved where from one refresh to the next, as counts. Kept for ever.
-- grain:  one row per generation that scored, dimension, from_value and to_value
-- reads:  nothing
-- columns:
--   to_generation    INTEGER  key: the generation that scored anew
--   from_generation  INTEGER  the one before it, whose scores were replaced
--   from_as_of       DATE     last day that the replaced scores saw
--   to_as_of         DATE     last day that the new ones saw
--   dimension        VARCHAR  key: persona, cluster, risk_band, value_band or churn_band
--   from_value       VARCHAR  key: where they were; NULL for those who had no such score
--   to_value         VARCHAR  key: where they are; NULL for those who have none any more
--   change           VARCHAR  stayed, moved, appeared or left
--   n_customers      BIGINT   [customers]
--   share_of_from    DOUBLE   [ratio] of all with that from_value
--   share            DOUBLE   [ratio] of all in the dimension
--   is_same_model    BOOLEAN  false: another model may be why they moved
select
    cast(null as integer) as to_generation,
    cast(null as integer) as from_generation,
    cast(null as date) as from_as_of,
    cast(null as date) as to_as_of,
    cast(null as varchar) as dimension,
    cast(null as varchar) as from_value,
    cast(null as varchar) as to_value,
    cast(null as varchar) as change,
    cast(null as bigint) as n_customers,
    cast(null as double) as share_of_from,
    cast(null as double) as share,
    cast(null as boolean) as is_same_model
where false
