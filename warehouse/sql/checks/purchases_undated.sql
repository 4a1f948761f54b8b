-- checks.purchases_undated: a purchase has no day although others of its source have one
-- grain:    one row per such purchase or refund
-- reads:    core.transactions
-- severity: warn
with sources as (
    select source
    from core.transactions
    where purchased_on is not null
    group by source
)

select
    transactions.transaction_id,
    transactions.source,
    transactions.customer_id,
    transactions.load_id
from core.transactions as transactions
inner join sources on transactions.source = sources.source
where transactions.purchased_on is null and transactions.kind in ('purchase', 'refund')
