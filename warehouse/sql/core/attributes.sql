-- core.attributes: the further columns of core.customers, beyond those every workspace has.
-- grain:  one row per attribute
-- reads:  nothing, this is the empty table that loading fills
-- columns:
--   attribute      VARCHAR  name of the column in core.customers
--   original_name  VARCHAR  name of the column in the file that brought it first
--   data_type      VARCHAR  DOUBLE, BOOLEAN or VARCHAR
--   title          VARCHAR  name for people: "Cash advance trx"
select
    null::varchar as attribute,
    null::varchar as original_name,
    null::varchar as data_type,
    null::varchar as title
where false
