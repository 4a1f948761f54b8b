-- marks.lines: the purchases and refunds of the customers whose marks are made.
-- grain:  one row per line of core.transactions that counts for a customer of marks.touched
-- reads:  core.transactions, marks.touched
-- An undated line counts at every as-of date: it stands on the day before all others, 0001-01-01.
select
    lines.customer_key,
    lines.source,
    lines.order_id,
    coalesce(lines.purchased_on, date '0001-01-01') as day,
    case when lines.amount > 0 then lines.purchased_at end as bought_at,
    case when lines.amount > 0 then coalesce(lines.purchased_at, lines.purchased_on) end
        as ordered_at,
    lines.amount,
    case when lines.amount > 0 then lines.amount end as paid,
    case when lines.amount < 0 then -lines.amount end as returned,
    case when lines.amount > 0 then lines.quantity end as quantity,
    case when lines.amount > 0 then lines.is_promotion end as is_promotion,
    case when lines.amount > 0 then lines.n_products end as n_products,
    case when lines.amount > 0 then coalesce(lines.product_id, lines.product) end as product,
    case when lines.amount > 0 then lines.merchant end as merchant,
    case when lines.amount > 0 then lines.category end as category
from core.transactions as lines
semi join marks.touched as touched on lines.customer_key = touched.customer_key
where lines.kind in ('purchase', 'refund')
