-- marts.monthly_categories: the monthly report: what each category came to, and how that changed.
-- grain:  one row per month and category; months without a sale are rows of 0
-- reads:  marts.category_months
-- Purchases and refunds with a date count, from the first of them to the last that is not in the
-- future. A change is NULL where one of the two months is not wholly in the data, and where the
-- earlier one came to 0 or less.
-- columns:
--   month                    DATE           key: its first day
--   category                 VARCHAR        key; NULL is what has no category
--   spend                    DECIMAL(18,2)  [currency] purchases
--   refunds                  DECIMAL(18,2)  [currency] what came back, as a positive amount
--   net                      DECIMAL(18,2)  [currency] spend minus refunds
--   n_transactions           BIGINT         [lines] purchases and refunds
--   n_customers              BIGINT         [customers] distinct, of those lines
--   share_of_month           DOUBLE         [ratio] of the month's spend; NULL where that is 0
--   change_to_month_before   DOUBLE         [ratio] of net; 0.1 is a tenth more
--   change_to_year_before    DOUBLE         [ratio] the same against the month a year ago
--   is_partial               BOOLEAN        the data do not hold every day of the month
with days as (
    select
        min(first_day) as first_day,
        max(last_day) as last_day
    from marts.category_months
),

months as (
    select
        cast(unnest(
            generate_series(date_trunc('month', first_day), last_day, interval 1 month)
        ) as date) as month,
        first_day,
        last_day
    from days
),

categories as (
    select distinct category
    from marts.category_months
),

filled as (
    select
        months.month,
        categories.category,
        coalesce(cells.spend, 0) as spend,
        coalesce(cells.net, 0) as net,
        coalesce(cells.n_lines, 0) as n_transactions,
        coalesce(cells.n_customers, 0) as n_customers,
        months.month < months.first_day
        or last_day(months.month) > months.last_day as is_partial
    from months
    cross join categories
    left join marts.category_months as cells
        on months.month = cells.month and categories.category is not distinct from cells.category
),

compared as (
    select
        *,
        sum(spend) over (partition by month) as spend_of_month,
        lag(case when net > 0 and not is_partial then net end) over by_month as before,
        lag(case when net > 0 and not is_partial then net end, 12) over by_month as year_before
    from filled
    window by_month as (partition by category order by month)
)

select
    month,
    category,
    spend,
    cast(spend - net as decimal(18, 2)) as refunds,
    net,
    n_transactions,
    n_customers,
    spend / nullif(spend_of_month, 0) as share_of_month,
    case when not is_partial then net / before - 1 end as change_to_month_before,
    case when not is_partial then net / year_before - 1 end as change_to_year_before,
    is_partial
from compared
order by month, category
