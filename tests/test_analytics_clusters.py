"""Clusters: planted groups are found, numbers stay with customers, the rule is followed."""

import numpy as np
import pandas as pd
import pytest

from analytics.axes import axes
from analytics.cluster_count import choose_k
from analytics.clusters import FEATURES, fit, personas, profiles
from analytics.persona_table import CARDHOLDERS, SHOPPERS, rule_table
from analytics.personas import describe, name_clusters

# A planted group a line: recency, lifetime, orders, spend, average order, both lately.
GROUPS = {
    "champions": (8, 600, 40, 6000, 150, 9, 2400),
    "loyal": (15, 650, 22, 1100, 50, 5, 420),
    "new": (12, 20, 1, 60, 60, 1, 60),
    "dormant": (400, 450, 1, 40, 40, 0, 0),
}


def shop(per_group=120, seed=1):
    """Customers of four kinds, each within some ten per cent of its kind."""
    random = np.random.default_rng(seed)
    rows = np.concatenate(
        [np.array(values) * random.normal(1, 0.08, (per_group, 7)) for values in GROUPS.values()]
    )
    frame = pd.DataFrame(rows, columns=FEATURES[:7]).round(2)
    frame["frequency"] = frame["frequency"].round().clip(lower=1)
    frame.insert(0, "customer_key", range(1, len(frame) + 1))
    frame.insert(1, "customer_id", [f"c{key}" for key in frame["customer_key"]])
    frame["mean_gap_days"] = np.where(frame["frequency"] > 1, 15.0, np.nan)
    return frame


PLANTED = np.repeat(list(GROUPS), 120)


@pytest.fixture(scope="module")
def clustering():
    return fit(shop(), FEATURES, seed=0)


def test_planted_groups_are_found_and_named(clustering):
    frame = shop()
    assigned = clustering.model.assign(frame)
    named = personas(clustering.model, frame, assigned).set_index("cluster")["persona"]
    assert clustering.scan.loc[clustering.scan["is_chosen"], "k"].tolist() == [4]
    found = assigned["cluster"].map(named)
    assert (found == PLANTED).mean() > 0.98


def test_the_same_seed_gives_the_same_clusters(clustering):
    again = fit(shop(), FEATURES, seed=0)
    pd.testing.assert_frame_equal(again.scan, clustering.scan)
    pd.testing.assert_frame_equal(again.model.assign(shop()), clustering.model.assign(shop()))


def test_new_customers_are_placed_without_a_refit(clustering):
    newcomer = shop().iloc[[0]].assign(customer_key=9999, customer_id="newcomer")
    placed = clustering.model.assign(newcomer)
    assert placed["cluster"].item() == clustering.model.assign(shop())["cluster"].iloc[0]


def test_numbers_stay_with_their_customers_across_refits(clustering):
    before = clustering.model.assign(shop())
    swapped = before.assign(cluster=before["cluster"].map({1: 4, 2: 3, 3: 2, 4: 1}))
    again = fit(shop(seed=2), FEATURES, seed=5, previous=swapped)
    after = again.model.assign(shop(seed=2))
    assert (after["cluster"].to_numpy() == swapped["cluster"].to_numpy()).mean() > 0.98


def test_numbers_stay_where_everything_else_changed(clustering):
    """Other seed, other order of rows, noise, a tenth gone, newcomers: most keep their number."""
    before = clustering.model.assign(shop())
    random = np.random.default_rng(7)
    frame = shop().sample(frac=0.9, random_state=7)
    moved = list(FEATURES[:7])
    frame[moved] = frame[moved] * random.normal(1, 0.05, (len(frame), 7))
    newcomers = shop(per_group=10, seed=9)
    newcomers["customer_key"] += 10_000
    again = fit(pd.concat([frame, newcomers]), FEATURES, seed=11, previous=before)
    after = again.model.assign(frame).merge(before, on="customer_key", suffixes=("", "_before"))
    assert len(after) == len(frame)
    assert (after["cluster"] == after["cluster_before"]).mean() > 0.98


def test_one_wild_value_does_not_make_a_cluster_of_its_own():
    frame = shop()
    frame.loc[0, "monetary"] = 1e12
    assigned = fit(frame, FEATURES, seed=0).model.assign(frame)
    assert assigned["cluster"].value_counts().min() > 50


@pytest.mark.parametrize(
    "frame",
    [shop().head(20), shop()[["customer_key", "customer_id", "monetary"]],
     shop().assign(**dict.fromkeys(FEATURES, 1.0))],
    ids=["few customers", "one feature", "constant features"],
)  # fmt: skip
def test_with_nothing_to_cluster_there_is_no_answer(frame):
    assert fit(frame, FEATURES) is None


def test_missing_and_infinite_values_are_survived():
    frame = shop()
    frame.loc[::7, "avg_order_value"] = np.nan
    frame.loc[3, "monetary"] = np.inf
    assigned = fit(frame, FEATURES, k=3).model.assign(frame)
    assert assigned["cluster"].nunique() == 3
    assert np.isfinite(assigned[["pca_1", "pca_2"]]).all(axis=None)


def scan(*rows):
    names = ["k", "inertia", "silhouette", "stability_ari", "smallest_share"]
    return pd.DataFrame(rows, columns=names)


def test_the_best_silhouette_among_the_sound_wins():
    k, why = choose_k(
        scan((3, 9, 0.20, 0.9, 0.2), (4, 7, 0.40, 0.5, 0.2), (5, 6, 0.30, 0.9, 0.02),
             (6, 5, 0.25, 0.8, 0.03)), "auto",
    )  # fmt: skip
    assert k == 6
    assert why.startswith("6 groups")


