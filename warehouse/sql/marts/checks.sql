-- marts.checks: what the checks found in this generation. Filled when it is published.
-- grain:  one row per check
-- reads:  nothing
-- columns:
--   name      VARCHAR  key
--   severity  VARCHAR  stop (a row would have prevented publication) or warn
--   summary   VARCHAR  what the check looks for, as a sentence
--   n_rows    BIGINT   [rows] that offend; 0 is good
--   sample    VARCHAR  JSON: the first offending rows
select
    cast(null as varchar) as name,
    cast(null as varchar) as severity,
    cast(null as varchar) as summary,
    cast(null as bigint) as n_rows,
    cast(null as varchar) as sample
where false
