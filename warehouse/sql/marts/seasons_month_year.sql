-- marts.seasons_month_year: every month of every year against the average month.
-- grain:  one row per month from the first to the last; months without a sale are rows of 0
-- reads:  marts.monthly_categories
-- columns:
--   year            BIGINT         key
--   month           BIGINT         key: 1 to 12
--   spend           DECIMAL(18,2)  [currency] purchases
--   refunds         DECIMAL(18,2)  [currency] what came back, as a positive amount
--   net             DECIMAL(18,2)  [currency] spend minus refunds
--   n_transactions  BIGINT         [lines] purchases and refunds
--   seasonal_index  DOUBLE         [ratio] spend against the mean of the whole months; NULL for a
--                                  month that is partial
--   is_partial      BOOLEAN        the data do not hold every day of the month
with months as (
    select
        month as first_day,
        sum(spend) as spend,
        sum(refunds) as refunds,
        sum(n_transactions) as n_transactions,
        bool_or(is_partial) as is_partial
    from marts.monthly_categories
    group by month
),

averaged as (
    select
        *,
        sum(spend) filter (where not is_partial) over ()
        / nullif(count(*) filter (where not is_partial) over (), 0) as average
    from months
)

select
    year(first_day) as year,
    month(first_day) as month,
    cast(spend as decimal(18, 2)) as spend,
    cast(refunds as decimal(18, 2)) as refunds,
    cast(spend - refunds as decimal(18, 2)) as net,
    cast(n_transactions as bigint) as n_transactions,
    case when not is_partial then spend / nullif(average, 0) end as seasonal_index,
    is_partial
from averaged
order by year, month
