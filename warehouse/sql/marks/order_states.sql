-- marks.order_states: what each order had come to at the end of each day on which it got a line.
-- grain:  one row per order and such a day; it holds from `day` until the day before `until_day`
-- reads:  marks.lines
-- What ends in _before is the same at the end of the order's day before. An order is what one
-- customer bought under one order_id of one source. Nearly all have one day, and so one state:
-- only the others go through windows.
with products as (
    select
        customer_key,
        source,
        order_id,
        product,
        min(day) as day
    from marks.lines
    where product is not null
    group by customer_key, source, order_id, product
),

new_products as (
    select
        customer_key,
        source,
        order_id,
        day,
        count(*) as n_new
    from products
    group by customer_key, source, order_id, day
),

sums as (
    select
        customer_key,
        source,
        order_id,
        day,
        bool_or(is_added) as is_added,
        count(*) as n_lines,
        cast(sum(amount) as decimal(18, 2)) as net,
        cast(sum(paid) as decimal(18, 2)) as paid,
        cast(sum(returned) as decimal(18, 2)) as returned,
        cast(sum(quantity) as decimal(18, 3)) as quantity,
        cast(sum(n_products) as bigint) as n_products,
        count(is_promotion) as n_lines_that_say,
        count(*) filter (where is_promotion) as n_promotion_lines,
        min(bought_at) as bought_at,
        min(bought_on) as first_bought_on,
        max(bought_on) as last_bought_on,
        min(ordered_at) as ordered_at
    from marks.lines
    group by customer_key, source, order_id, day
),

days as materialized (
    select
        sums.*,
        new_products.n_new
    from sums
    left join new_products
        on
            sums.customer_key = new_products.customer_key
            and sums.source = new_products.source
            and sums.order_id = new_products.order_id
            and sums.day = new_products.day
),

several as materialized (
    select
        customer_key,
        source,
        order_id
    from days
    group by customer_key, source, order_id
    having count(*) > 1
),

running as (
    select
        days.*,
        date '9999-12-31' as until_day,
        days.net as total,
        cast(days.paid is not null as bigint) as n_paid,
        cast(days.paid is not null and days.day > date '0001-01-01' as bigint) as n_dated,
        cast(days.bought_at is not null as bigint) as n_timed,
        cast(days.quantity is not null as bigint) as n_quantity,
        days.ordered_at as placed_at,
        cast(days.n_products is not null as bigint) as n_counted,
        days.n_products as counted,
        days.n_new as n_distinct
    from days
    anti join several
        on
            days.customer_key = several.customer_key
            and days.source = several.source
            and days.order_id = several.order_id
    union all
    select
        days.*,
        coalesce(lead(days.day) over by_day, date '9999-12-31') as until_day,
        cast(sum(days.net) over by_day as decimal(18, 2)) as total,
        count(days.paid) over by_day as n_paid,
        count(days.paid) filter (where days.day > date '0001-01-01') over by_day as n_dated,
        count(days.bought_at) over by_day as n_timed,
        count(days.quantity) over by_day as n_quantity,
        min(days.ordered_at) over by_day as placed_at,
        count(days.n_products) over by_day as n_counted,
        sum(days.n_products) over by_day as counted,
        sum(days.n_new) over by_day as n_distinct
    from days
    semi join several
        on
            days.customer_key = several.customer_key
            and days.source = several.source
            and days.order_id = several.order_id
    window by_day as (
        partition by days.customer_key, days.source, days.order_id
        order by days.day
    )
)

select
    customer_key,
    source,
    order_id,
    day,
    until_day,
    is_added,
    n_lines,
    net,
    paid,
    returned,
    quantity,
    n_lines_that_say,
    n_promotion_lines,
    n_dated > 1 or first_bought_on < last_bought_on as has_several_days,
    n_paid = 1 and paid is not null as is_new,
    n_dated = 1 and paid is not null and day > date '0001-01-01' as is_new_dated,
    case when n_timed = 1 then bought_at end as first_bought_at,
    n_quantity = 1 and quantity is not null as is_new_with_quantity,
    case when total > 0 and n_paid > 0 then total end as order_value,
    case
        when total - net > 0 and n_paid > cast(paid is not null as integer) then total - net
    end as order_value_before,
    cast(
        cast(trunc(order_value) as bigint) * 100
        + cast(cast(order_value % 1 as decimal(4, 2)) * 100 as integer)
        as hugeint
    ) as cents,
    cast(
        cast(trunc(order_value_before) as bigint) * 100
        + cast(cast(order_value_before % 1 as decimal(4, 2)) * 100 as integer)
        as hugeint
    ) as cents_before,
    placed_at,
    coalesce(counted, n_distinct) as products,
    coalesce(
        case
            when n_counted > cast(n_products is not null as integer)
                then counted - coalesce(n_products, 0)
        end,
        nullif(n_distinct - coalesce(n_new, 0), 0)
    ) as products_before
from running
