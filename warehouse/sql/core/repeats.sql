-- core.repeats: rows that a load found there already: they stay when the load that brought them
--   goes
-- grain:  one row per load and transaction of an earlier load that it holds too
-- reads:  nothing, this is the empty table that loading fills
-- columns:
--   load_id         INTEGER  the load that holds the row too
--   of_load         INTEGER  the load that the row belongs to
--   source          VARCHAR  name of the source the id belongs to
--   transaction_id  VARCHAR  its id there
select
    null::integer as load_id,
    null::integer as of_load,
    null::varchar as source,
    null::varchar as transaction_id
where false
