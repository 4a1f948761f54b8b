-- checks.scores_ranges: an expected spend is negative, or a churn risk is not between 0 and 1
-- grain:    one row per such customer
-- reads:    scores.spend, scores.churn
-- severity: stop
select
    coalesce(spend.customer_id, churn.customer_id) as customer_id,
    spend.expected_spend,
    churn.churn_risk
from scores.spend as spend
full outer join scores.churn as churn on spend.customer_key = churn.customer_key
where
    spend.expected_spend < 0
    or churn.churn_risk < 0
    or churn.churn_risk > 1
    or isnan(churn.churn_risk)
