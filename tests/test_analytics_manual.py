"""Scores of who is typed in, what would change a score, and what is doubted."""

import json

import duckdb
import numpy as np
import pandas as pd
import pytest
from small_history import KEY, QUICK, little_work, purchases, workspace

from analytics.entered import changed_row, frame_of
from analytics.manual import Scorer
from analytics.reference import describe
from analytics.refresh import refresh
from analytics.whatif import changed, levers
from warehouse.errors import CorruptGenerationError, NoModelError, UnknownCustomerError


@pytest.fixture(scope="module")
def generation(tmp_path_factory):
    """A year of a small shop, refreshed once; do not write to it."""
    rows = pd.concat(
        [
            purchases(),
            pd.DataFrame(
                {"customer_id": ["back"], "amount": [-5.0], "purchased_on": ["2024-12-01"]}
            ).astype({"purchased_on": "datetime64[us]"}),
        ]
    )
    with little_work(origins=1):
        made = workspace(tmp_path_factory.mktemp("shop"), rows)
        return refresh(made, QUICK, key=KEY)


@pytest.fixture(scope="module")
def scorer(generation):
    return Scorer(generation, KEY)


def stored(generation, customer):
    with duckdb.connect(str(generation.database), read_only=True) as con:
        return con.execute(
            "select expected_spend, value_band, churn_risk, churn_band, risk_band, persona"
            " from marts.customers where customer_id = ?",
            [customer],
        ).fetchall()[0]


def test_a_customer_of_the_shop_scores_as_in_the_refresh(generation, scorer):
    made = scorer.predictions(scorer.customer("c0007"))[0]
    spend, value_band, risk, churn_band, risk_band, persona = stored(generation, "c0007")
    assert made.expected_spend == pytest.approx(float(spend))
    assert made.churn_risk == pytest.approx(risk, abs=1e-9)
    assert (made.value_band, made.churn_band) == (value_band, churn_band)
    assert (made.risk_band, made.persona["persona"]) == (risk_band, persona)


def test_reasons_and_what_they_start_from_are_the_score(scorer):
    made = scorer.predictions(scorer.customer("c0007"))[0]
    for question, score in (("spend", made.expected_spend), ("churn", made.churn_risk)):
        why = made.reasons[question]
        if why.adds_up:
            total = why.base + why.rest + sum(reason.effect for reason in why.reasons)
            assert total == pytest.approx(score, abs=0.01)


def test_her_own_inputs_typed_in_score_as_she_does(scorer):
    frame = scorer.customer("c0007")
    inputs = {name: value for name, value in frame.iloc[0].items() if pd.notna(value)}
    typed, hers = scorer.score([inputs])[0], scorer.predictions(frame)[0]
    assert typed.expected_spend == hers.expected_spend
    assert typed.churn_risk == pytest.approx(hers.churn_risk, abs=1e-9)


def test_whoever_never_bought_has_no_number_and_is_told_why(scorer):
    made = scorer.predictions(scorer.customer("back"))[0]
    assert (made.expected_spend, made.churn_risk, made.reasons) == (None, None, {})
    assert made.notes == ["Nothing was ever bought: nothing is said of what comes next."]


def test_an_unknown_customer_is_an_error_that_names_her(scorer):
    with pytest.raises(UnknownCustomerError, match="'nobody'"):
        scorer.customer("nobody")


def test_models_of_another_installation_are_not_asked(generation):
    with pytest.raises(CorruptGenerationError, match="not written by this installation"):
        Scorer(generation, b"\\0" * 32)


def test_before_a_refresh_there_is_nothing_to_ask(tmp_path):
    made = workspace(tmp_path, purchases(40))
    with pytest.raises(NoModelError, match="no models that could be asked"):
        Scorer(made.current(), KEY)


