-- checks.customers_unique: a customer id or key is missing or occurs more than once
-- grain:    one row per such id and key
-- reads:    core.customers
-- severity: stop
with counted as (
    select
        customer_id,
        customer_key,
        count(*) over (partition by customer_id) as n_same_id,
        count(*) over (partition by customer_key) as n_same_key
    from core.customers
)

select
    customer_id,
    customer_key,
    n_same_id,
    n_same_key
from counted
where customer_id is null or customer_key is null or n_same_id > 1 or n_same_key > 1
