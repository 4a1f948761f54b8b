-- marts.exposure: how much of the spending sits in each city, at each merchant, in each country.
-- grain:  one row per dimension and value that purchases name
-- reads:  marts.purchases, marts.customers, marts.about
-- kind:   view
-- columns:
--   dimension           VARCHAR        key: city, merchant or country
--   value               VARCHAR        key; NULL for purchases that do not say
--   spend               DECIMAL(38,2)  [currency] purchases, refunds not subtracted
--   net                 DECIMAL(38,2)  [currency] refunds subtracted
--   share               DOUBLE         [ratio] of all spend
--   n_lines             BIGINT         [lines] purchases
--   n_customers         BIGINT         [customers] who bought there
--   top_customer_share  DOUBLE         [ratio] of its spend that its largest customer makes
--   customer_hhi        DOUBLE         [index] sum of squared customer shares: 1 is one alone
--   high_risk_share     DOUBLE         [ratio] of its spend that customers of high exposure make
with lines as (
    select
        purchases.customer_key,
        purchases.amount,
        purchases.is_purchase,
        purchases.city,
        purchases.merchant,
        purchases.country
    from marts.purchases
    cross join marts.about
    where
        about.last_day is null
        or purchases.purchased_on is null
        or purchases.purchased_on <= coalesce(about.as_of, about.last_day)
),

-- One row a customer and value; purchases without a customer are one of them, with no key.
held as (
    select
        case
            when grouping(city) = 0 then 'city'
            when grouping(merchant) = 0 then 'merchant'
            else 'country'
        end as dimension,
        -- Where it is grouped by one of them, the other two are NULL.
        coalesce(city, merchant, country) as value,
        customer_key,
        coalesce(sum(amount) filter (where is_purchase), 0) as spend,
        sum(amount) as net,
        count(*) filter (where is_purchase) as n_lines
    from lines
    group by grouping sets ((city, customer_key), (merchant, customer_key), (country, customer_key))
),

sums as (
    select
        held.dimension,
        held.value,
        sum(held.spend) as spend,
        sum(held.net) as net,
        sum(held.n_lines) as n_lines,
        count(held.customer_key) filter (where held.spend > 0) as n_customers,
        coalesce(max(held.spend) filter (where held.customer_key is not null), 0) as largest,
        sum(power(cast(held.spend as double), 2)) filter (where held.customer_key is not null)
            as squares,
        coalesce(sum(held.spend) filter (where customers.risk_band = 'high'), 0) as by_high
    from held
    left join marts.customers on held.customer_key = customers.customer_key
    group by held.dimension, held.value
)

select
    dimension,
    value,
    cast(spend as decimal(38, 2)) as spend,
    cast(net as decimal(38, 2)) as net,
    spend / nullif(sum(spend) over (partition by dimension), 0) as share,
    cast(n_lines as bigint) as n_lines,
    n_customers,
    largest / nullif(spend, 0) as top_customer_share,
    squares / nullif(power(cast(spend as double), 2), 0) as customer_hhi,
    by_high / nullif(spend, 0) as high_risk_share
from sums
-- A dimension that no purchase names is not shown.
qualify count(value) over (partition by dimension) > 0
