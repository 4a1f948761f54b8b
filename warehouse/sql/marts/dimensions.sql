-- marts.dimensions: the values of every purchase dimension that the data has, with URL slugs.
-- grain:  one row per dimension and value, the most revenue first
-- reads:  marts.dimension_values
-- columns:
--   dimension    VARCHAR         key: a column of marts.purchases
--   value        VARCHAR         key: what stands in that column
--   slug         VARCHAR         unique in its dimension; a-z, 0-9 and -, never empty, never "none"
--   n_lines      BIGINT          [lines] purchases and refunds
--   revenue      DECIMAL(18,2)   [currency] net
with spelt as (
    -- What is left of a name in a URL. Letters that strip_accents keeps are spelt out.
    select
        *,
        trim(
            regexp_replace(
                replace(replace(strip_accents(lower(value)), 'ß', 'ss'), 'ø', 'o'),
                '[^a-z0-9]+', '-', 'g'
            ),
            '-'
        ) as plain,
        md5(value) as digest
    from marts.dimension_values
),

-- Names that meet all get a digest, so that a link never comes to mean another one of them.
-- Nothing left, or the word that stands for a missing value, is treated as such a meeting.
shortened as (
    select
        *,
        case
            when plain = '' then 'value-' || digest[1:8]
            when plain = 'none' or count(*) over (partition by dimension, plain) > 1
                then plain || '-' || digest[1:8]
            else plain
        end as short
    from spelt
)

select
    dimension,
    value,
    case
        when count(*) over (partition by dimension, short) > 1 then short || '-' || digest
        else short
    end as slug,
    n_lines,
    revenue
from shortened
order by dimension asc, revenue desc, value asc
