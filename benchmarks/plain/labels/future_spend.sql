-- labels.future_spend(cutoff, horizon_days): what each customer spent in the days after the cutoff.
-- grain:  one row per customer with a dated purchase or refund on or before cutoff
-- reads:  core.transactions
-- params: cutoff DATE, the last day that features may see; horizon_days INTEGER, days after it
-- columns:
--   customer_key  INTEGER         key
--   customer_id   VARCHAR         key as text
--   future_spend  DECIMAL(18,2)   [currency] net of purchases and refunds on cutoff + 1 day to
--                                 cutoff + horizon_days; 0 without either, below 0 when more
--                                 came back than was bought
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
        sum(amount) filter (where days_after > 0) as spend
    from lines
    group by customer_key
)

select
    customer_key,
    customer_id,
    cast(coalesce(spend, 0) as decimal(18, 2)) as future_spend
from customers
where n_before > 0
