-- checks.transactions_unique: a transaction id occurs more than once in its source
-- grain:    one row per repeated id
-- reads:    core.transactions
-- severity: stop
select
    source,
    transaction_id,
    count(*) as copies
from core.transactions
group by source, transaction_id
having count(*) > 1
