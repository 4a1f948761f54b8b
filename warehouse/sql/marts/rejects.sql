-- marts.rejects: every record that was not loaded and is not there already, and why.
-- grain:  one row per rejected or set-aside record
-- reads:  core.rejects
-- kind:   view
-- columns:
--   load_id      INTEGER  marts.loads.load_id
--   file         VARCHAR  name of the file
--   record       BIGINT   number of the record in its file, 1 is the first after the header
--   outcome      VARCHAR  rejected (it cannot be stored) or set_aside (a rule leaves it out)
--   column_name  VARCHAR  column of the file that is at fault; NULL where the whole row is
--   value        VARCHAR  what stood there, cut to 200 characters
--   reason       VARCHAR  in a few fixed wordings, such as "not a number"; for set_aside the rule
--   row_text     VARCHAR  JSON: the whole record, column to text
select
    load_id,
    file,
    record,
    coalesce(outcome, 'rejected') as outcome,
    column_name,
    value,
    reason,
    row_text
from core.rejects
