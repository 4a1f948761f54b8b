-- features.customer_diversity(as_of): how broadly a customer buys, and how much on promotion.
-- grain:  one row per customer with a purchase or refund on or before as_of (undated rows count)
-- reads:  core.customer_days
-- params: as_of DATE, the last day that counts; nothing later is read
-- columns:
--   customer_key            INTEGER   key
--   customer_id             VARCHAR   key as text
--   avg_products_per_order  DOUBLE    [products] mean number of distinct products in an order
--   promo_usage_ratio       DOUBLE    [ratio] purchase lines on promotion; NULL if not known
--   n_merchants             BIGINT    [merchants] distinct; NULL if the source names none
--   n_categories            BIGINT    [categories] distinct; NULL if the source names none
--   n_products              BIGINT    [products] distinct; NULL if the source names none
--   top_category            VARCHAR   with the most money paid; a tie goes to the first by name
--   top_category_share      DOUBLE    [ratio] its part of the money paid in any named category
select
    customer_key,
    customer_id,
    cast(products as double) / nullif(n_orders_with_products, 0) as avg_products_per_order,
    n_promotion_lines / nullif(n_lines_that_say, 0) as promo_usage_ratio,
    cast(nullif(n_merchants, 0) as bigint) as n_merchants,
    cast(nullif(n_categories, 0) as bigint) as n_categories,
    cast(nullif(n_products, 0) as bigint) as n_products,
    top_category,
    cast(paid_in_top_category as double) / cast(paid_in_categories as double)
        as top_category_share
from core.customer_days
where
    known_from <= coalesce($as_of, date '0001-01-01')
    and known_until > coalesce($as_of, date '0001-01-01')
