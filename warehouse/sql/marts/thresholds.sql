-- marts.thresholds: the cut points of every band, in words.
-- grain:  one row per question and band
-- reads:  scores.thresholds
-- kind:   view
-- columns:
--   question  VARCHAR  key: spend, churn, risk, high_spend or high_spenders
--   band      VARCHAR  key: low, medium or high
--   lower     DOUBLE   lower cut point; NULL if open
--   upper     DOUBLE   upper cut point; NULL if open
--   words     VARCHAR  the band as a sentence
select
    question,
    band,
    lower,
    upper,
    words
from scores.thresholds
