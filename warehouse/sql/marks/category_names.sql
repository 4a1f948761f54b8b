-- marks.category_names: the categories, numbered by name.
-- grain:  one row per category
-- reads:  marks.lines, marks.earlier
with named as (
    select category
    from marks.lines
    where category is not null
    union
    select category
    from marks.earlier
    where category is not null and amount > 0
)

select
    category,
    cast(row_number() over (order by category) as integer) as place
from named
