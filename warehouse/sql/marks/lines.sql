-- marks.lines: the purchases and refunds that marks are made of.
-- grain:  one row per line of core.transactions that counts for a customer of marks.touched; of
--         those whose marks are continued only what is not marked yet, or an order goes on
-- reads:  core.transactions, marks.touched, marks.added, marks.earlier
-- An undated line counts at every as-of date: it stands on the day before all others, 0001-01-01.
-- What is marked already (not is_added) stands on the last marked day.
with readable as (
    select customer_key
    from marks.touched
    where is_read
),

lines as (
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
        lines.category,
        true as is_added,
        coalesce(lines.purchased_on, date '0001-01-01') as day
    from core.transactions as lines
    semi join readable as touched
        on lines.customer_key = touched.customer_key
    where lines.kind in ('purchase', 'refund')
    union all
    select
        added.*,
        true as is_added,
        added.purchased_on as day
    from marks.added as added
    union all
    select
        earlier.customer_key,
        null as customer_id,
        earlier.source,
        earlier.order_id,
        earlier.purchased_at,
        earlier.purchased_on,
        earlier.amount,
        earlier.quantity,
        earlier.n_products,
        null as is_promotion,
        earlier.product_id,
        earlier.product,
        earlier.merchant,
        earlier.category,
        false as is_added,
        case
            when earlier.purchased_on is null then date '0001-01-01' else touched.marked_until
        end as day
    from marks.earlier as earlier
    inner join marks.touched as touched on earlier.customer_key = touched.customer_key
    where touched.is_gone_on
)

select
    customer_key,
    customer_id,
    source,
    order_id,
    day,
    is_added,
    case when amount > 0 then purchased_on end as bought_on,
    case when amount > 0 then purchased_at end as bought_at,
    case when amount > 0 then coalesce(purchased_at, purchased_on) end as ordered_at,
    amount,
    case when amount > 0 then amount end as paid,
    case when amount < 0 then -amount end as returned,
    case when amount > 0 then quantity end as quantity,
    case when amount > 0 then is_promotion end as is_promotion,
    case when amount > 0 then n_products end as n_products,
    case when amount > 0 then coalesce(product_id, product) end as product,
    case when amount > 0 then merchant end as merchant,
    case when amount > 0 then category end as category
from lines
