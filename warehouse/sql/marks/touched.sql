-- marks.touched: whose marks are made, and of which lines.
-- grain:  one row per customer of marks.asked
-- reads:  marks.asked, marks.added, marks.earlier
-- Of those who are continued, who goes on with an order that is marked needs her marked lines too:
-- its earlier value ends, and another order may be the largest, first or last again.
with gone_on as (
    select distinct added.customer_key
    from marks.added as added
    semi join marks.earlier as earlier
        on
            added.customer_key = earlier.customer_key
            and added.source = earlier.source
            and added.order_id = earlier.order_id
)

select
    asked.customer_key,
    asked.is_continued,
    asked.is_redone,
    asked.marked_until,
    asked.added_from is null as is_read,
    gone_on.customer_key is not null as is_gone_on
from marks.asked as asked
left join gone_on on asked.customer_key = gone_on.customer_key
