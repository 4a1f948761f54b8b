-- checks.transactions_days: a transaction's day is not the day of its time
-- grain:    one row per such transaction
-- reads:    core.transactions
-- severity: stop
select
    transaction_id,
    purchased_at,
    purchased_on
from core.transactions
where purchased_at is not null and purchased_on is distinct from cast(purchased_at as date)
