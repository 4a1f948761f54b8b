-- core.order_days: the later days of orders that were bought on several days.
-- grain:  one row per order and day with a positive purchase, without the order's first such day
-- reads:  nothing, this is the empty table that the marks fill
-- An order counts in each window that holds one of its days, but once: core.customer_days counts
-- it on its first day, and these rows say where a window holds only a later one. Mostly empty.
-- columns:
--   customer_key  INTEGER   who bought
--   begun_on      DATE      first day of the order with a positive purchase
--   bought_on     DATE      this day
--   bought_until  DATE      next such day of the order; 9999-12-31 for the last
select
    null::integer as customer_key,
    null::date as begun_on,
    null::date as bought_on,
    null::date as bought_until
where false
