-- marts.recurring_payments: what a customer pays again and again, how much, when next.
-- grain:  one row per customer and payee whose payments keep a period
-- reads:  core.transactions
-- params: as_of DATE, the last day that counts; nothing later is read
-- What is paid to one payee on one day is one payment. The median of the days between payments
-- names the period: weekly 6 to 8, fortnightly 12 to 16, monthly 26 to 35, quarterly 82 to 100,
-- yearly 351 to 379 days. A gap within these bounds is regular. An amount within a fifth of the
-- one before it is steady, so that a new price counts once. It takes three payments and
--     confidence = regularity * (1 + steadiness) / 2 * gaps / (gaps + 2)
-- of at least 0.4 with a regularity of at least 0.7 to be listed.
-- columns:
--   customer_key    INTEGER        key
--   customer_id     VARCHAR        key as text
--   payee           VARCHAR        key: merchant, else description where no product is named
--   category        VARCHAR        of the last payment
--   period          VARCHAR        weekly, fortnightly, monthly, quarterly or yearly
--   typical_amount  DECIMAL(18,2)  [currency] median payment
--   last_amount     DECIMAL(18,2)  [currency] the last payment, after any change of price
--   yearly_amount   DECIMAL(18,2)  [currency] what a year of typical payments comes to
--   n_payments      BIGINT         [payments] days on which was paid
--   first_paid_on   DATE           first of them
--   last_paid_on    DATE           last of them
--   next_due_on     DATE           one period after the last
--   regularity      DOUBLE         [ratio] regular gaps
--   steadiness      DOUBLE         [ratio] payments that are steady against the one before
--   confidence      DOUBLE         [ratio] in [0, 1], see above
--   status          VARCHAR        at as_of: active up to 1, 2, 5, 9 or 14 days past the due day by
--                                  period; then overdue for one period; then ended
with periods (period, shortest, longest, step, slack, per_year) as (
    values
    ('weekly', 6, 8, interval 7 days, 1, 52),
    ('fortnightly', 12, 16, interval 14 days, 2, 26),
    ('monthly', 26, 35, interval 1 month, 5, 12),
    ('quarterly', 82, 100, interval 3 months, 9, 4),
    ('yearly', 351, 379, interval 1 year, 14, 1)
),

lines as not materialized (
    select
        *,
        coalesce(
            merchant, case when product is null and product_id is null then description end
        ) as payee
    from core.transactions
    where kind = 'purchase' and amount > 0 and purchased_on <= $as_of and customer_key is not null
),

-- Few pay a payee three times: only they go through the dear steps. A digest is a cheap key.
repeated as (
    select
        customer_key,
        hash(payee) as digest
    from lines
    where payee is not null
    group by all
    having count(*) >= 3 and max(purchased_on) - min(purchased_on) >= 12
),

payments as (
    select
        lines.customer_key,
        lines.payee,
        lines.purchased_on,
        any_value(lines.customer_id) as customer_id,
        max(lines.category) as category,
        cast(sum(lines.amount) as decimal(18, 2)) as paid
    from lines
    semi join repeated
        on lines.customer_key = repeated.customer_key and hash(lines.payee) = repeated.digest
    group by all
),

steps as (
    select
        *,
        date_diff('day', lag(purchased_on) over earlier, purchased_on) as gap,
        abs(paid - lag(paid) over earlier) * 5 <= greatest(paid, lag(paid) over earlier)
            as is_steady
    from payments
    window earlier as (partition by customer_key, payee order by purchased_on)
),

rhythms as (
    select
        customer_key,
        payee,
        any_value(customer_id) as customer_id,
        arg_max(category, purchased_on) as category,
        cast(median(paid) as decimal(18, 2)) as typical_amount,
        arg_max(paid, purchased_on) as last_amount,
        count(*) as n_payments,
        min(purchased_on) as first_paid_on,
        max(purchased_on) as last_paid_on,
        count(gap) as n_gaps,
        median(gap) as usual_gap,
        list(gap) as gaps,
        count(*) filter (where is_steady) / n_gaps as steadiness
    from steps
    group by customer_key, payee
    having count(*) >= 3
),

timed as (
    select
        rhythms.*,
        periods.*,
        len(
            list_filter(
                rhythms.gaps,
                lambda gap: gap between periods.shortest and periods.longest -- noqa: RF02
            )
        ) / rhythms.n_gaps as regularity
    from rhythms
    inner join periods on rhythms.usual_gap between periods.shortest and periods.longest
),

judged as (
    select
        *,
        regularity * (1 + steadiness) / 2 * n_gaps / (n_gaps + 2) as confidence,
        cast(last_paid_on + step as date) as next_due_on
    from timed
)

select
    customer_key,
    customer_id,
    payee,
    category,
    period,
    typical_amount,
    last_amount,
    cast(typical_amount * per_year as decimal(18, 2)) as yearly_amount,
    n_payments,
    first_paid_on,
    last_paid_on,
    next_due_on,
    regularity,
    steadiness,
    confidence,
    case
        when $as_of <= next_due_on + slack then 'active'
        when $as_of <= next_due_on + step + to_days(slack) then 'overdue'
        else 'ended'
    end as status
from judged
where regularity >= 0.7 and confidence >= 0.4
order by customer_key, payee
