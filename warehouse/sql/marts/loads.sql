-- marts.loads: every load that this generation contains.
-- grain:  one row per load
-- reads:  core.loads
-- kind:   view
-- columns:
--   load_id         INTEGER    key
--   source          VARCHAR    name of the source
--   as_kind         VARCHAR    transactions or customers
--   loaded_at       TIMESTAMP  UTC
--   read            BIGINT     [records] read = loaded + rejected + already_loaded + set_aside
--   loaded          BIGINT     [records]
--   rejected        BIGINT     [records] see marts.rejects
--   already_loaded  BIGINT     [records] known from an earlier load
--   set_aside       BIGINT     [records] left out by a rule, such as another currency
--   files           VARCHAR    JSON: the same counts by file
--   mapping         VARCHAR    JSON: our column = theirs
--   unused          VARCHAR    JSON: their columns that were not used
--   rules           VARCHAR    JSON: rows by cleaning rule, and what it did with them
select
    load_id,
    source,
    as_kind,
    loaded_at,
    read,
    loaded,
    rejected,
    already_loaded,
    set_aside,
    files,
    mapping,
    unused,
    rules
from core.loads
