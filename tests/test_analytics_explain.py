"""Reasons: effects that add up to the number, read right, and follow the model."""

import numpy as np
import pandas as pd
import pytest
from small_history import little_work

from analytics import churn, spend
from analytics.attribution import Contributions, Effects, Margin, carried, shapley
from analytics.boosting import Fitting
from analytics.explain import MOST_ROWS, contributions
from analytics.matrix import with_rates
from analytics.reasons import explained, told_by
from analytics.reconciliation import Reconciled
from analytics.reference import describe

SPEND, CHURN = spend.question(30), churn.question(30)
OCCLUDED = {"random_forest", "gradient_boosting", "last_window"}


def customers(n=600, seed=1):
    """Made-up customers of whom frequent and recent ones spend more."""
    random = np.random.default_rng(seed)
    lifetime = random.integers(40, 400, n).astype(float)
    orders = random.geometric(0.35, n).astype(float)
    recency = np.where(orders > 1, lifetime * random.random(n), lifetime).round()
    value = random.lognormal(3, 0.5, n).round(2)
    again = random.random(n) < 0.7 * np.exp(-recency / 60) + 0.05
    gap = np.where(orders > 1, (lifetime - recency) / np.maximum(orders - 1, 1), np.nan)
    frame = pd.DataFrame(
        {
            "customer_key": np.arange(1, n + 1),
            "customer_id": [f"c{place}" for place in range(n)],
            "recency_days": recency,
            "customer_lifetime_days": lifetime,
            "frequency": orders,
            "mean_gap_days": gap,
            "avg_order_value": value,
            "first_order_value": value,
            "monetary": orders * value,
            "orders_30d": (recency < 30).astype(float),
            "spend_30d": (recency < 30) * value,
            "orders_90d": (recency < 90).astype(float),
            "promo_usage_ratio": np.where(random.random(n) < 0.2, np.nan, random.random(n)),
            "future_spend": again * value,
            "purchased_again": again,
        }
    )  # fmt: skip
    return with_rates(frame)


@pytest.fixture(scope="module")
def windows():
    return [customers(seed=1), customers(seed=2)]


@pytest.fixture(scope="module")
def reference(windows):
    return describe(windows[0], None)


def effects_of(**values):
    """Effects for one customer."""
    return Effects(list(values), np.array([list(values.values())]))


def first(effects):
    """Effects for the first customer, by name."""
    return dict(zip(effects.names, effects.values[0], strict=True))


def fitted(question, name, windows):
    with little_work():
        return question.candidate(name).fit(windows, Fitting())


@pytest.mark.parametrize(
    ("question", "name"),
    [(q, c.name) for q in (SPEND, CHURN) for c in q.candidates],
    ids=lambda each: getattr(each, "name", each),
)
def test_base_and_effects_of_every_candidate_are_its_answer(question, name, windows, reference):
    model, some = fitted(question, name, windows), windows[0].head(40)
    found = contributions(model, some, reference)
    assert found.adds_up == (name not in OCCLUDED)
    if found.adds_up:
        assert found.total == pytest.approx(model.predict(some), rel=1e-6, abs=1e-6)


def test_scores_in_line_with_a_total_have_reasons_in_line_with_it(windows, reference):
    model = Reconciled(fitted(SPEND, "lightgbm_hurdle", windows), 0.9, None)
    some = windows[0].head(20)
    assert contributions(model, some, reference).total == pytest.approx(model.predict(some))


def test_an_effect_without_contributions_is_what_the_typical_value_would_change(windows, reference):
    model, some = fitted(SPEND, "random_forest", windows), windows[0].head(5)
    found = contributions(model, some, reference)
    typical = with_rates(some.assign(recency_days=reference.columns["recency_days"].typical))
    changed = model.predict(some) - model.predict(typical)
    assert found.effects.of("recency_days") == pytest.approx(changed)


