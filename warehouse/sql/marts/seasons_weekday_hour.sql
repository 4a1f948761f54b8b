-- marts.seasons_weekday_hour: on which days of the week and at which hours purchases are made.
-- grain:  168 rows, one per weekday and hour; none where no purchase has a time of day
-- reads:  marts.weekday_hours
-- Only purchases with a time of day count: midnight sharp is a date without a time.
-- columns:
--   weekday         BIGINT         key: 1 is Monday, 7 is Sunday
--   hour            BIGINT         key: 0 to 23
--   spend           DECIMAL(18,2)  [currency] purchases
--   n_transactions  BIGINT         [lines] purchases
--   share           DOUBLE         [ratio] of the spend of all rows
with week as (
    select
        days.weekday,
        hours.hour
    from generate_series(1, 7) as days (weekday)
    cross join generate_series(0, 23) as hours (hour)
    where exists (select weekday from marts.weekday_hours)
)

select
    week.weekday,
    week.hour,
    cast(coalesce(cells.spend, 0) as decimal(18, 2)) as spend,
    coalesce(cells.n_lines, 0) as n_transactions,
    coalesce(cells.spend, 0) / sum(cells.spend) over () as share
from week
left join marts.weekday_hours as cells on week.weekday = cells.weekday and week.hour = cells.hour
order by week.weekday, week.hour
