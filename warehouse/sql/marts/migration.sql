-- marts.migration: who moved where from one refresh to the next, as counts.
-- grain:  one row per generation that scored, dimension, from_value and to_value
-- reads:  scores.migration
-- kind:   view
-- columns:
--   to_generation    INTEGER  key: the generation that scored anew; the latest is the one to show
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
    to_generation,
    from_generation,
    from_as_of,
    to_as_of,
    dimension,
    from_value,
    to_value,
    change,
    n_customers,
    share_of_from,
    share,
    is_same_model
from scores.migration
