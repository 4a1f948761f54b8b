-- marks.category_days: how each customer's money was spread over categories, by day.
-- grain:  one row per customer and day with a purchase in a named category
-- reads:  marks.lines, marks.known, marks.earlier, marks.category_names
-- The sum of a category only grows. So of all sums there have been the largest stands, and of those
-- as large the first category by name: a running maximum of 2^32 * cents - place says both.
with lines as (
    select
        customer_key,
        day,
        category,
        paid
    from marks.lines
    where category is not null and is_added
    union all
    select
        earlier.customer_key,
        known.known_from as day,
        earlier.category,
        earlier.amount as paid
    from marks.earlier as earlier
    inner join marks.known as known on earlier.customer_key = known.customer_key
    where earlier.category is not null and earlier.amount > 0
),

days as (
    select
        lines.customer_key,
        names.place,
        lines.day,
        cast(sum(lines.paid) as decimal(18, 2)) as paid
    from lines
    inner join marks.category_names as names on lines.category = names.category
    group by lines.customer_key, names.place, lines.day
),

grown as (
    select
        customer_key,
        place,
        day,
        paid,
        cast(
            sum(paid) over (partition by customer_key, place order by day) as decimal(18, 2)
        ) as paid_so_far
    from days
),

days_at_top as (
    select
        customer_key,
        day,
        cast(count(*) filter (where paid_so_far = paid) as integer) as n_categories,
        cast(sum(paid) as decimal(18, 2)) as paid,
        max(paid_so_far) as paid_at_top,
        max(
            4294967296 * cast(
                cast(trunc(paid_so_far) as bigint) * 100
                + cast(cast(paid_so_far % 1 as decimal(4, 2)) * 100 as integer)
                as hugeint
            ) - place
        ) as top
    from grown
    group by customer_key, day
)

select
    * exclude (top), -- noqa: AM04
    cast(4294967296 - (top & 4294967295) as integer) as top_place
from days_at_top
