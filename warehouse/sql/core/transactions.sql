-- core.transactions: every purchase, refund, income and transfer that was loaded.
-- grain:  one row per line of a source; (source, transaction_id) is unique
-- reads:  nothing, this is the empty table that loading fills
-- columns:
--   transaction_id    VARCHAR        the source's id, or 20 hex digits of content_hash and a count
--   source            VARCHAR        name of the source the id belongs to
--   content_hash      UHUGEINT       MD5 of the canonical mapped values; equal rows, equal hash
--   order_id          VARCHAR        lines of one basket share it; never NULL
--   customer_id       VARCHAR        who pays; NULL where the source names nobody
--   customer_key      INTEGER        key of core.customers; NULL where customer_id is
--   purchased_at      TIMESTAMP      local time of the workspace; NULL in an undated ledger
--   purchased_on      DATE           day of purchased_at
--   amount            DECIMAL(18,2)  [currency] refunds negative
--   kind              VARCHAR        purchase, refund, income, transfer; cancelled is no spend
--   currency          VARCHAR        ISO 4217 code, the workspace's
--   quantity          DECIMAL(18,3)  [units] of the product
--   unit_price        DECIMAL(18,6)  [currency] for one unit
--   n_products        INTEGER        [products] on this line, where a line is a whole basket
--   is_promotion      BOOLEAN        bought on promotion
--   product_id        VARCHAR        article or stock code
--   product           VARCHAR        name of the product
--   merchant          VARCHAR        who sold it
--   category          VARCHAR        category of the product or expense
--   subcategory       VARCHAR        finer category
--   payment_method    VARCHAR        how it was paid
--   city              VARCHAR        city of purchase
--   country           VARCHAR        country of purchase
--   channel           VARCHAR        web, store ...
--   account_id        VARCHAR        account or card it was booked on
--   description       VARCHAR        free text of the line
--   category_written  VARCHAR        category in the source's words, where a rule changed it
--   load_id           INTEGER        the load in core.loads that brought it
select
    null::varchar as transaction_id,
    null::varchar as source,
    null::uhugeint as content_hash,
    null::varchar as order_id,
    null::varchar as customer_id,
    null::integer as customer_key,
    null::timestamp as purchased_at,
    null::date as purchased_on,
    null::decimal(18, 2) as amount,
    null::varchar as kind,
    null::varchar as currency,
    null::decimal(18, 3) as quantity,
    null::decimal(18, 6) as unit_price,
    null::integer as n_products,
    null::boolean as is_promotion,
    null::varchar as product_id,
    null::varchar as product,
    null::varchar as merchant,
    null::varchar as category,
    null::varchar as subcategory,
    null::varchar as payment_method,
    null::varchar as city,
    null::varchar as country,
    null::varchar as channel,
    null::varchar as account_id,
    null::varchar as description,
    null::varchar as category_written,
    null::integer as load_id
where false
