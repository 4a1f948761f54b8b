-- core.customers: everybody seen in a transaction or a customers file, and what is known of them.
-- grain:  one row per customer_id
-- reads:  nothing, this is the empty table that loading fills
-- more:   further columns of customers files follow under their own names, see core.attributes
-- columns:
--   customer_id      VARCHAR        key, as text
--   customer_key     INTEGER        dense key for joins; stays with the customer across loads
--   name             VARCHAR        personal
--   email            VARCHAR        personal
--   phone            VARCHAR        personal
--   age              INTEGER        [years]
--   gender           VARCHAR        as the source words it
--   city             VARCHAR        where the customer lives
--   country          VARCHAR        where the customer lives
--   location         VARCHAR        any other wording of where, such as "suburban"
--   consent          BOOLEAN        may be contacted; NULL where nothing is known
--   suppressed       BOOLEAN        must not be contacted; once true it stays true
--   opening_balance  DECIMAL(18,2)  [currency]
--   credit_limit     DECIMAL(18,2)  [currency]
--   support_tickets  INTEGER        [tickets]
--   load_id          INTEGER        the load that last changed the row
select
    null::varchar as customer_id,
    null::integer as customer_key,
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
    null::integer as support_tickets,
    null::integer as load_id
where false
