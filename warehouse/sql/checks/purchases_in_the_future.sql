-- checks.purchases_in_the_future: a purchase lies after the as-of date; features do not see it
-- grain:    one row per such purchase or refund
-- reads:    core.transactions, marts.about
-- severity: warn
select
    transactions.transaction_id,
    transactions.customer_id,
    transactions.purchased_on,
    about.as_of,
    transactions.load_id
from core.transactions as transactions
cross join marts.about as about
where transactions.kind in ('purchase', 'refund') and transactions.purchased_on > about.as_of
order by transactions.purchased_on desc, transactions.transaction_id asc
