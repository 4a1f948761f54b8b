-- marts.recurring_payments: what a customer pays again and again, how much, when next.
-- grain:  one row per customer and payee whose payments keep a period
-- reads:  marts.payment_rhythms, steps.payment_periods
-- params: as_of DATE, the last day that counts; nothing later is read
-- Weekly is 6 to 8 days between payments, fortnightly 12 to 16, monthly 26 to 35, quarterly 82 to
-- 100, yearly 351 to 379. marts.payment_rhythms says what it takes to be listed.
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
--   confidence      DOUBLE         [ratio] in [0, 1]: regular, steady and often
--   status          VARCHAR        at as_of: active up to 1, 2, 5, 9 or 14 days past the due day by
--                                  period; then overdue for one period; then ended
select
    rhythms.customer_key,
    rhythms.customer_id,
    rhythms.payee,
    rhythms.category,
    rhythms.period,
    rhythms.typical_amount,
    rhythms.last_amount,
    cast(rhythms.typical_amount * periods.per_year as decimal(18, 2)) as yearly_amount,
    rhythms.n_payments,
    rhythms.first_paid_on,
    rhythms.last_paid_on,
    cast(rhythms.last_paid_on + periods.step as date) as next_due_on,
    rhythms.regularity,
    rhythms.steadiness,
    rhythms.confidence,
    case
        when $as_of <= next_due_on + periods.slack then 'active'
        when $as_of <= next_due_on + periods.step + to_days(periods.slack) then 'overdue'
        else 'ended'
    end as status
from marts.payment_rhythms as rhythms
inner join steps.payment_periods() as periods on rhythms.period = periods.period
order by rhythms.customer_key, rhythms.payee
