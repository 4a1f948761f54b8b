-- marts.category_months: what each category came to in each month that brought it a line.
-- grain:  one row per month and category
-- reads:  marts.purchases
-- Purchases and refunds with a date count, to the last that is not in the future.
-- columns:
--   month        DATE           key: its first day
--   category     VARCHAR        key; NULL is what has no category
--   spend        DECIMAL(18,2)  [currency] purchases; NULL without one
--   net          DECIMAL(18,2)  [currency] purchases and refunds
--   n_lines      BIGINT         [lines] purchases and refunds
--   n_customers  BIGINT         [customers] distinct, of those lines
--   first_day    DATE           first day with a line
--   last_day     DATE           last day with a line
with lines as not materialized (
    select
        *,
        cast(date_trunc('month', purchased_on) as date) as month
    from marts.purchases
    -- A day of grace: a workspace may live ahead of this machine's time zone.
    where purchased_on <= current_date + 1
),

-- By customer first: counting distinct ones beside the sums costs several times as much.
people as (
    select
        month,
        category,
        customer_key,
        sum(amount) filter (where amount > 0) as spend,
        sum(amount) as net,
        count(*) as n_lines,
        min(purchased_on) as first_day,
        max(purchased_on) as last_day
    from lines
    group by all
)

select
    month,
    category,
    cast(sum(spend) as decimal(18, 2)) as spend,
    cast(sum(net) as decimal(18, 2)) as net,
    cast(sum(n_lines) as bigint) as n_lines,
    count(customer_key) as n_customers,
    min(first_day) as first_day,
    max(last_day) as last_day
from people
group by all
