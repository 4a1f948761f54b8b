-- marks.order_days: what core.order_days says of the customers whose marks are made.
-- grain:  one row per order and day with a positive purchase, without the order's first such day
-- reads:  marks.lines, marks.order_states
with orders as (
    select distinct
        customer_key,
        source,
        order_id
    from marks.order_states
    where has_several_days
),

days as (
    select distinct
        lines.customer_key,
        lines.source,
        lines.order_id,
        lines.bought_on
    from marks.lines as lines
    semi join orders
        on
            lines.customer_key = orders.customer_key
            and lines.source = orders.source
            and lines.order_id = orders.order_id
    where lines.bought_on is not null
),

bought as (
    select
        customer_key,
        bought_on,
        min(bought_on) over by_day as begun_on,
        coalesce(lead(bought_on) over by_day, date '9999-12-31') as bought_until
    from days
    window by_day as (partition by customer_key, source, order_id order by bought_on)
)

select
    customer_key,
    begun_on,
    bought_on,
    bought_until
from bought
where bought_on > begun_on
