-- checks.amounts_of_zero: a purchase or refund costs nothing
-- grain:    one row per such transaction
-- reads:    core.transactions
-- severity: warn
select
    transaction_id,
    customer_id,
    purchased_on,
    quantity,
    unit_price,
    description
from core.transactions
where kind in ('purchase', 'refund') and amount = 0
order by load_id, transaction_id
