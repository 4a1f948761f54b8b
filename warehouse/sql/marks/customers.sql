-- marks.customers: the ids of the customers whose marks are made.
-- grain:  one row per customer of marks.lines or marks.known
-- reads:  marks.lines, marks.known
with named as (
    select
        customer_key,
        customer_id
    from marks.lines
    where is_added
    union all
    select
        customer_key,
        customer_id
    from marks.known
)

select
    customer_key,
    any_value(customer_id) as customer_id
from named
group by customer_key
