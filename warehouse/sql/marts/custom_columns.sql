-- marts.custom_columns: the columns of the workspace's own feature views. Filled by the build.
-- grain:  one row per column
-- reads:  nothing
-- columns:
--   column_name  VARCHAR  key: its name in marts.customers
--   view         VARCHAR  the file in features/ that it comes from, without .sql
--   title        VARCHAR  its name for people
--   unit         VARCHAR  what stands in square brackets in the file's header; empty without
--   description  VARCHAR  what the file's header says of it
select
    cast(null as varchar) as column_name,
    cast(null as varchar) as view,
    cast(null as varchar) as title,
    cast(null as varchar) as unit,
    cast(null as varchar) as description
where false
