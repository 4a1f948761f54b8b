-- marts.weekday_hours: what was bought at which hour of which weekday.
-- grain:  one row per weekday and hour with a purchase
-- reads:  core.transactions
-- Only purchases with a time of day count: midnight sharp is a date without a time. Of more lines
-- it is the sum of what the parts bring.
-- columns:
--   weekday  BIGINT         key: 1 is Monday, 7 is Sunday
--   hour     BIGINT         key: 0 to 23
--   spend    DECIMAL(18,2)  [currency] purchases
--   n_lines  BIGINT         [lines] purchases
select
    isodow(purchased_at) as weekday,
    hour(purchased_at) as hour,
    cast(sum(amount) as decimal(18, 2)) as spend,
    count(*) as n_lines
from core.transactions
where
    kind = 'purchase'
    and amount > 0
    and purchased_at > date_trunc('day', purchased_at)
group by all
