-- checks.amounts_extreme: an amount is more than a thousand times the usual one of its source
-- grain:    one row per such purchase or refund, the largest first
-- reads:    core.transactions
-- severity: warn
-- "Usual" is the median size of an amount, whatever its sign. Such lines move every average.
with usual as (
    select
        source,
        median(abs(amount)) as usual_amount
    from core.transactions
    where kind in ('purchase', 'refund') and amount != 0
    group by source
)

select
    transactions.transaction_id,
    transactions.customer_id,
    transactions.purchased_on,
    transactions.amount,
    usual.usual_amount
from core.transactions as transactions
inner join usual on transactions.source = usual.source
where
    transactions.kind in ('purchase', 'refund')
    -- A thousand times a large amount has more digits than a decimal of eighteen.
    and abs(transactions.amount) > 1000 * cast(usual.usual_amount as double)
order by abs(transactions.amount) desc, transactions.transaction_id asc
