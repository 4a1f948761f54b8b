-- marts.about: what the warehouse holds, and up to which day.
-- grain:  exactly one row
-- reads:  marts.orders, core.customers, core.customer_days, scores.spend, scores.churn,
--         scores.risk, scores.clusters
-- params: as_of DATE, the last day that features see; horizon_days INTEGER; currency VARCHAR
-- columns:
--   first_day                        DATE            first day with a purchase or refund, or today
--   last_day                         DATE            last one; today where all lie in the future
--   as_of                            DATE            last day that features see
--   scores_as_of                     DATE            the same for the scores; NULL before a refresh
--   horizon_days                     INTEGER         [days] that expected spend and churn cover
--   currency                         VARCHAR         of every amount, ISO 4217
--   n_customers                      BIGINT          [customers] known, with or without a purchase
--   n_transactions                   BIGINT          [lines] purchases and refunds
--   n_orders                         BIGINT          [orders] distinct, refund-only ones included
--   revenue                          DECIMAL(18,2)   [currency] net, of lines with a customer
--   revenue_without_customer         DECIMAL(18,2)   [currency] net, of lines without one
--   n_transactions_without_customer  BIGINT          [lines]
--   has_transactions                 BOOLEAN         there is a purchase or refund
--   has_dates                        BOOLEAN         at least one of them has a date
--   n_buyers                         BIGINT          [customers] with a positive purchase
--   history_days                     BIGINT          [days] first_day to last_day, both counted
with lines as (
    select
        min(purchased_on) as first_day,
        -- One day of grace: a workspace may live ahead of this machine's time zone.
        max(purchased_on) filter (where purchased_on <= current_date + 1) as last_day_so_far,
        cast(coalesce(sum(n_lines), 0) as bigint) as n_transactions,
        -- They are numbered from 1 without a gap.
        cast(coalesce(max(order_key), 0) as bigint) as n_orders,
        sum(revenue) filter (where customer_key is not null) as revenue,
        sum(revenue) filter (where customer_key is null) as revenue_without_customer,
        cast(
            coalesce(sum(n_lines) filter (where customer_key is null), 0) as bigint
        ) as n_transactions_without_customer,
        count(purchased_on) as n_dated
    from marts.orders
),

buyers as (
    select count(*) as n_buyers
    from core.customer_days
    where known_until = date '9999-12-31' and paid is not null
),

customers as (
    select count(*) as n_customers
    from core.customers
),

scored as (
    select as_of
    from scores.spend
    union all
    select as_of
    from scores.churn
    union all
    select as_of
    from scores.risk
    union all
    select as_of
    from scores.clusters
),

scores as (
    select max(as_of) as scores_as_of
    from scored
),

days as (
    -- Where all dates lie in the future, nothing was bought up to today, and nothing is counted.
    select
        * exclude (first_day),
        case when last_day_so_far is not null then first_day when n_dated > 0 then current_date end
            as first_day,
        case when n_dated > 0 then coalesce(last_day_so_far, current_date) end as last_day
    from lines
)

select
    days.first_day,
    days.last_day,
    cast($as_of as date) as as_of,
    scores.scores_as_of,
    cast($horizon_days as integer) as horizon_days,
    cast($currency as varchar) as currency,
    customers.n_customers,
    days.n_transactions,
    days.n_orders,
    cast(coalesce(days.revenue, 0) as decimal(18, 2)) as revenue,
    cast(coalesce(days.revenue_without_customer, 0) as decimal(18, 2)) as revenue_without_customer,
    days.n_transactions_without_customer,
    days.n_transactions > 0 as has_transactions,
    days.n_dated > 0 as has_dates,
    buyers.n_buyers,
    date_diff('day', days.first_day, days.last_day) + 1 as history_days
from days
cross join buyers
cross join customers
cross join scores
