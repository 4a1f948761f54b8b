-- checks.scores_customers: a customer has two scores of one model, or carries somebody else's
-- grain:    one row per such score
-- reads:    scores.spend, scores.churn, scores.risk, scores.clusters, core.customers
-- severity: stop
-- A score whose customer was taken out again by unload is shown nowhere and may stay.
with scored as (
    select
        'spend' as question,
        customer_key,
        customer_id
    from scores.spend
    union all
    select
        'churn' as question,
        customer_key,
        customer_id
    from scores.churn
    union all
    select
        'risk' as question,
        customer_key,
        customer_id
    from scores.risk
    union all
    select
        'clusters' as question,
        customer_key,
        customer_id
    from scores.clusters
),

counted as (
    select
        question,
        customer_key,
        customer_id,
        count(*) over (partition by question, customer_key) as n_scores
    from scored
)

select
    counted.question,
    counted.customer_key,
    counted.customer_id as scored_id,
    customers.customer_id as known_id,
    counted.n_scores
from counted
left join core.customers as customers on counted.customer_key = customers.customer_key
where counted.n_scores > 1 or counted.customer_id != customers.customer_id
