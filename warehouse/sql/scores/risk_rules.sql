-- scores.risk_rules: what high spending has in common, as rules that can be read. Empty before a
--                    refresh.
-- grain:  one row per question and leaf of its tree; none where no rule holds
-- reads:  nothing
-- columns:
--   question           VARCHAR  key: high_spend (purchases) or high_spenders (customers)
--   place              INTEGER  key: 1 is the rule that is most often high
--   rule               VARCHAR  in words, such as "category is A and quantity above 3"
--   n                  BIGINT   [cases] that it was learnt from
--   share_high         DOUBLE   [ratio] of them that are high
--   n_unseen           BIGINT   [cases] of customers that it was not learnt from
--   share_high_unseen  DOUBLE   [ratio] of those that are high; NULL where there is none
select
    cast(null as varchar) as question,
    cast(null as integer) as place,
    cast(null as varchar) as rule,
    cast(null as bigint) as n,
    cast(null as double) as share_high,
    cast(null as bigint) as n_unseen,
    cast(null as double) as share_high_unseen
where false
