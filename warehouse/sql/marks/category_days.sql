-- marks.category_days: how each customer's money was spread over categories, by day.
-- grain:  one row per customer and day with a purchase in a named category
-- reads:  marks.lines
-- The sum of a category only grows, so the largest sum of all categories is the running maximum
-- of the sums as they grow, and whoever reaches it first by name leads while it stands.
with days as (
    select
        customer_key,
        category,
        day,
        cast(sum(paid) as decimal(18, 2)) as paid
    from marks.lines
    where category is not null
    group by customer_key, category, day
),

grown as (
    select
        customer_key,
        category,
        day,
        paid,
        cast(
            sum(paid) over (partition by customer_key, category order by day) as decimal(18, 2)
        ) as paid_so_far
    from days
),

compared as (
    select
        customer_key,
        category,
        day,
        paid,
        paid_so_far,
        max(paid_so_far) over (partition by customer_key order by day) as paid_at_top
    from grown
),

daily as (
    select
        customer_key,
        day,
        cast(count(*) filter (where paid_so_far = paid) as integer) as n_categories,
        cast(sum(paid) as decimal(18, 2)) as paid,
        any_value(paid_at_top) as paid_at_top,
        min(category) filter (where paid_so_far = paid_at_top) as leader
    from compared
    group by customer_key, day
)

select
    customer_key,
    day,
    n_categories,
    paid,
    paid_at_top,
    min(leader) over (partition by customer_key, paid_at_top order by day) as top_category
from daily
