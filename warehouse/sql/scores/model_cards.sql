-- scores.model_cards: what each model is, how it did, and its limits. Empty before a refresh.
-- grain:  one row per question that was asked
-- reads:  nothing
-- columns:
--   question  VARCHAR  key: as in scores.model_runs
--   card      VARCHAR  Markdown; the same for the same data and settings
--   as_of     DATE     last day that the features of the scores saw
select
    cast(null as varchar) as question,
    cast(null as varchar) as card,
    cast(null as date) as as_of
where false
