-- marts.payment_modes: how purchases are paid.
-- grain:  one row per payment method; also of an undated ledger
-- reads:  marts.payment_sums
-- columns:
--   payment_method  VARCHAR        key; NULL where the source does not say
--   spend           DECIMAL(18,2)  [currency] purchases
--   refunds         DECIMAL(18,2)  [currency] what came back, as a positive amount
--   net             DECIMAL(18,2)  [currency] spend minus refunds
--   n_transactions  BIGINT         [lines] purchases and refunds
--   n_orders        BIGINT         [orders] distinct, with a purchase
--   n_customers     BIGINT         [customers] distinct, of those lines
--   avg_order       DOUBLE         [currency] spend per order; NULL without one
--   share           DOUBLE         [ratio] of all spend; NULL where that is 0
select
    payment_method,
    spend,
    refunds,
    cast(spend - refunds as decimal(18, 2)) as net,
    n_transactions,
    n_orders,
    n_customers,
    spend / nullif(n_orders, 0) as avg_order,
    spend / nullif(sum(spend) over (), 0) as share
from marts.payment_sums
order by spend desc, payment_method asc
