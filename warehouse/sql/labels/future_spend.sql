-- labels.future_spend(cutoff, horizon_days): what each customer spent in the days after the cutoff.
-- grain:  one row per customer with a dated purchase or refund on or before cutoff
-- reads:  core.customer_days
-- params: cutoff DATE, the last day that features may see; horizon_days INTEGER, days after it
-- columns:
--   customer_key  INTEGER         key
--   customer_id   VARCHAR         key as text
--   future_spend  DECIMAL(18,2)   [currency] net of purchases and refunds on cutoff + 1 day to
--                                 cutoff + horizon_days; 0 without either, below 0 when more
--                                 came back than was bought
with at_cutoff as (
    select
        customer_key,
        customer_id,
        net
    from core.customer_days
    where known_from <= $cutoff and known_until > $cutoff and known_from > date '0001-01-01'
),

at_the_end as (
    select
        customer_key,
        net
    from core.customer_days
    where
        known_from <= $cutoff + cast($horizon_days as integer)
        and known_until > $cutoff + cast($horizon_days as integer)
)

select
    at_cutoff.customer_key,
    at_cutoff.customer_id,
    cast(at_the_end.net - at_cutoff.net as decimal(18, 2)) as future_spend
from at_cutoff
inner join at_the_end on at_cutoff.customer_key = at_the_end.customer_key
