-- marts.rejects: every record that could not be loaded, and why.
-- grain:  one row per rejected record
-- reads:  core.rejects
-- kind:   view
-- columns:
--   load_id      INTEGER  marts.loads.load_id
--   file         VARCHAR  name of the file
--   record       BIGINT   number of the record in its file, 1 is the first after the header
--   column_name  VARCHAR  column of the file that is at fault; NULL where the whole row is
--   value        VARCHAR  what stood there, cut to 200 characters
--   reason       VARCHAR  in a few fixed wordings, such as "not a number"
select
    load_id,
    file,
    record,
    column_name,
    value,
    reason
from core.rejects
