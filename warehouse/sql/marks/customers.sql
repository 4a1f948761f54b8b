-- marks.customers: the ids of the customers whose marks are made.
-- grain:  one row per customer of marks.touched with a line
-- reads:  core.transactions, marks.touched
select
    lines.customer_key,
    any_value(lines.customer_id) as customer_id
from core.transactions as lines
semi join marks.touched as touched on lines.customer_key = touched.customer_key
group by lines.customer_key
