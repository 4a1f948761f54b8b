-- marts.dimension_values: what each value of each purchase dimension brought.
-- grain:  one row per dimension and value
-- reads:  marts.purchases
-- Of more lines it is the sum of what the parts bring. One dimension a grouping set: of the
-- dimensions, one alone is not NULL.
-- columns:
--   dimension  VARCHAR        key: a column of marts.purchases
--   value      VARCHAR        key: what stands in that column
--   n_lines    BIGINT         [lines] purchases and refunds
--   revenue    DECIMAL(18,2)  [currency] net
select
    case
        when merchant is not null then 'merchant'
        when category is not null then 'category'
        when subcategory is not null then 'subcategory'
        when product is not null then 'product'
        when payment_method is not null then 'payment_method'
        when city is not null then 'city'
        when country is not null then 'country'
        when channel is not null then 'channel'
    end as dimension,
    coalesce(
        merchant, category, subcategory, product, payment_method, city, country, channel
    ) as value,
    count(*) as n_lines,
    cast(sum(amount) as decimal(18, 2)) as revenue
from marts.purchases
group by
    grouping sets (
        (merchant),
        (category),
        (subcategory),
        (product),
        (payment_method),
        (city),
        (country),
        (channel)
    )
having
    coalesce(
        merchant, category, subcategory, product, payment_method, city, country, channel
    ) is not null
