-- marks.first_seen: how many merchants and products each customer met for the first time, by day.
-- grain:  one row per customer and day with something new
-- reads:  marks.lines, marks.known, marks.earlier
with earlier as (
    select
        earlier.customer_key,
        earlier.merchant,
        coalesce(earlier.product_id, earlier.product) as product
    from marks.earlier as earlier
    where earlier.amount > 0
),

merchants as (
    select
        customer_key,
        merchant,
        min(day) as day
    from marks.lines
    where merchant is not null and is_added
    group by customer_key, merchant
),

products as (
    select
        customer_key,
        product,
        min(day) as day
    from marks.lines
    where product is not null and is_added
    group by customer_key, product
),

met as (
    select
        merchants.customer_key,
        merchants.day,
        1 as n_merchants,
        0 as n_products
    from merchants
    anti join earlier
        on
            merchants.customer_key = earlier.customer_key
            and merchants.merchant = earlier.merchant
    union all
    select
        products.customer_key,
        products.day,
        0 as n_merchants,
        1 as n_products
    from products
    anti join earlier
        on products.customer_key = earlier.customer_key and products.product = earlier.product
    union all
    select
        customer_key,
        known_from as day,
        n_merchants,
        n_products
    from marks.known
)

select
    customer_key,
    day,
    cast(sum(n_merchants) as integer) as n_merchants,
    cast(sum(n_products) as integer) as n_products
from met
group by customer_key, day
