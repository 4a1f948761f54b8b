-- checks.customers_shown: a customer is lost or doubled on the way to the dashboard
-- grain:    one row per such customer
-- reads:    marts.customers, core.customers
-- severity: stop
with shown as (
    select
        customer_key,
        count(*) as n_shown
    from marts.customers
    group by customer_key
)

select
    coalesce(known.customer_key, shown.customer_key) as customer_key,
    known.customer_id,
    coalesce(shown.n_shown, 0) as n_shown
from core.customers as known
full outer join shown on known.customer_key = shown.customer_key
where known.customer_key is null or shown.n_shown is distinct from 1
