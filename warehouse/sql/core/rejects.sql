-- core.rejects: every row that could not be loaded, with the first reason why.
-- grain:  one row per rejected row of a file
-- reads:  nothing, this is the empty table that loading fills
-- columns:
--   load_id      INTEGER  the load in core.loads
--   file         VARCHAR  name of the file
--   record       BIGINT   number of the record in its file, 1 is the first after the header
--   column_name  VARCHAR  column of the file that is at fault; NULL where the whole row is
--   value        VARCHAR  what stood there, cut to 200 characters
--   reason       VARCHAR  one of a few fixed wordings, such as "not a number"
select
    null::integer as load_id,
    null::varchar as file,
    null::bigint as record,
    null::varchar as column_name,
    null::varchar as value,
    null::varchar as reason
where false
