-- scores.forecasts: monthly spend to come, as it was forecast at every refresh. Empty before one.
-- grain:  one row per as-of date, series and month
-- reads:  nothing
-- columns:
--   as_of     DATE     key: last day that the forecast saw; earlier ones are kept
--   series    VARCHAR  key: total, category, or others (the smallest categories together)
--   category  VARCHAR  key; NULL for the total, the others, and spend without a category
--   month     DATE     key: first day of the month that is forecast
--   step      INTEGER  [months] ahead of the last whole month
--   expected  DOUBLE   [currency] net of refunds; categories add up to the total
--   lower     DOUBLE   [currency] lower end of the 90 % interval; NULL if not judged
--   upper     DOUBLE   [currency] upper end of it
--   model     VARCHAR  name of the candidate
select
    cast(null as date) as as_of,
    cast(null as varchar) as series,
    cast(null as varchar) as category,
    cast(null as date) as month,
    cast(null as integer) as step,
    cast(null as double) as expected,
    cast(null as double) as lower,
    cast(null as double) as upper,
    cast(null as varchar) as model
where false
