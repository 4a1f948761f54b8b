-- marks.customer_days: what core.customer_days says of the customers whose marks are made.
-- grain:  one row per customer and day with a line
-- reads:  marks.states, marks.customers, marks.category_names
-- What the changes of some customers come to, added up over arrays, is marks.states.
select
    states.customer_key,
    customers.customer_id,
    date '0001-01-01' + cast(states.day as integer) as known_from,
    date '0001-01-01' + cast(states.until_day as integer) as known_until,
    cast(states.n_lines as integer) as n_lines,
    cast(
        cast(coalesce(states.paid, 0) - coalesce(states.returned, 0) as decimal(19, 0)) * 0.01
        as decimal(18, 2)
    ) as net,
    cast(cast(states.paid as decimal(19, 0)) * 0.01 as decimal(18, 2)) as paid,
    cast(cast(states.returned as decimal(19, 0)) * 0.01 as decimal(18, 2)) as returned,
    date '0001-01-01' + cast(states.first_bought as integer) as first_bought_on,
    date '0001-01-01' + cast(states.last_bought as integer) as last_bought_on,
    cast(states.n_days_bought as integer) as n_days_bought,
    states.gap_squares,
    cast(states.n_orders as integer) as n_orders,
    cast(states.n_dated as integer) as n_dated_orders,
    cast(states.n_weekend as integer) as n_weekend_orders,
    cast(states.n_timed as integer) as n_timed_orders,
    cast(states.n_night as integer) as n_night_orders,
    cast(states.n_morning as integer) as n_morning_orders,
    cast(states.n_afternoon as integer) as n_afternoon_orders,
    31 - states.top_weekday % 32 as favourite_weekday,
    31 - states.top_hour % 32 as favourite_hour,
    cast(states.n_valued as integer) as n_order_values,
    cast(cast(states.order_value as decimal(19, 0)) * 0.01 as decimal(18, 2)) as order_value_sum,
    cast(
        cast(states.squares_high as hugeint) * 1208925819614629174706176
        + cast(states.squares_middle as hugeint) * 1099511627776
        + states.squares_low
        as decimal(38, 0)
    ) as order_value_squares,
    cast(cast(states.largest as decimal(19, 0)) * 0.01 as decimal(18, 2)) as max_order_value,
    cast(cast(states.first_value as decimal(19, 0)) * 0.01 as decimal(18, 2))
        as first_order_value,
    cast(cast(states.last_value as decimal(19, 0)) * 0.01 as decimal(18, 2)) as last_order_value,
    cast(cast(states.quantity as decimal(19, 0)) * 0.001 as decimal(18, 3)) as quantity,
    cast(states.n_with_quantity as integer) as n_orders_with_quantity,
    states.products,
    cast(states.n_with_products as integer) as n_orders_with_products,
    cast(states.n_lines_that_say as integer) as n_lines_that_say,
    cast(states.n_promotion_lines as integer) as n_promotion_lines,
    cast(states.n_merchants as integer) as n_merchants,
    cast(states.n_products as integer) as n_products,
    cast(states.n_categories as integer) as n_categories,
    cast(cast(states.paid_in_categories as decimal(19, 0)) * 0.01 as decimal(18, 2))
        as paid_in_categories,
    cast(cast(states.paid_at_top as decimal(19, 0)) * 0.01 as decimal(18, 2))
        as paid_in_top_category,
    names.category as top_category
from marks.states as states
inner join marks.customers as customers on states.customer_key = customers.customer_key
left join marks.category_names as names on states.top_place = names.place
