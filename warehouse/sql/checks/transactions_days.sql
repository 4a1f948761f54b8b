-- checks.transactions_days(since): a transaction's day is not the day of its time
-- grain:    one row per such transaction
-- reads:    core.transactions
-- params:   since INTEGER, the first load to look at; what came before was looked at
-- severity: stop
select
    transaction_id,
    purchased_at,
    purchased_on
from core.transactions
where
    load_id >= $since
    and purchased_at is not null
    and purchased_on is distinct from cast(purchased_at as date)
