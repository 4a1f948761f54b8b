-- marks.added: the lines behind what is marked, where all lines that count are behind some day.
-- grain:  one row per line of core.transactions of a customer of marks.asked with added_from
-- reads:  core.transactions, marks.asked
-- params: since DATE, no such line is older
select
    lines.customer_key,
    lines.customer_id,
    lines.source,
    lines.order_id,
    lines.purchased_at,
    lines.purchased_on,
    lines.amount,
    lines.quantity,
    lines.n_products,
    lines.is_promotion,
    lines.product_id,
    lines.product,
    lines.merchant,
    lines.category
from core.transactions as lines
inner join marks.asked as asked on lines.customer_key = asked.customer_key
where
    lines.kind in ('purchase', 'refund')
    and lines.purchased_on >= asked.added_from
    -- Said apart, as whole blocks can be skipped for it.
    and lines.purchased_on >= $since -- noqa: RF02
