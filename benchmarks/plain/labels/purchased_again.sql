-- labels.purchased_again(cutoff, horizon_days): whether each customer bought after the cutoff.
-- grain:  one row per customer with a dated purchase or refund on or before cutoff
-- reads:  core.transactions
-- params: cutoff DATE, the last day that features may see; horizon_days INTEGER, days after it
-- columns:
--   customer_key     INTEGER   key
--   customer_id      VARCHAR   key as text
--   purchased_again  BOOLEAN   a positive purchase on cutoff + 1 day to cutoff + horizon_days
with lines as (
    select
        customer_key,
        customer_id,
        amount,
        date_diff('day', $cutoff, purchased_on) as days_after
    from core.transactions
    where
        customer_key is not null
        and kind in ('purchase', 'refund')
        and purchased_on <= $cutoff + cast($horizon_days as integer)
),

customers as (
    select
        customer_key,
        any_value(customer_id) as customer_id,
        count(*) filter (where days_after <= 0) as n_before,
        count(*) filter (where days_after > 0 and amount > 0) as n_after
    from lines
    group by customer_key
)

select
    customer_key,
    customer_id,
    n_after > 0 as purchased_again
from customers
where n_before > 0
