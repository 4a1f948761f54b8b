-- labels.purchased_again(cutoff, horizon_days): whether each customer bought after the cutoff.
-- grain:  one row per customer with a dated purchase or refund on or before cutoff
-- reads:  core.customer_days
-- params: cutoff DATE, the last day that features may see; horizon_days INTEGER, days after it
-- columns:
--   customer_key     INTEGER   key
--   customer_id      VARCHAR   key as text
--   purchased_again  BOOLEAN   a positive purchase on cutoff + 1 day to cutoff + horizon_days
with at_cutoff as (
    select
        customer_key,
        customer_id
    from core.customer_days
    where known_from <= $cutoff and known_until > $cutoff and known_from > date '0001-01-01'
),

at_the_end as (
    select
        customer_key,
        last_bought_on
    from core.customer_days
    where
        known_from <= $cutoff + cast($horizon_days as integer)
        and known_until > $cutoff + cast($horizon_days as integer)
)

select
    at_cutoff.customer_key,
    at_cutoff.customer_id,
    coalesce(at_the_end.last_bought_on > $cutoff, false) as purchased_again
from at_cutoff
inner join at_the_end on at_cutoff.customer_key = at_the_end.customer_key
