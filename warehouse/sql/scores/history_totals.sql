-- scores.history_totals: what each refresh said of groups of customers. Kept for ever.
-- grain:  one row per generation that scored, dimension and value
-- reads:  nothing
-- columns:
--   generation        INTEGER        key: number of the generation that said so
--   as_of             DATE           last day that the features saw; NULL in an undated ledger
--   horizon_days      INTEGER        [days] that expected_spend and expected_quiet cover
--   dimension         VARCHAR        key: everybody, persona, cluster or a band
--   value             VARCHAR        key: the persona, the band ...; NULL for everybody
--   n_customers       BIGINT         [customers] scored
--   expected_spend    DECIMAL(38,2)  [currency] sum over them; NULL where nobody has one
--   expected_quiet    DOUBLE         [customers] sum of their churn risks; NULL where none has one
--   model_id          VARCHAR        of expected_spend; where there is none of the next score
select
    cast(null as integer) as generation,
    cast(null as date) as as_of,
    cast(null as integer) as horizon_days,
    cast(null as varchar) as dimension,
    cast(null as varchar) as value,
    cast(null as bigint) as n_customers,
    cast(null as decimal(38, 2)) as expected_spend,
    cast(null as double) as expected_quiet,
    cast(null as varchar) as model_id
where false
