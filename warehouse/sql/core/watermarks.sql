-- core.watermarks: how far tables of databases were read, so that the next load reads what is new.
-- grain:  one row per load and table that was read with a watermark
-- reads:  nothing, this is the empty table that loading fills
-- columns:
--   load_id      INTEGER  the load in core.loads; the latest one of a table counts
--   address      VARCHAR  table or query and where it is, without user and password
--   column_name  VARCHAR  column of the source by which it is read
--   value        VARCHAR  its highest value when the load read, as the server writes it
select
    null::integer as load_id,
    null::varchar as address,
    null::varchar as column_name,
    null::varchar as value
where false
