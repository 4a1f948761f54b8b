-- marts.risk_rules: what high spending has in common, as rules that can be read.
-- grain:  one row per question and leaf of its tree; none where no rule holds
-- reads:  scores.risk_rules
-- kind:   view
-- columns:
--   question           VARCHAR  key: high_spend (purchases) or high_spenders (customers)
--   place              INTEGER  key: 1 is the rule that is most often high
--   rule               VARCHAR  in words, such as "category is A and quantity above 3"
--   n                  BIGINT   [cases] that it was learnt from
--   share_high         DOUBLE   [ratio] of them that are high
--   n_unseen           BIGINT   [cases] of customers that it was not learnt from
--   share_high_unseen  DOUBLE   [ratio] of those that are high; NULL where there is none
select
    question,
    place,
    rule,
    n,
    share_high,
    n_unseen,
    share_high_unseen
from scores.risk_rules
