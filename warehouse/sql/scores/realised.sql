-- scores.realised: what came of earlier scores once their horizon had passed.
-- grain:  one row per as-of date and generation whose scores stand in scores.history
-- reads:  nothing
-- Kept for ever; judged again where lines of those days come later.
-- Only customers who were scored then are counted; whoever bought for the first time in the horizon
-- is in no row. The actual spend of a customer is net of refunds, never below 0.
-- columns:
--   as_of           DATE     key: last day that the features saw
--   generation      INTEGER  key: number of the generation that said so
--   horizon_days    INTEGER  [days] after as_of
--   n_spend         BIGINT   [customers] with an expected spend
--   expected_spend  DOUBLE   [currency] sum over them; NULL without one
--   actual_spend    DOUBLE   [currency] what they spent
--   total_ratio     DOUBLE   [ratio] expected over actual; NULL where nobody bought
--   ngini           DOUBLE   [ratio] normalised Gini of the order; NULL where not defined
--   n_churn         BIGINT   [customers] with a churn risk
--   expected_churn  DOUBLE   [ratio] mean churn risk; NULL without one
--   actual_churn    DOUBLE   [ratio] who bought nothing
--   auc             DOUBLE   [ratio] area under the ROC curve; NULL where all did the same
--   ece             DOUBLE   [ratio] expected calibration error, ten bins
--   spend_level     VARCHAR  as said (total_ratio within 0.8 to 1.25), off, or few: too few buyers
--                            to tell it from chance; NULL if nobody bought
--   churn_level     VARCHAR  as said (ece at most 0.05), off, or few: too few customers to tell it
--                            from chance; NULL if nobody had a risk
select
    cast(null as date) as as_of,
    cast(null as integer) as generation,
    cast(null as integer) as horizon_days,
    cast(null as bigint) as n_spend,
    cast(null as double) as expected_spend,
    cast(null as double) as actual_spend,
    cast(null as double) as total_ratio,
    cast(null as double) as ngini,
    cast(null as bigint) as n_churn,
    cast(null as double) as expected_churn,
    cast(null as double) as actual_churn,
    cast(null as double) as auc,
    cast(null as double) as ece,
    cast(null as varchar) as spend_level,
    cast(null as varchar) as churn_level
where false
