-- checks.transactions_customers: a transaction's customer is not in core.customers
-- grain:    one row per missing pair of customer_id and customer_key
-- reads:    core.transactions, core.customers
-- severity: stop
select
    transactions.customer_id,
    transactions.customer_key,
    count(*) as n_transactions
from core.transactions as transactions
left join core.customers as customers
    on
        transactions.customer_id = customers.customer_id
        and transactions.customer_key = customers.customer_key
where
    (transactions.customer_id is not null or transactions.customer_key is not null)
    and customers.customer_id is null
group by transactions.customer_id, transactions.customer_key