def test_the_answer_is_plain_json(scorer):
    (made,) = scorer.score([{"customer_id": "new", "recency_days": 3, "frequency": "4"}])
    answer = json.loads(json.dumps(made.as_json(), allow_nan=False))
    assert answer["customer_id"] == "new"
    assert {"feature", "title", "value", "effect", "words"} == set(answer["reasons"]["churn"][0])
    assert {"column", "found", "what"} == set(answer["warnings"][0])


def test_a_more_recent_order_lowers_the_churn_risk(scorer):
    both = changed(scorer, "c0007", {"recency_days": "300"})
    assert both.after.churn_risk > both.before.churn_risk
    assert both.as_json()["difference"]["churn_risk"] > 0


def test_a_change_that_cannot_be_is_said_and_left_out(scorer):
    both = changed(scorer, "c0007", {"frequency": "-1", "recncy_days": "3"})
    assert both.after.churn_risk == both.before.churn_risk
    assert [(each.column, each.what) for each in both.warnings] == [
        ("recncy_days", "no such input; did you mean recency_days?"),
        ("frequency", "impossible: it is 0 or more; it stays as it is"),
    ]


def test_what_would_change_it_is_what_the_model_says_then(scorer):
    frame = scorer.customer("c0007")
    found = levers(scorer, frame, scorer.predictions(frame)[0].reasons)
    assert found
    for lever in found:
        assert lever.effect * (1 if lever.question == "spend" else -1) > 0
        both = changed(scorer, "c0007", {lever.feature: repr(lever.moved_to)})
        name = "expected_spend" if lever.question == "spend" else "churn_risk"
        assert both.as_json()["difference"][name] == pytest.approx(lever.effect, abs=0.011)


def test_what_would_change_it_makes_nobody_who_cannot_exist(scorer):
    for customer in ("c0007", "c0011", "c0030", "c0101"):
        frame = scorer.customer(customer)
        for lever in levers(scorer, frame, scorer.predictions(frame)[0].reasons):
            assert changed(scorer, customer, {lever.feature: repr(lever.moved_to)}).warnings == []


def reference():
    """Three customers: a column of numbers, one of categories, and what makes rates."""
    return describe(
        pd.DataFrame(
            {
                "recency_days": [10.0, 20.0, 60.0],
                "customer_lifetime_days": [100.0, 100.0, 200.0],
                "frequency": [1.0, 2.0, 6.0],
                "mean_gap_days": [np.nan, 80.0, 28.0],
                "avg_order_value": [10.0, 20.0, 30.0],
                "monetary": [10.0, 40.0, 180.0],
                "orders_30d": [1.0, 1.0, 0.0],
                "orders_180d": [1.0, 2.0, 4.0],
                "refund_ratio": [0.0, 0.0, 0.5],
                "location": ["Leeds", "Leeds", "York"],
            }
        ),
        None,
    )


def doubts(row, **options):
    frame, (said,) = frame_of([row], reference(), **options)
    return frame.iloc[0], {each.column: each.what for each in said}


def test_what_is_not_given_is_typical_and_said():
    row, said = doubts({})
    assert (row["recency_days"], row["location"], row["orders_per_30d"]) == (20.0, "Leeds", 0.6)
    assert said["recency_days"] == "not given; the typical value is used: 20"


def test_what_is_not_given_agrees_with_what_is():
    row, said = doubts({"recency_days": 45, "frequency": 4, "avg_order_value": 50})
    assert (row["orders_30d"], row["monetary"]) == (0.0, 200.0)
    assert row["mean_gap_days"] == pytest.approx((100 - 45) / 3)
    assert said["monetary"] == "not given; worked out from the others: 200"


def test_the_value_of_an_order_follows_from_their_number_and_sum():
    row, said = doubts({"frequency": 4, "monetary": 100})
    assert row["avg_order_value"] == 25.0
    assert said["avg_order_value"] == "not given; worked out from the others: 25"
    agreed = {"frequency": 3, "monetary": 100, "avg_order_value": 33.33}
    assert "monetary" not in doubts(agreed)[1]
    refunded = {"frequency": 3, "monetary": 80, "avg_order_value": 30, "refund_ratio": 0.1}
    assert "monetary" not in doubts(refunded)[1]


