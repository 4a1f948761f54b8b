-- core.replaced: rows that a later load put others in the place of; unloading that brings them
--   back.
-- grain:  one row per replaced version of a transaction
-- reads:  nothing, this is the empty table that loading fills
-- columns:
--   replaced_by     INTEGER  the load whose row took the place
--   load_id         INTEGER  the load that brought this version
--   source          VARCHAR  name of the source the id belongs to
--   transaction_id  VARCHAR  its id there
--   row_text        VARCHAR  JSON: the row as it stood in core.transactions, column to text
select
    null::integer as replaced_by,
    null::integer as load_id,
    null::varchar as source,
    null::varchar as transaction_id,
    null::varchar as row_text
where false
