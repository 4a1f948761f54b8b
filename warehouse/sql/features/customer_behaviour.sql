-- features.customer_behaviour(as_of): how large a customer's orders are, and what comes back.
-- grain:  one row per customer with a purchase or refund on or before as_of (undated rows count)
-- reads:  steps.customer_known
-- params: as_of DATE, the last day that counts; nothing later is read
-- An order's total is net of the refunds under the same order_id.
-- columns:
--   customer_key       INTEGER         key
--   customer_id        VARCHAR         key as text
--   avg_order_value    DOUBLE          [currency] mean of positive order totals
--   max_order_value    DECIMAL(18,2)   [currency] largest positive order total
--   std_order_value    DOUBLE          [currency] their sample deviation; NULL below two
--   first_order_value  DECIMAL(18,2)   [currency] the earliest of them; NULL if undated
--   last_order_value   DECIMAL(18,2)   [currency] the latest of them; NULL if undated
--   total_quantity     DOUBLE          [units] on purchase lines; NULL if not known
--   avg_quantity       DOUBLE          [units] per order with a known quantity
--   refund_ratio       DOUBLE          [ratio] returned over paid; NULL without a purchase
select
    customer_key,
    customer_id,
    avg_order_value,
    max_order_value,
    std_order_value,
    first_order_value,
    last_order_value,
    total_quantity,
    avg_quantity,
    refund_ratio
from steps.customer_known($as_of)
