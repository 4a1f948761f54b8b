-- checks.transactions_complete: a transaction lacks its id, order, amount or kind
-- grain:    one row per such transaction
-- reads:    core.transactions
-- severity: stop
select
    transaction_id,
    source,
    order_id,
    amount,
    kind,
    load_id
from core.transactions
where
    transaction_id is null
    or source is null
    or order_id is null
    or amount is null
    or kind is null
    or kind not in ('purchase', 'refund', 'income', 'transfer', 'cancelled')
