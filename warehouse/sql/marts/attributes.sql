-- marts.attributes: the further columns of customers files, at the end of marts.customers.
-- grain:  one row per attribute
-- reads:  core.attributes
-- kind:   view
-- columns:
--   attribute      VARCHAR  key: its column in marts.customers
--   original_name  VARCHAR  what the file calls it
--   data_type      VARCHAR  DOUBLE, VARCHAR or BOOLEAN
--   title          VARCHAR  its name for people
select
    attribute,
    original_name,
    data_type,
    title
from core.attributes
