-- marks.order_products: on which day an order first held each of its products.
-- grain:  one row per order and product bought
-- reads:  marks.lines
select
    customer_key,
    source,
    order_id,
    product,
    min(day) as day
from marks.lines
where product is not null
group by customer_key, source, order_id, product
