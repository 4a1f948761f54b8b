"""Persona names: one to one, only where the words are true, and steady from refresh to refresh."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.persona_table import CARDHOLDERS, IN_BETWEEN, SHOPPERS
from analytics.personas import name_clusters

NAMES = sorted({name for persona in SHOPPERS for name in persona.weights})
# Clusters of a shop that sells every 30 days: what they deviate in, and their medians.
CHAMPION = {"monetary": 1.5, "frequency": 1.4, "spend_180d": 1.5, "recency_days": -1.0}
GONE = {"recency_days": 1.4, "frequency": -1.0, "monetary": -1.0, "spend_180d": -1.0}
MEDIANS = {"frequency": 5.0, "recency_days": 20.0, "mean_gap_days": 30.0, "gaps_late": 0.7,
           "spend_place": 1.0}  # fmt: skip


def named(*clusters, before=None):
    """Personas by cluster; each cluster is its deviations and what differs in its medians."""
    numbers = range(1, len(clusters) + 1)
    deviations = pd.DataFrame([dict.fromkeys(NAMES, 0.0) | dev for dev, _ in clusters], numbers)
    medians = pd.DataFrame([MEDIANS | median for _, median in clusters], numbers)
    return name_clusters(deviations, medians, before).set_index("cluster")["persona"].to_dict()


def test_a_name_is_given_where_its_words_are_true():
    late = {"gaps_late": 7.0, "recency_days": 210.0, "spend_place": 2.0}
    assert named((CHAMPION, {}), (GONE, late)) == {1: "champions", 2: "dormant"}


def test_nobody_is_dormant_who_bought_within_her_rhythm():
    assert named((GONE, {"gaps_late": 0.9, "spend_place": 2.0})) == {1: "occasional"}


MIDDLE = {"frequency": 0.1, "monetary": -0.15, "orders_90d": 0.1, "recency_days": -0.2}
SELDOM = {"frequency": -1.1, "orders_90d": -1.0, "recency_days": 0.7}
DEAR = {**SELDOM, "avg_order_value": 1.1, "monetary": -0.7}
SMALL = {**SELDOM, "avg_order_value": -1.1, "monetary": -1.3}
IN_RHYTHM = {"gaps_late": 0.9, "youth": 1.0}


def test_groups_that_neither_lead_nor_leave_have_names_of_their_own():
    middle = {**IN_RHYTHM, "spend_place": 2.0, "busyness": 1.0, "basket": 1.0}
    dear = {**IN_RHYTHM, "spend_place": 3.0, "busyness": 0.5, "basket": 1.4}
    small = {**IN_RHYTHM, "spend_place": 4.0, "busyness": 0.5, "basket": 0.7}
    top = {"youth": 1.0, "busyness": 1.6, "basket": 1.1}
    found = named((CHAMPION, top), (MIDDLE, middle), (DEAR, dear), (SMALL, small))
    assert found == {1: "champions", 2: "steady", 3: "big-baskets", 4: "occasional"}
    # Each name has to be true: of baskets like everybody's, and of who stays away.
    assert named((DEAR, {**dear, "basket": 1.0})) != {1: "big-baskets"}
    assert named((MIDDLE, {**middle, "gaps_late": 3.0})) == {1: "cluster-1"}
    assert named(({**MIDDLE, "monetary": 0.9}, middle)) != {1: "steady"}


def test_a_group_in_between_keeps_its_name_until_another_fits_clearly():
    middle = {**IN_RHYTHM, "spend_place": 2.0, "busyness": 1.0, "basket": 1.0}
    nearly = {"frequency": 0.15, "customer_lifetime_days": 0.5, "recency_days": -0.1}
    assert named((nearly, middle)) == {1: "loyal"}
    assert named((nearly, middle), before={1: "steady"}) == {1: "steady"}
    clearly = {"frequency": 0.6, "customer_lifetime_days": 0.8, "orders_90d": 0.6}
    assert named((clearly, middle), before={1: "steady"}) == {1: "loyal"}


def test_champions_are_those_who_spend_most():
    second = {name: value * 0.95 for name, value in CHAMPION.items()}
    found = named((second, {"spend_place": 2.0}), (CHAMPION, {}))
    assert found[2] == "champions"
    assert found[1] != "champions"


def test_who_bought_once_long_ago_is_not_at_risk():
    away = {"recency_days": 1.5, "monetary": 0.5, "spend_180d": -1.5, "customer_lifetime_days": 1}
    once = {"frequency": 1.0, "gaps_late": 9.0, "spend_place": 2.0}
    assert named((away, {**once, "frequency": 4.0})) == {1: "at-risk"}
    assert named((away, once)) != {1: "at-risk"}


def test_who_ordered_eleven_times_is_not_new():
    young = {"customer_lifetime_days": -1.2, "recency_days": 0.3, "frequency": -1.2}
    assert named((young, {"frequency": 1.0, "spend_place": 2.0})) == {1: "new"}
    assert named((young, {"frequency": 11.0, "spend_place": 2.0})) != {1: "new"}


def test_the_advice_to_new_customers_is_true_of_the_typical_one():
    young = {"customer_lifetime_days": -1.2, "recency_days": -0.6, "frequency": -0.5}
    second = {"spend_place": 2.0, "youth": 0.3}
    assert named((young, {**second, "frequency": 1.0})) == {1: "new"}
    # With two orders the second one is won; with a past as long as everybody's nobody is new.
    assert named((young, {**second, "frequency": 2.0})) == {1: "promising"}
    old = {**second, "youth": 1.0}
    assert named((young, {**old, "frequency": 1.0})) == {1: "cluster-1"}
    assert named((young, {**old, "frequency": 2.0})) != {1: "promising"}


def test_a_name_that_another_rule_fits_as_well_is_not_given():
    # Of these deviations champions and loyal customers have the same share.
    both = {"monetary": 0.8, "frequency": 0.6, "customer_lifetime_days": 0.7}
    table = {persona.slug: persona.score(pd.Series(dict.fromkeys(NAMES, 0.0) | both))
             for persona in SHOPPERS}  # fmt: skip
    assert table["champions"] == pytest.approx(table["loyal"], abs=0.04)
    assert named((both, {})) == {1: "cluster-1"}
    assert named((both, {}), before={1: "loyal"}) == {1: "loyal"}


def test_a_near_tie_keeps_the_name_and_a_clear_case_does_not():
    loyal = {"frequency": 0.5, "customer_lifetime_days": 0.6, "orders_90d": 0.3}
    nearly = {**loyal, "monetary": 0.7, "spend_180d": 0.5, "avg_order_value": 0.2}
    fresh, steady = named((nearly, {})), named((nearly, {}), before={1: "loyal"})
    assert fresh == {1: "champions"}
    assert steady == {1: "loyal"}
    assert named((CHAMPION, {}), before={1: "loyal"}) == {1: "champions"}


@given(st.lists(st.lists(st.floats(-2, 2), min_size=len(NAMES), max_size=len(NAMES)),
                min_size=1, max_size=8))  # fmt: skip
def test_names_and_marks_are_one_to_one(rows):
    deviations = pd.DataFrame(rows, index=range(1, len(rows) + 1), columns=NAMES)
    medians = pd.DataFrame([MEDIANS] * len(rows), index=deviations.index)
    found = name_clusters(deviations, medians)
    assert found["persona"].is_unique
    assert found["cluster"].tolist() == deviations.index.tolist()
    assert found.loc[found["mark"] > 0, "mark"].is_unique


def test_no_slug_or_title_stands_for_two_personas_of_shoppers():
    for words in ("slug", "title", "rule", "action", "detail"):
        assert len({getattr(each, words) for each in (*SHOPPERS, *IN_BETWEEN)}) == 9


def test_every_persona_of_shoppers_has_a_mark_that_no_other_takes_whoever_else_is_there():
    assert sorted(each.mark for each in (*SHOPPERS, *IN_BETWEEN)) == list(range(1, 10))


@pytest.mark.parametrize("table", [SHOPPERS, CARDHOLDERS])
def test_every_persona_has_a_mark_a_rule_and_an_action_of_its_own(table):
    for words in ("slug", "title", "mark", "rule", "action", "detail"):
        assert len({getattr(persona, words) for persona in table}) == len(table)
    assert all(1 <= persona.mark <= 6 for persona in table)


def test_of_a_customers_table_a_cluster_is_told_by_what_it_differs_in_most():
    deviations = pd.DataFrame({"calls": [1.5, -1.5], "visits": [-0.9, 0.9], "age": [0.1, -0.1]},
                              index=[1, 2])  # fmt: skip
    found = name_clusters(deviations, np.exp(deviations)).set_index("cluster")
    assert found["title"].to_dict() == {1: "Cluster 1", 2: "Cluster 2"}
    assert found.loc[1, "description"] == "High calls and low visits."


def test_what_a_customer_is_or_is_not_is_told_as_a_share():
    deviations = pd.DataFrame({"senior": [2.0, -0.4], "tenure": [-0.9, 0.9]}, index=[1, 2])
    shares = pd.DataFrame({"senior": [0.98, 0.0]}, index=[1, 2])
    found = name_clusters(deviations, np.exp(deviations), shares=shares).set_index("cluster")
    assert found["description"].to_dict() == {
        1: "98 % senior and low tenure.", 2: "High tenure and 0 % senior."
    }  # fmt: skip
    assert found.loc[1, "rule"] == "98 % senior and low tenure"


CARD_COLUMNS = sorted({name for persona in CARDHOLDERS for name in persona.weights})
SELDOM_USED = {"balance": -0.4, "balance_frequency": -0.5, "purchases_frequency": -0.4,
               "purchases_trx": -0.4, "payments": -0.3, "cash_advance": -0.4}  # fmt: skip


def test_who_uses_the_card_seldom_is_not_told_to_buy_nothing_nor_given_up():
    """Few transactions may be large ones: the words speak of how often, not of how much."""
    deviations = pd.DataFrame([dict.fromkeys(CARD_COLUMNS, 0.0) | SELDOM_USED], [1])
    medians = deviations * 0 + 385.0
    found = name_clusters(deviations, medians).set_index("cluster").loc[1]
    assert found["persona"] == "dormant"
    assert "few purchases" not in found["rule"]
    assert "let go" not in found["action"]
