-- marks.category_names: the categories, numbered by name.
-- grain:  one row per category
-- reads:  marks.lines
with named as (
    select distinct category
    from marks.lines
    where category is not null
)

select
    category,
    cast(row_number() over (order by category) as integer) as place
from named
