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
where
    transactions.kind in ('purchase', 'refund')
    -- Without a purchase so far there is no as-of date.
    and transactions.purchased_on > coalesce(about.as_of, about.last_day)
order by transactions.purchased_on desc, transactions.transaction_id asc
