-- marts.model_cards: what each model is, how it did, and its limits.
-- grain:  one row per question that was asked
-- reads:  scores.model_cards
-- kind:   view
-- columns:
--   question  VARCHAR  key: as in marts.model_runs
--   card      VARCHAR  Markdown; the same for the same data and settings
--   as_of     DATE     last day that the features of the scores saw
select
    question,
    card,
    as_of
from scores.model_cards
