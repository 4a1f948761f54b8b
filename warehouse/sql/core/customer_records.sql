-- core.customer_records: what each customers file said, so that a load can be taken out again.
-- grain:  one row per load and customer whose values that load brought or changed
-- reads:  nothing, this is the empty table that loading fills
-- more:   further columns of customers files follow under their own names, see core.attributes
-- columns:
--   load_id          INTEGER        the customers load
--   customer_id      VARCHAR        key, as text
--   name             VARCHAR        personal
--   email            VARCHAR        personal
--   phone            VARCHAR        personal
--   age              INTEGER        [years]
--   gender           VARCHAR        as the source words it
--   city             VARCHAR        where the customer lives
--   country          VARCHAR        where the customer lives
--   location         VARCHAR        any other wording of where, such as "suburban"
--   consent          BOOLEAN        may be contacted
--   suppressed       BOOLEAN        must not be contacted
--   opening_balance  DECIMAL(18,2)  [currency]
--   credit_limit     DECIMAL(18,2)  [currency]
--   support_tickets  INTEGER        [tickets]
select
    null::integer as load_id,
    null::varchar as customer_id,
    null::varchar as name,
    null::varchar as email,
    null::varchar as phone,
    null::integer as age,
    null::varchar as gender,
    null::varchar as city,
    null::varchar as country,
    null::varchar as location,
    null::boolean as consent,
    null::boolean as suppressed,
    null::decimal(18, 2) as opening_balance,
    null::decimal(18, 2) as credit_limit,
    null::integer as support_tickets
where false
