-- features.customer_diversity(as_of): how broadly a customer buys, and how much on promotion.
-- grain:  one row per customer with a purchase or refund on or before as_of (undated rows count)
-- reads:  core.transactions
-- params: as_of DATE, the last day that counts; nothing later is read
-- columns:
--   customer_key            INTEGER   key
--   customer_id             VARCHAR   key as text
--   avg_products_per_order  DOUBLE    [products] mean number of distinct products in an order
--   promo_usage_ratio       DOUBLE    [ratio] purchase lines on promotion; NULL if not known
--   n_merchants             BIGINT    [merchants] distinct; NULL if the source names none
--   n_categories            BIGINT    [categories] distinct; NULL if the source names none
--   n_products              BIGINT    [products] distinct; NULL if the source names none
--   top_category            VARCHAR   with the most money paid; a tie goes to the first by name
--   top_category_share      DOUBLE    [ratio] its part of the money paid in any named category
with lines as (
    select
        customer_key,
        customer_id,
        source,
        order_id,
        amount,
        n_products,
        is_promotion,
        merchant,
        category,
        coalesce(product_id, product) as product
    from core.transactions
    where
        customer_key is not null
        and kind in ('purchase', 'refund')
        and (purchased_on <= $as_of or purchased_on is null)
),

orders as (
    -- A source of one row an order may count its products itself: n_products.
    select
        customer_key,
        coalesce(sum(n_products), nullif(count(distinct product), 0)) as n_products
    from lines
    where amount > 0
    group by customer_key, source, order_id
),

breadth as (
    select
        customer_key,
        sum(n_products) as products_sum,
        count(n_products) as n_orders
    from orders
    group by customer_key
),

categories as (
    select
        customer_key,
        category,
        sum(amount) as paid
    from lines
    where amount > 0 and category is not null
    group by customer_key, category
),

favourites as (
    select
        customer_key,
        count(*) as n_categories,
        arg_min(category, (-paid, category)) as top_category,
        max(paid) as paid_at_top,
        sum(paid) as paid
    from categories
    group by customer_key
),

customers as (
    select
        customer_key,
        any_value(customer_id) as customer_id,
        count(*) filter (where amount > 0 and is_promotion) as n_promotion_lines,
        count(is_promotion) filter (where amount > 0) as n_lines_that_say,
        count(distinct merchant) filter (where amount > 0) as n_merchants,
        count(distinct product) filter (where amount > 0) as n_products
    from lines
    group by customer_key
)

select
    customers.customer_key,
    customers.customer_id,
    cast(breadth.products_sum as double) / breadth.n_orders as avg_products_per_order,
    customers.n_promotion_lines / nullif(customers.n_lines_that_say, 0) as promo_usage_ratio,
    nullif(customers.n_merchants, 0) as n_merchants,
    favourites.n_categories,
    nullif(customers.n_products, 0) as n_products,
    favourites.top_category,
    cast(favourites.paid_at_top as double) / cast(favourites.paid as double) as top_category_share
from customers
left join breadth on customers.customer_key = breadth.customer_key
left join favourites on customers.customer_key = favourites.customer_key
