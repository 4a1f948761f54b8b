-- checks.transactions_unique(since): a transaction id occurs more than once in its source
-- grain:    one row per repeated id
-- reads:    core.transactions
-- params:   since INTEGER, the first load to look at; what came before was looked at
-- severity: stop
with added as (
    select
        source,
        transaction_id
    from core.transactions
    where load_id >= $since
),

-- What came before is looked at only for these ids.
alike as (
    select
        source,
        transaction_id
    from added
    union all
    select
        earlier.source,
        earlier.transaction_id
    from core.transactions as earlier
    semi join added on earlier.transaction_id = added.transaction_id
    where earlier.load_id < $since -- noqa: RF02
)

select
    source,
    transaction_id,
    count(*) as copies
from alike
group by source, transaction_id
having count(*) > 1
