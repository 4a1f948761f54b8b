-- marts.forecasts: monthly spend to come, now and as it was forecast before.
-- grain:  one row per as-of date, series and month
-- reads:  scores.forecasts
-- kind:   view
-- columns:
--   as_of     DATE     key: last day that the forecast saw; the latest is the one that holds
--   series    VARCHAR  key: total, category, or others (the smallest categories together)
--   category  VARCHAR  key; NULL for the total, the others, and spend without a category
--   month     DATE     key: first day of the month that is forecast
--   step      INTEGER  [months] ahead of the last whole month
--   expected  DOUBLE   [currency] net of refunds; categories add up to the total
--   lower     DOUBLE   [currency] lower end of the 90 % interval; NULL if not judged
--   upper     DOUBLE   [currency] upper end of it
--   model     VARCHAR  name of the candidate
select
    as_of,
    series,
    category,
    month,
    step,
    expected,
    lower,
    upper,
    model
from scores.forecasts
