-- marts.purchases: every line of purchase or refund, ready for period and dimension filters.
-- grain:  one row per transaction of kind purchase or refund, in the order of purchased_on
-- reads:  core.transactions, steps.order_keys
-- columns:
--   customer_key    INTEGER         NULL for a purchase without a customer
--   order_key       INTEGER         one per order_id, source and customer; dense, oldest first
--   purchased_on    DATE            NULL in an undated ledger
--   purchased_at    TIMESTAMP       local time of the purchase; NULL in an undated ledger
--   amount          DECIMAL(18,2)   [currency] refunds are negative
--   is_purchase     BOOLEAN         amount is above 0
--   quantity        DECIMAL(18,3)   [units]
--   product_id      VARCHAR         the source's article number
--   product         VARCHAR         name of the product; its product_id where it has no name
--   merchant        VARCHAR         who sold it
--   category        VARCHAR         category of the product
--   subcategory     VARCHAR         its part of the category
--   payment_method  VARCHAR         how it was paid
--   city            VARCHAR         city of the purchase
--   country         VARCHAR         country of the purchase
--   channel         VARCHAR         web, store, ...
--   is_promotion    BOOLEAN         bought on promotion; NULL if the source does not say
select
    lines.customer_key,
    orders.order_key,
    lines.purchased_on,
    lines.purchased_at,
    lines.amount,
    lines.amount > 0 as is_purchase,
    lines.quantity,
    lines.product_id,
    coalesce(lines.product, lines.product_id) as product,
    lines.merchant,
    lines.category,
    lines.subcategory,
    lines.payment_method,
    lines.city,
    lines.country,
    lines.channel,
    lines.is_promotion
from core.transactions as lines
inner join steps.order_keys() as orders
    on
        lines.source = orders.source
        and lines.order_id = orders.order_id
        and lines.customer_key is not distinct from orders.customer_key
where lines.kind in ('purchase', 'refund')
order by lines.purchased_on, orders.order_key, lines.purchased_at, lines.product_id, lines.amount
