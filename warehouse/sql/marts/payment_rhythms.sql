-- marts.payment_rhythms: who pays whom again and again, as far as it keeps a period.
-- grain:  one row per customer and payee whose payments keep a period
-- reads:  steps.payments, steps.payment_periods
-- params: as_of DATE, the last day that counts; nothing later is read
-- The median of the days between payments names the period; a gap within its bounds is regular. An
-- amount within a fifth of the one before it is steady, so that a new price counts once. It takes
-- three payments and
--     confidence = regularity * (1 + steadiness) / 2 * gaps / (gaps + 2)
-- of at least 0.4 with a regularity of at least 0.7 to be listed.
-- columns:
--   customer_key    INTEGER        key
--   customer_id     VARCHAR        key as text
--   payee           VARCHAR        key: merchant, else description where no product is named
--   category        VARCHAR        of the last payment
--   period          VARCHAR        of steps.payment_periods
--   typical_amount  DECIMAL(18,2)  [currency] median payment
--   last_amount     DECIMAL(18,2)  [currency] the last payment, after any change of price
--   n_payments      BIGINT         [payments] days on which was paid
--   first_paid_on   DATE           first of them
--   last_paid_on    DATE           last of them
--   regularity      DOUBLE         [ratio] regular gaps
--   steadiness      DOUBLE         [ratio] payments that are steady against the one before
--   confidence      DOUBLE         [ratio] in [0, 1], see above
with steps as (
    select
        *,
        date_diff('day', lag(purchased_on) over earlier, purchased_on) as gap,
        abs(paid - lag(paid) over earlier) * 5 <= greatest(paid, lag(paid) over earlier)
            as is_steady
    from steps.payments($as_of)
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
        periods.period,
        len(
            list_filter(
                rhythms.gaps,
                lambda gap: gap between periods.shortest and periods.longest -- noqa: RF02
            )
        ) / rhythms.n_gaps as regularity,
        regularity * (1 + rhythms.steadiness) / 2 * rhythms.n_gaps / (rhythms.n_gaps + 2)
            as confidence
    from rhythms
    inner join steps.payment_periods() as periods
        on rhythms.usual_gap between periods.shortest and periods.longest
)

select
    customer_key,
    customer_id,
    payee,
    category,
    period,
    typical_amount,
    last_amount,
    n_payments,
    first_paid_on,
    last_paid_on,
    regularity,
    steadiness,
    confidence
from timed
where regularity >= 0.7 and confidence >= 0.4
order by customer_key, payee
