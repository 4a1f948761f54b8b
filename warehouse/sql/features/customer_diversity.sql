-- features.customer_diversity(as_of): how broadly a customer buys, and how much on promotion.
-- grain:  one row per customer with a purchase or refund on or before as_of (undated rows count)
-- reads:  steps.customer_known
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
    avg_products_per_order,
    promo_usage_ratio,
    n_merchants,
    n_categories,
    n_products,
    top_category,
    top_category_share
from steps.customer_known($as_of)
