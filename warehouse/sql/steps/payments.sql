-- steps.payments(as_of): what a customer paid to payees that she may pay again and again.
-- grain:  one row per customer, payee and day; payees with fewer than three purchases are left out
-- reads:  core.transactions
-- params: as_of DATE, the last day that counts; nothing later is read
-- What is paid to one payee on one day is one payment.
-- columns:
--   customer_key  INTEGER        key
--   payee         VARCHAR        key: merchant, else description where no product is named
--   purchased_on  DATE           key
--   customer_id   VARCHAR        the customer as text
--   category      VARCHAR        the last by name
--   paid          DECIMAL(18,2)  [currency] purchases of the day
with lines as not materialized (
    select
        *,
        coalesce(
            merchant, case when product is null and product_id is null then description end
        ) as payee
    from core.transactions
    where kind = 'purchase' and amount > 0 and purchased_on <= $as_of and customer_key is not null
),

-- Few pay a payee three times: only they go through the dear steps. A digest is a cheap key.
repeated as (
    select
        customer_key,
        hash(payee) as digest
    from lines
    where payee is not null
    group by all
    having count(*) >= 3 and max(purchased_on) - min(purchased_on) >= 12
)

select
    lines.customer_key,
    lines.payee,
    lines.purchased_on,
    any_value(lines.customer_id) as customer_id,
    max(lines.category) as category,
    cast(sum(lines.amount) as decimal(18, 2)) as paid
from lines
semi join repeated
    on lines.customer_key = repeated.customer_key and hash(lines.payee) = repeated.digest
group by all
