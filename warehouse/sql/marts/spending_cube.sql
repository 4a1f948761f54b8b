-- marts.spending_cube: what groups of customers spent on each value of small dimensions, by month.
-- grain:  one row per dimension, value, month and group of customers; only lines with a customer
-- reads:  marts.purchases, marts.customers, marts.dimension_values
-- A dimension of more than 500 values is not in it: it would be nearly as large as the purchases.
-- columns:
--   dimension   VARCHAR        key: a column of marts.purchases
--   value       VARCHAR        key: what stands in that column; NULL for lines that do not say
--   month       DATE           key: its first day; NULL in an undated ledger
--   persona     VARCHAR        key, with the bands: marts.customers
--   risk_band   VARCHAR        the same
--   churn_band  VARCHAR        the same
--   value_band  VARCHAR        the same
--   revenue     DECIMAL(18,2)  [currency] net
with small as (
    select dimension
    from marts.dimension_values
    group by dimension
    having count(*) <= 500
),

-- A number for each group of customers: to group by it costs half of what its names cost.
people as (
    select
        customer_key,
        persona,
        risk_band,
        churn_band,
        value_band,
        dense_rank() over (order by persona, risk_band, churn_band, value_band) as standing
    from marts.customers
),

standings as (
    select distinct
        standing,
        persona,
        risk_band,
        churn_band,
        value_band
    from people
),

lines as (
    select
        date_trunc('month', purchases.purchased_on) as month,
        people.standing,
        case
            when 'merchant' in (select small.dimension from small)
                then purchases.merchant
        end as merchant,
        case
            when 'category' in (select small.dimension from small)
                then purchases.category
        end as category,
        purchases.payment_method,
        case when 'city' in (select small.dimension from small) then purchases.city end as city,
        purchases.country,
        purchases.channel,
        purchases.amount
    from marts.purchases as purchases
    inner join people on purchases.customer_key = people.customer_key
),

sums as (
    select
        case
            when grouping(merchant) = 0 then 'merchant'
            when grouping(category) = 0 then 'category'
            when grouping(payment_method) = 0 then 'payment_method'
            when grouping(city) = 0 then 'city'
            when grouping(country) = 0 then 'country'
            else 'channel'
        end as dimension,
        coalesce(merchant, category, payment_method, city, country, channel) as value,
        month,
        standing,
        cast(sum(amount) as decimal(18, 2)) as revenue
    from lines
    group by
        grouping sets (
            (month, standing, merchant),
            (month, standing, category),
            (month, standing, payment_method),
            (month, standing, city),
            (month, standing, country),
            (month, standing, channel)
        )
)

select
    sums.dimension,
    sums.value,
    cast(sums.month as date) as month,
    standings.persona,
    standings.risk_band,
    standings.churn_band,
    standings.value_band,
    sums.revenue
from sums
semi join small on sums.dimension = small.dimension
inner join standings on sums.standing = standings.standing
order by sums.dimension, sums.month
