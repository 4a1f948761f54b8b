-- steps.superseded(cutoff, as_of): what was known at cutoff of customers who had a line since.
-- grain:  one row per customer with a line by cutoff and another one by as_of
-- reads:  core.customer_days
-- params: cutoff DATE, an earlier day; as_of DATE, the last day that counts
-- Of everybody else the same is known at as_of.
-- columns:
--   customer_key  INTEGER         key
--   n_orders      INTEGER         [orders] dated, with a positive purchase
--   net           DECIMAL(18,2)   [currency] purchases and refunds
--   paid          DECIMAL(18,2)   [currency] positive ones; NULL without
select
    customer_key,
    n_dated_orders as n_orders,
    net,
    paid
from core.customer_days
where known_from <= $cutoff and known_until > $cutoff and known_until <= $as_of
