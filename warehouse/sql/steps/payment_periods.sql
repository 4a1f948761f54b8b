-- steps.payment_periods(): the periods in which people pay again and again.
-- grain:  one row per period
-- reads:  nothing
-- columns:
--   period    VARCHAR   key: weekly, fortnightly, monthly, quarterly or yearly
--   shortest  INTEGER   [days] a gap of fewer is not regular
--   longest   INTEGER   [days] a gap of more is not regular
--   step      INTERVAL  from one payment to the next
--   slack     INTEGER   [days] that a payment may be late and still be active
--   per_year  INTEGER   [payments] in a year
select
    periods.period,
    periods.shortest,
    periods.longest,
    periods.step,
    periods.slack,
    periods.per_year
from (
    values
    ('weekly', 6, 8, interval 7 days, 1, 52),
    ('fortnightly', 12, 16, interval 14 days, 2, 26),
    ('monthly', 26, 35, interval 1 month, 5, 12),
    ('quarterly', 82, 100, interval 3 months, 9, 4),
    ('yearly', 351, 379, interval 1 year, 14, 1)
) as periods (period, shortest, longest, step, slack, per_year)