def test_what_was_refused_says_nothing_of_the_rest():
    row, _ = doubts({"recency_days": 45, "orders_30d": -1})
    assert row["orders_30d"] == 0.0
    row, said = doubts({"frequency": -4})
    assert (row["monetary"], row["avg_order_value"]) == (40.0, 20.0)
    assert said["monetary"] == "not given; the typical value is used: 40"


@pytest.mark.parametrize(
    ("row", "column", "what"),
    [
        ({"recency": 3}, "recency", "no such input; did you mean recency_days?"),
        ({"zzz": 3}, "zzz", "no such input"),
        ({"orders_per_30d": 3}, "orders_per_30d", "made from other inputs; the given value is"),
        ({"frequency": "many"}, "frequency", "not a number; the typical value is used: 2"),
        ({"frequency": float("inf")}, "frequency", "not a number; the typical value is used: 2"),
        ({"recency_days": -1}, "recency_days", "impossible: it is 0 or more"),
        ({"recency_days": 90}, "recency_days", "beyond what the models have seen (10 to 60)"),
        ({"location": "Yrok"}, "location", "that the models have not seen; did you mean York?"),
        ({"recency_days": 5, "orders_30d": 0}, "orders_30d", "they disagree on an order"),
        ({"orders_180d": 3, "frequency": 2}, "orders_180d", "more orders in 180 days than ever"),
        ({"frequency": 4, "monetary": 90, "avg_order_value": 30}, "monetary",
         "less than frequency times avg_order_value, and no refunds are given"),
        ({"frequency": 4, "monetary": 190, "avg_order_value": 30}, "monetary",
         "more than frequency times avg_order_value"),
        ({"frequency": 4, "monetary": "x", "avg_order_value": 30}, "monetary",
         "not a number; worked out from the others: 120"),
    ],
)  # fmt: skip
def test_a_doubtful_input_is_said(row, column, what):
    assert what in doubts(row)[1][column]


def test_an_unusual_value_is_used_and_an_impossible_one_is_not():
    row, _ = doubts({"recency_days": 90, "refund_ratio": 0.9, "location": "york"})
    assert (row["recency_days"], row["location"]) == (90.0, "York")
    assert doubts({"frequency": -4})[0]["frequency"] == 2.0


def test_the_name_that_the_file_gave_a_column_will_do():
    row, said = doubts({"Ort": "York", "shoe": 41}, aliases={"ort": "location", "shoe": "shoe"})
    assert row["location"] == "York"
    assert said["shoe"] == "known, but these models do not look at it"


def test_a_change_may_use_the_name_of_the_file():
    frame, _ = frame_of([{}], reference())
    other, said = changed_row(frame, {"Umsatz": "30"}, reference(), {"umsatz": "avg_order_value"})
    assert (other["avg_order_value"].iloc[0], said) == (30.0, [])


def test_a_customers_table_may_have_some_columns_of_a_shop():
    exported = pd.DataFrame(
        {
            "customer_lifetime_days": [100.0, 200.0, 300.0],
            "recency_days": ["low", "low", "high"],
            "frequency": [1.0, 2.0, 6.0],
            "spend_per_30d": [3.0, 6.0, 9.0],
        }
    )
    known = describe(exported, None)
    frame, (said,) = frame_of([{"customer_lifetime_days": 150, "spend_per_30d": 8}], known)
    assert frame["spend_per_30d"].tolist() == [8.0]
    assert {each.what for each in said} == {
        "not given; the typical value is used: low", "not given; the typical value is used: 2",
    }  # fmt: skip
    other, warned = changed_row(frame, {"frequency": "6"}, known)
    assert (other["frequency"].tolist(), warned) == ([6.0], [])
