-- marks.order_days: what core.order_days says of the customers whose marks are made.
-- grain:  one row per order and day with a positive purchase, without the order's first such day
-- reads:  marks.order_states
with bought as (
    select
        customer_key,
        day as bought_on,
        min(day) over by_day as begun_on,
        coalesce(lead(day) over by_day, date '9999-12-31') as bought_until
    from marks.order_states
    where paid is not null and day > date '0001-01-01'
    window by_day as (partition by customer_key, source, order_id order by day)
)

select
    customer_key,
    begun_on,
    bought_on,
    bought_until
from bought
where bought_on > begun_on
