-- marks.known: the row that holds of the customers whose marks are continued.
-- grain:  one row per such customer
-- reads:  marks.last, marks.touched
with continued as (
    select customer_key
    from marks.touched
    where is_continued
)

select last.* -- noqa: AM04
from marks.last as last
semi join continued on last.customer_key = continued.customer_key