def test_a_line_gives_each_feature_its_coefficient_times_its_distance_from_the_mean():
    known = pd.DataFrame({"a": [0.0, 2.0, 4.0, 6.0], "b": [1.0, 0.0, 0.0, 1.0]})
    known["future_spend"] = 100 + 10 * known["a"] + 4 * known["b"]
    model = SPEND.candidate("linear").fit([known], Fitting())
    found = contributions(model, known.tail(1), describe(known, None))
    assert found.base == pytest.approx([132.0])  # 100 + 10 * 3 + 4 * .5
    assert first(found.effects) == pytest.approx({"a": 30.0, "b": 2.0})


def test_effects_keep_their_sign_through_a_calibration_and_add_up():
    effects = effects_of(a=2.0, b=-2.0, c=0.5)
    squashed = carried([Margin(np.zeros(1), effects)], lambda inner: 1 / (1 + np.exp(-inner[0])))
    a, b, c = squashed.effects.values[0]
    assert a > 0 > b
    assert (b, c) == pytest.approx((-a, a / 4))
    assert squashed.total == pytest.approx([1 / (1 + np.exp(-0.5))])


def test_what_does_not_move_the_answer_in_all_still_has_its_effects():
    effects = effects_of(a=1.0, b=-1.0)
    found = carried([Margin(np.array([5.0]), effects)], lambda inner: 3 * inner[0])
    assert found.effects.values[0].tolist() == pytest.approx([3.0, -3.0], rel=1e-3)


def test_two_inputs_that_multiply_share_what_they_do_together():
    own = {"often": np.array([3.0]), "much": np.array([10.0])}
    typical = {"often": np.array([1.0]), "much": np.array([4.0])}
    found = shapley(lambda given: given["often"] * given["much"], own, typical)
    # alone: +8 and +6; together 26 - 4 = 22 = 9 + ... each also gets half of the 12 both make
    assert found.base == pytest.approx([4.0])
    assert first(found.effects) == pytest.approx({"often": 14.0, "much": 12.0})


def test_reasons_are_in_words_with_value_and_effect():
    effects = effects_of(recency_days=30.0, gaps_since_last=4.0, monetary=-12.5, n_products=0.1)
    found = Contributions(np.array([100.0]), effects)
    values = {"recency_days": 12.0, "orders_90d": 1.0, "monetary": 250.0, "n_products": 3.0}
    said = explained(found, values, "spend", "GBP")
    assert [reason.words for reason in said.reasons] == [
        "Last order 12 days ago, 1 order in the last 90 days: + GBP 34",
        "GBP 250 spent in total: - GBP 12",
    ]
    assert said.base + sum(reason.effect for reason in said.reasons) + said.rest == 121.6


def test_a_probability_moves_in_percentage_points_and_a_missing_value_is_said():
    found = Contributions(np.array([0.5]), effects_of(mean_gap_days=-0.123))
    (reason,) = explained(found, {"frequency": float("nan")}, "churn", "GBP").reasons
    assert reason.words == "Orders: not known: - 12.3 points"
    assert reason.value is None


def test_effects_that_no_probability_can_have_are_told_by_their_strength():
    effects = effects_of(recency_days=-2.2, monetary=1.3, n_products=0.4, age=-0.1)
    found = Contributions(np.array([0.93]), effects)
    values = {"recency_days": 60.0, "monetary": 250.0, "n_products": 3.0, "age": 40.0}
    said = explained(found, values, "churn", "GBP").reasons
    assert [reason.words.rpartition(": ")[2] for reason in said] == [
        "strongly lowers", "strongly raises", "clearly raises", "slightly lowers"
    ]  # fmt: skip
    assert [reason.effect for reason in said] == [-2.2, 1.3, 0.4, -0.1]


def test_windows_of_the_same_thing_are_told_together():
    effects = effects_of(orders_7d=5.0, orders_90d=-3.0, spend_30d=1.0)
    assert first(effects.by(told_by)) == {"recency_days": 2.0, "spend_90d": 1.0}


def test_only_so_many_are_explained_at_once(windows, reference):
    model = fitted(SPEND, "mean", windows)
    many = pd.concat([windows[0]] * 2).head(MOST_ROWS + 1)
    with pytest.raises(ValueError, match="at most 500"):
        contributions(model, many, reference)
