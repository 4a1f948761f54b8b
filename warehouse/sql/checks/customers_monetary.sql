-- checks.customers_monetary: a customer's total spend is not the sum of her transactions
-- grain:    one row per such customer
-- reads:    marts.customers, marts.about, core.transactions
-- severity: stop
with spent as (
    select
        transactions.customer_key,
        sum(transactions.amount) as spend
    from core.transactions as transactions
    cross join marts.about as about
    where
        transactions.customer_key is not null
        and transactions.kind in ('purchase', 'refund')
        and (transactions.purchased_on <= about.as_of or transactions.purchased_on is null)
    group by transactions.customer_key
)

select
    customers.customer_key,
    customers.customer_id,
    customers.monetary,
    spent.spend
from marts.customers as customers
left join spent on customers.customer_key = spent.customer_key
where coalesce(customers.monetary, 0) != coalesce(spent.spend, 0)
