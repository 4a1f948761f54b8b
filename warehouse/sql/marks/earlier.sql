-- marks.earlier: what is marked already of the customers whose marks are continued.
-- grain:  one row per line of core.transactions until the last day that is marked, or without a day
-- reads:  core.transactions, marks.asked
-- For what a row of marks cannot tell: which orders, products, merchants and categories there were,
-- and at which hours. Few columns, as reading them is the dearest part of one more day.
select
    lines.customer_key,
    lines.source,
    lines.order_id,
    lines.purchased_at,
    lines.purchased_on,
    lines.amount,
    lines.quantity,
    lines.n_products,
    lines.product_id,
    lines.product,
    lines.merchant,
    lines.category
from core.transactions as lines
inner join marks.asked as asked on lines.customer_key = asked.customer_key
where
    asked.is_continued
    and lines.kind in ('purchase', 'refund')
    and (lines.purchased_on <= asked.marked_until or lines.purchased_on is null)
