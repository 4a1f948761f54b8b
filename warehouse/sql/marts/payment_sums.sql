-- marts.payment_sums: what was paid by each method.
-- grain:  one row per payment method
-- reads:  marts.purchases
-- columns:
--   payment_method  VARCHAR        key; NULL where the source does not say
--   spend           DECIMAL(18,2)  [currency] purchases
--   refunds         DECIMAL(18,2)  [currency] what came back, as a positive amount
--   n_transactions  BIGINT         [lines] purchases and refunds
--   n_orders        BIGINT         [orders] distinct, with a purchase
--   n_customers     BIGINT         [customers] distinct, of those lines
with orders as (
    select
        payment_method,
        order_key,
        customer_key,
        sum(amount) filter (where amount > 0) as spend,
        -sum(amount) filter (where amount < 0) as refunds,
        count(*) as n_lines
    from marts.purchases
    group by all
),

people as (
    select
        payment_method,
        customer_key,
        sum(spend) as spend,
        sum(refunds) as refunds,
        sum(n_lines) as n_lines,
        count(spend) as n_orders
    from orders
    group by all
)

select
    payment_method,
    cast(coalesce(sum(spend), 0) as decimal(18, 2)) as spend,
    cast(coalesce(sum(refunds), 0) as decimal(18, 2)) as refunds,
    cast(sum(n_lines) as bigint) as n_transactions,
    cast(sum(n_orders) as bigint) as n_orders,
    count(customer_key) as n_customers
from people
group by payment_method
