-- core.rejects: every row that was not loaded and is not there already, with the first reason why.
-- grain:  one row per rejected or set-aside row of a file
-- reads:  nothing, this is the empty table that loading fills
-- columns:
--   load_id      INTEGER  the load in core.loads
--   file         VARCHAR  name of the file
--   record       BIGINT   number of the record in its file, 1 is the first after the header
--   outcome      VARCHAR  rejected (it cannot be stored) or set_aside (a rule leaves it out)
--   column_name  VARCHAR  column of the file that is at fault; NULL where the whole row is
--   value        VARCHAR  what stood there, cut to 200 characters
--   reason       VARCHAR  one of a few fixed wordings, such as "not a number"; or the rule
--   row_text     VARCHAR  JSON: the whole record, column to text; one that could not be split
--                         into columns stands under the name ""
select
    null::integer as load_id,
    null::varchar as file,
    null::bigint as record,
    null::varchar as outcome,
    null::varchar as column_name,
    null::varchar as value,
    null::varchar as reason,
    null::varchar as row_text
where false
