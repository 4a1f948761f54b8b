-- scores.thresholds: the cut points of every band, in words. Empty before a refresh.
-- grain:  one row per question and band
-- reads:  nothing
-- columns:
--   question  VARCHAR  key: spend, churn, risk, high_spend or high_spenders
--   band      VARCHAR  key: low, medium or high
--   lower     DOUBLE   lower cut point; NULL if open
--   upper     DOUBLE   upper cut point; NULL if open
--   words     VARCHAR  the band as a sentence
select
    cast(null as varchar) as question,
    cast(null as varchar) as band,
    cast(null as double) as lower,
    cast(null as double) as upper,
    cast(null as varchar) as words
where false
