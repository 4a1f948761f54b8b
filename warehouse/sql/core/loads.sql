-- core.loads: the ledger of loads; read = loaded + rejected + already_loaded + set_aside.
-- grain:  one row per load that is contained in this generation
-- reads:  nothing, this is the empty table that loading fills
-- columns:
--   load_id         INTEGER    key, only grows
--   source          VARCHAR    name of the source
--   as_kind         VARCHAR    transactions or customers
--   loaded_at       TIMESTAMP  UTC
--   read            BIGINT     [rows] found in the files
--   loaded          BIGINT     [rows] stored, new or changed
--   rejected        BIGINT     [rows] kept in core.rejects
--   already_loaded  BIGINT     [rows] that were there before
--   set_aside       BIGINT     [rows] left out by a rule, such as another currency
--   files           VARCHAR    JSON: the same counts per file
--   mapping         VARCHAR    JSON: our column to theirs
--   unused          VARCHAR    JSON: columns of the files that were not used
--   rules           VARCHAR    JSON: rows by cleaning rule, and what it did with them
select
    null::integer as load_id,
    null::varchar as source,
    null::varchar as as_kind,
    null::timestamp as loaded_at,
    null::bigint as read,
    null::bigint as loaded,
    null::bigint as rejected,
    null::bigint as already_loaded,
    null::bigint as set_aside,
    null::varchar as files,
    null::varchar as mapping,
    null::varchar as unused,
    null::varchar as rules
where false
