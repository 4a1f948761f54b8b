-- marks.lines: the purchases and refunds of the customers whose marks are made.
-- grain:  one row per line of core.transactions that counts for a customer of marks.touched
-- reads:  core.transactions, marks.touched
-- An undated line counts at every as-of date: it stands on the day before all others, 0001-01-01.
-- Where marks are continued, what is marked already is one step: all of it stands on its last day.
select
    lines.customer_key,
    lines.customer_id,
    lines.source,
    lines.order_id,
    case
        when lines.purchased_on is null then date '0001-01-01'
        else greatest(lines.purchased_on, touched.marked_until)
    end as day,
    case when lines.amount > 0 then lines.purchased_on end as bought_on,
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
inner join marks.touched as touched on lines.customer_key = touched.customer_key
where lines.kind in ('purchase', 'refund')
