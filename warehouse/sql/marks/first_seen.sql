-- marks.first_seen: how many merchants and products each customer met for the first time, by day.
-- grain:  one row per customer and day with something new
-- reads:  marks.lines, marks.order_products
with merchants as (
    select
        customer_key,
        min(day) as day
    from marks.lines
    where merchant is not null
    group by customer_key, merchant
),

products as (
    select
        customer_key,
        min(day) as day
    from marks.order_products
    group by customer_key, product
),

met as (
    select
        customer_key,
        day,
        1 as n_merchants,
        0 as n_products
    from merchants
    union all
    select
        customer_key,
        day,
        0 as n_merchants,
        1 as n_products
    from products
)

select
    customer_key,
    day,
    cast(sum(n_merchants) as integer) as n_merchants,
    cast(sum(n_products) as integer) as n_products
from met
group by customer_key, day
