-- features.customer_rfm(as_of): how recently, how often and how much each customer bought.
-- grain:  one row per customer with a purchase or refund on or before as_of (undated rows count)
-- reads:  steps.customer_known
-- params: as_of DATE, the last day that counts; nothing later is read
-- columns:
--   customer_key        INTEGER         key
--   customer_id         VARCHAR         key as text
--   recency_days        BIGINT          [days] as_of minus the last purchase day; NULL if undated
--   frequency           BIGINT          [orders] distinct orders with a positive purchase
--   monetary            DECIMAL(18,2)   [currency] net sum of purchases and refunds
--   first_purchased_on  DATE            first day with a positive purchase
--   last_purchased_on   DATE            last day with a positive purchase
select
    customer_key,
    customer_id,
    recency_days,
    frequency,
    monetary,
    first_purchased_on,
    last_purchased_on
from steps.customer_known($as_of)
