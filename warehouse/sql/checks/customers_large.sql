-- checks.customers_large: one customer holds more than a fifth of all spend; a shared or test id?
-- grain:    one row per such customer, of at least 100 with purchases
-- reads:    marts.customers
-- severity: warn
with totals as (
    select
        sum(monetary) as spend,
        count(*) filter (where frequency > 0) as n_buyers
    from marts.customers
)

select
    customers.customer_id,
    customers.monetary,
    totals.spend
from marts.customers as customers
cross join totals
where totals.n_buyers >= 100 and customers.monetary > totals.spend / 5
order by customers.monetary desc
