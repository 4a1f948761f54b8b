-- marks.order_states: what each order had come to at the end of each day on which it got a line.
-- grain:  one row per order and such a day; it holds from `day` until the day before `until_day`
-- reads:  marks.lines, marks.order_products
-- What ends in _before is the same at the end of the order's day before. An order is what one
-- customer bought under one order_id of one source.
with days as (
    select
        customer_key,
        source,
        order_id,
        day,
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

products as (
    select
        customer_key,
        source,
        order_id,
        day,
        count(*) as n_new
    from marks.order_products
    group by customer_key, source, order_id, day
),

running as (
    select
        days.*,
        products.n_new,
        coalesce(lead(days.day) over by_day, date '9999-12-31') as until_day,
        cast(sum(days.net) over by_day as decimal(18, 2)) as total,
        count(days.paid) over by_day as n_paid,
        count(days.paid) filter (where days.day > date '0001-01-01') over by_day as n_dated,
        count(days.bought_at) over by_day as n_timed,
        count(days.quantity) over by_day as n_quantity,
        min(days.ordered_at) over by_day as placed_at,
        count(days.n_products) over by_day as n_counted,
        sum(days.n_products) over by_day as counted,
        sum(products.n_new) over by_day as n_distinct
    from days
    left join products
        on
            days.customer_key = products.customer_key
            and days.source = products.source
            and days.order_id = products.order_id
            and days.day = products.day
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
    cast(cast(order_value as decimal(20, 2)) * 100 as hugeint) as cents,
    cast(cast(order_value_before as decimal(20, 2)) * 100 as hugeint) as cents_before,
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