def test_a_tie_is_decided_by_the_bend():
    k, _ = choose_k(
        scan((3, 100, 0.300, 1, 0.2), (4, 30, 0.298, 1, 0.2), (5, 20, 0.2, 1, 0.2)), "auto"
    )
    assert k == 4


def test_without_a_sound_k_the_most_stable_serves_and_says_so():
    k, why = choose_k(scan((3, 9, 0.5, 0.4, 0.2), (4, 7, 0.4, 0.6, 0.2)), "auto")
    assert k == 4
    assert "with care" in why


def test_personas_are_one_to_one_and_a_cluster_without_a_rule_keeps_its_number():
    names = sorted({name for persona in SHOPPERS for name in persona.weights})
    flat = pd.DataFrame(0.0, index=[1, 2, 3], columns=names)
    flat.loc[1, "monetary"] = flat.loc[1, "frequency"] = 2.0
    flat.loc[2, "monetary"] = flat.loc[2, "frequency"] = 1.9
    named = name_clusters(flat, flat)
    assert named["persona"].is_unique
    assert named.loc[named["cluster"] == 3, "persona"].item() == "cluster-3"
    assert named["mark"].is_unique


def test_a_description_is_made_from_the_members_own_numbers():
    medians = pd.Series({"frequency": 12.0, "recency_days": 9.0, "mean_gap_days": 24.4})
    assert describe(medians, medians * 0) == (
        "Typically (medians) 12 orders, one every 24 days; the last one 9 days ago."
    )
    once = pd.Series({"frequency": 1.0, "recency_days": 1.0, "mean_gap_days": float("nan")})
    assert describe(once, once * 0) == "Typically (median) one order, yesterday."
    half = pd.concat([once, pd.Series({"one_order_share": 0.52})])
    assert describe(half, half * 0) == "Typically (median) one order, yesterday; 48 % have more."


def test_the_table_of_rules_is_told_by_the_features():
    assert rule_table(list(FEATURES)) is SHOPPERS
    assert rule_table(["balance", "purchases", "purchases_trx", "cash_advance", "payments",
                       "purchases_frequency", "prc_full_payment", "balance_frequency",
                       "minimum_payments", "credit_limit"]) is CARDHOLDERS  # fmt: skip
    assert rule_table(["age", "tenure"]) == ()


def test_profiles_say_how_far_a_cluster_is_from_everybody():
    frame = pd.DataFrame({"customer_key": [1, 2, 3, 4], "frequency": [1.0, 1.0, 3.0, 3.0]})
    assigned = pd.DataFrame({"customer_key": [1, 2, 3, 4], "cluster": [1, 1, 2, 2]})
    named = pd.DataFrame({"cluster": [1, 2], "persona": ["new", "loyal"]})
    rows = profiles(frame, assigned, named, {}).set_index("persona")
    assert rows["mean"].to_dict() == {"new": 1.0, "loyal": 3.0}
    assert rows["z"].to_dict() == {"new": -1.0, "loyal": 1.0}
    assert set(rows["feature_title"]) == {"Orders"}


def test_the_axes_of_the_map_are_worded_by_their_loadings(clustering):
    named, loadings = axes(clustering.model, {})
    assert named["axis"].tolist() == [1, 2]
    assert named["explained_variance_ratio"].is_monotonic_decreasing
    across = loadings[loadings["axis"] == 1].set_index("feature")["loading"]
    assert across["monetary"] > 0 > across["recency_days"]
    assert "more" in named["title"].iloc[0].lower()


def test_card_holders_come_out_as_five_named_personas(shared_data):
    frame = pd.read_csv(shared_data / "credit_card" / "CC GENERAL.csv")
    frame.columns = [name.lower() for name in frame.columns]
    frame = frame.rename(columns={"cust_id": "customer_id"})
    frame.insert(0, "customer_key", range(1, len(frame) + 1))
    found = fit(frame, [name for name in frame if not name.startswith("cust")])
    row = found.scan[found.scan["is_chosen"]].iloc[0]
    assert row["k"] == 5
    assert row["stability_ari"] >= 0.9
    assert row["smallest_share"] >= 0.1
    before = found.model.assign(frame)
    named = personas(found.model, frame, before)
    assert set(named["persona"]) == {persona.slug for persona in CARDHOLDERS}
    # Four fifths of them in another order: who stays keeps the number, and so the name.
    part = frame.sample(frac=0.8, random_state=1)
    again = fit(part, found.model.features, k=5, seed=3, previous=before).model
    after = again.assign(part)
    both = after.merge(before, on="customer_key", suffixes=("", "_before"))
    assert (both["cluster"] == both["cluster_before"]).mean() > 0.95
    renamed = personas(again, part, after).set_index("cluster")["persona"]
    assert renamed.to_dict() == named.set_index("cluster")["persona"].to_dict()


def test_the_mean_of_what_is_0_or_1_is_a_share():
    frame = pd.DataFrame({"customer_key": [1, 2, 3, 4], "senior": [0.0, 1.0, 1.0, 1.0],
                          "tickets": [0.0, 1.0, 2.0, 1.0]})  # fmt: skip
    assigned = pd.DataFrame({"customer_key": [1, 2, 3, 4], "cluster": [1, 1, 2, 2]})
    named = pd.DataFrame({"cluster": [1, 2], "persona": ["one", "two"]})
    rows = profiles(frame, assigned, named, {}).set_index("feature")["feature_unit"]
    assert rows["senior"].tolist() == ["ratio", "ratio"]
    assert rows["tickets"].tolist() == ["", ""]
