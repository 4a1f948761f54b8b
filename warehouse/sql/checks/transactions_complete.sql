-- checks.transactions_complete(since): a transaction lacks its id, order, amount or kind
-- grain:    one row per such transaction
-- reads:    core.transactions
-- params:   since INTEGER, the first load to look at; what came before was looked at
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
    load_id >= $since
    and (
        transaction_id is null
        or source is null
        or order_id is null
        or amount is null
        or kind is null
        or kind not in ('purchase', 'refund', 'income', 'transfer', 'cancelled')
    )
