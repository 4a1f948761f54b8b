-- features.customer_rfm(as_of): how recently, how often and how much each customer bought.
-- grain:  one row per customer with a purchase or refund on or before as_of (undated rows count)
-- reads:  core.customer_days
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
    date_diff('day', last_bought_on, $as_of) as recency_days,
    cast(n_orders as bigint) as frequency,
    net as monetary,
    first_bought_on as first_purchased_on,
    last_bought_on as last_purchased_on
from core.customer_days
where
    known_from <= coalesce($as_of, date '0001-01-01')
    and known_until > coalesce($as_of, date '0001-01-01')
