"""The champion rule: the baseline serves unless it is beaten often, within the guardrails."""

from datetime import date, timedelta

import pandas as pd
import pytest

from analytics.champion import Guardrail, Rule, choose, overall, wins_needed

TITLES = {"plain": "the plain model", "clever": "the clever model", "other": "the other model"}
RULE = Rule(
    primary="ngini", primary_title="normalised Gini", baseline="plain", tie=0.01,
    tie_breaker="tweedie", tie_breaker_title="Tweedie deviance",
    guardrails=(
        Guardrail("total_ratio", "the totals agree", 0.8, 1.25),
        Guardrail("rmse", "the RMSE is no worse", 0.0, 1.02, of_baseline=True),
    ),
)  # fmt: skip


def results(ginis, *, rmse=None, ratio=None, tweedie=None):
    """A backtest: a list of Gini per candidate, and one value of the rest for all origins."""
    rows = []
    for name, values in ginis.items():
        for place, value in enumerate(values):
            origin = date(2024, 6, 1) - timedelta(days=30 * place)
            rows += [
                (name, origin, "ngini", value),
                (name, origin, "rmse", (rmse or {}).get(name, 10.0)),
                (name, origin, "tweedie", (tweedie or {}).get(name, 5.0)),
                (name, origin, "total_expected", 100 * (ratio or {}).get(name, 1.0)),
                (name, origin, "total_actual", 100.0),
            ]
    return pd.DataFrame(rows, columns=["candidate", "origin", "metric", "value"])


@pytest.mark.parametrize(
    ("clever", "champion"),
    [([0.6] * 5 + [0.4], "clever"), ([0.9] * 4 + [0.4] * 2, "plain"),
     ([0.6] * 3, "clever"), ([0.9, 0.9, 0.4], "plain"), ([0.5] * 6, "plain")],
    ids=["5 of 6", "4 of 6", "all of 3", "2 of 3", "equal is not better"],
)  # fmt: skip
def test_the_baseline_serves_unless_beaten_often_enough(clever, champion):
    found = choose(results({"plain": [0.5] * len(clever), "clever": clever}), RULE, TITLES)
    assert found.champion == champion


def test_five_of_six_and_all_of_fewer():
    assert [wins_needed(n) for n in (1, 2, 5, 6)] == [1, 2, 5, 5]


@pytest.mark.parametrize("broken", [{"ratio": {"clever": 1.3}}, {"ratio": {"clever": 0.7}},
                                    {"rmse": {"clever": 10.3}}])  # fmt: skip
def test_a_broken_guardrail_disqualifies(broken):
    found = choose(results({"plain": [0.5] * 6, "clever": [0.9] * 6}, **broken), RULE, TITLES)
    assert found.champion == "plain"
    assert "guardrail" in found.why


def test_within_the_guardrails_the_best_mean_wins():
    ginis = {"plain": [0.5] * 6, "clever": [0.7] * 6, "other": [0.6] * 6}
    found = choose(results(ginis, rmse={"clever": 10.1}, ratio={"clever": 1.2}), RULE, TITLES)
    assert found.champion == "clever"
    assert found.why == (
        "The clever model beat the plain model on 6 of 6 origins within the guardrails: "
        "mean normalised Gini 0.700 against 0.500."
    )


def test_a_tie_goes_to_the_lower_deviance_and_says_so():
    ginis = {"plain": [0.5] * 6, "clever": [0.700] * 6, "other": [0.695] * 6}
    found = choose(results(ginis, tweedie={"clever": 9.0, "other": 4.0}), RULE, TITLES)
    assert found.champion == "other"
    assert "A tie with the clever model" in found.why


def test_the_reason_names_the_best_challenger_and_what_it_lacks():
    found = choose(results({"plain": [0.5] * 6, "clever": [0.9] * 4 + [0.4] * 2}), RULE, TITLES)
    assert found.why == (
        "The clever model, the best challenger, beat it on 4 of 6 origins, 5 are needed: "
        "the plain model serves."
    )


def test_origins_without_a_defined_metric_do_not_count():
    ginis = {"plain": [float("nan"), 0.5, 0.5], "clever": [float("nan"), 0.6, 0.6]}
    found = choose(results(ginis), RULE, TITLES)
    assert found.champion == "clever"
    assert "2 of 2 origins" in found.why


def test_without_a_test_the_baseline_serves():
    empty = pd.DataFrame(columns=["candidate", "origin", "metric", "value"])
    assert choose(empty, RULE, TITLES).champion == "plain"


def test_the_ratio_of_totals_is_over_all_origins():
    rows = [
        ("plain", date(2024, 1, day), name, value)
        for day, expected, actual in ((1, 10, 10), (2, 300, 100))
        for name, value in (("total_expected", expected), ("total_actual", actual))
    ]
    frame = pd.DataFrame(rows, columns=["candidate", "origin", "metric", "value"])
    assert overall(frame).loc["plain", "total_ratio"] == pytest.approx(310 / 110)


def test_the_rule_stands_in_words():
    words = RULE.words(TITLES)
    assert "at least 5 of 6 origins" in words
    assert "the totals agree, and the RMSE is no worse" in words
    assert words.endswith("Otherwise the plain model serves.")
