"""Drift: customers held against those that were learnt from, forecasts against what came."""

from datetime import date

import duckdb
import numpy as np
import pandas as pd
import pytest
from small_history import KEY, QUICK, little_work, load_more, purchases, workspace

from analytics import realised
from analytics.drift import level, measured, psi
from analytics.leaderboard import models_json, models_text
from analytics.monitoring import drift_lines, realised_lines, red, watched
from analytics.realised import judged, keep
from analytics.reference import describe
from analytics.refresh import refresh
from warehouse.publishing import finish


def test_the_index_is_that_of_the_textbook():
    # two bins: a tenth more in one, times ln 1.2, and a tenth less in the other, times ln 0.8
    assert psi([0.5, 0.5], [0.6, 0.4]) == pytest.approx(0.0405465)
    assert psi([0.2, 0.8], [0.2, 0.8]) == 0.0
    assert np.isfinite(psi([1.0, 0.0], [0.0, 1.0]))


@pytest.mark.parametrize(
    ("index", "n", "said"),
    [(0.09, 500, "stable"), (0.1, 500, "shifted"), (0.25, 500, "drifted"), (9.0, 199, "few")],
)
def test_the_levels_are_those_that_are_written_down(index, n, said):
    assert level(index, n) == said


def customers(recency, city, missing=0):
    n = len(recency)
    gap = np.where(np.arange(n) < missing, np.nan, 7.0)
    return pd.DataFrame({"recency_days": recency, "gap": gap, "city": city})


def test_what_moved_is_found_and_what_stayed_is_not():
    then = customers(np.arange(400.0), ["Leeds", "York"] * 200)
    now = customers(np.arange(400.0) + 200, ["Leeds", "Bath"] * 200, missing=200)
    reference = describe(then, date(2024, 1, 1), {"churn_risk": np.linspace(0, 1, 400)})
    said = pd.DataFrame({"churn_risk": np.linspace(0, 1, 400)})
    same = measured(reference, then, said).set_index("name")
    assert same["psi"].abs().max() == pytest.approx(0)
    moved = measured(reference, now, said).set_index("name")
    assert moved["level"].to_dict() == {
        "recency_days": "drifted", "gap": "drifted", "city": "drifted", "churn_risk": "stable",
    }  # fmt: skip


def test_scores_are_held_against_what_came():
    came = pd.DataFrame(
        {
            "expected_spend": [30.0, 10.0, np.nan],
            "churn_risk": [0.0, 1.0, np.nan],
            "spent": [20.0, 0.0, 99.0],
            "is_quiet": [0.0, 1.0, 0.0],
        }
    )
    found = judged(came)
    assert (found["n_spend"], found["total_ratio"], found["spend_level"]) == (2, 2.0, "few")
    assert (found["n_churn"], found["ece"], found["churn_level"]) == (2, 0.0, "few")


def outcome(n, *, risk=0.5, expected=10.0, seed=0):
    """Half of ``n`` customers stay away, the others spend 20 on average."""
    random = np.random.default_rng(seed)
    quiet = (random.random(n) < 0.5).astype(float)
    spent = np.where(quiet == 1, 0.0, random.exponential(20.0, n))
    said = {
        "expected_spend": np.full(n, expected),
        "churn_risk": np.linspace(0.999, 1.001, n) * risk,
    }
    return pd.DataFrame({**said, "spent": spent, "is_quiet": quiet})


@pytest.mark.parametrize("n", [1, 50, 200, 500, 2000])
def test_scores_that_are_right_are_not_called_off_by_chance(n):
    found = [judged(outcome(n, seed=seed)) for seed in range(40)]
    levels = [found[name] for found in found for name in ("spend_level", "churn_level")]
    assert "off" not in levels
    assert ("as said" in levels) == (n >= 200)


def test_scores_that_are_wrong_are_called_off_where_enough_customers_say_so():
    wrong = judged(outcome(2000, risk=0.2, expected=20.0))
    assert (wrong["spend_level"], wrong["churn_level"]) == ("off", "off")
    alone = judged(outcome(1, risk=0.01, expected=20.0))
    assert alone["churn_level"] == "few"


def test_with_nothing_said_nothing_is_judged():
    nobody = {"expected_spend": [np.nan], "churn_risk": [np.nan], "spent": [1.0], "is_quiet": [0.0]}
    assert judged(pd.DataFrame(nobody)) == {"n_spend": 0, "n_churn": 0}


@pytest.fixture(scope="module")
def generations(tmp_path_factory):
    """A shop refreshed at the end of October, and again once November has passed."""
    rows = purchases()
    seen = rows[rows["purchased_on"] <= "2024-10-31"]
    with little_work(origins=1):
        made = workspace(tmp_path_factory.mktemp("shop"), seen)
        first = refresh(made, QUICK, key=KEY, as_of=date(2024, 10, 31))
        load_more(made, rows[rows["purchased_on"] > "2024-10-31"])
        return first, refresh(made, QUICK, key=KEY, as_of=date(2024, 12, 15), train="never")


def test_only_loaded_days_are_judged_and_late_lines_judge_again(tmp_path, monkeypatch):
    rows = purchases(40)
    days = rows["purchased_on"]
    later = rows[days.between("2024-11-01", "2024-12-15")]
    made = workspace(tmp_path, rows[days <= "2024-10-31"])
    spent = []
    for more in (None, later.iloc[::2], later.iloc[1::2]):
        if more is not None:
            load_more(made, more)
        with made.writing("refresh", QUICK) as draft:
            if more is None:
                draft.con.execute(
                    """
                    insert into scores.history by name
                    select
                        customer_key, customer_id, date '2024-10-31' as as_of,
                        customer_key::double as expected_spend, 0.5 as churn_risk,
                        30 as horizon_days, 1 as generation
                    from core.customers
                    """
                )
            keep(draft.con, date(2024, 12, 31))
            spent += [draft.con.execute("select actual_spend from scores.realised").fetchall()]
            before = draft.parent.manifest
            finish(
                draft, QUICK, as_of=None, scores_as_of=None,
                horizon_days=before.horizon_days, models=before.models,
            )  # fmt: skip
    never, some, all_of_it = spent
    assert never == []
    assert all_of_it[0][0] > 1.5 * some[0][0] > 0
    # The same total from others: nothing that is counted changes, but the order was worse.
    with made.writing("refresh", QUICK) as draft:
        order = "select actual_spend, ngini from scores.realised"
        (before,) = draft.con.execute(order).fetchall()
        came = realised._came(draft.con, date(2024, 10, 31), 30).sort_values("expected_spend")
        came["spent"] = np.sort(came["spent"].to_numpy())[::-1]
        monkeypatch.setattr(realised, "_came", lambda *_: came)
        keep(draft.con, date(2024, 12, 31))
        (after,) = draft.con.execute(order).fetchall()
    assert after[0] == pytest.approx(before[0])
    assert after[1] < before[1]


def ask(generation, sql):
    with duckdb.connect(str(generation.database), read_only=True) as con:
        return con.execute(sql).df()


def test_on_the_day_of_the_training_no_score_has_moved(generations):
    """Features have: customers are older than in the window that the models learnt from."""
    at_once, later = (
        ask(generation, "from marts.drift").set_index("name")["psi"] for generation in generations
    )
    assert at_once[["expected_spend", "churn_risk"]].max() < 0.01
    assert at_once["customer_lifetime_days"] > 0.01
    assert later["expected_spend"] > 0.01


def test_what_is_the_same_for_everybody_has_not_moved_by_its_last_digit(tmp_path):
    """Labels of pure chance: everybody is given the mean and the rate, which no decimal writes."""
    random = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "customer_id": [f"c{n:03d}" for n in range(310)],
            "calls": random.normal(0, 1, 310),
            "churn_label": random.permutation(np.arange(310) % 3 == 0).astype(float),
            "next_spend": random.permutation(np.arange(310.0) % 7),
        }
    )
    with little_work():
        found = refresh(workspace(tmp_path, table=table), QUICK, key=KEY)
    drift = ask(found, "from marts.drift where kind = 'score'").set_index("name")["psi"]
    assert drift.to_dict() == {"expected_spend": 0.0, "churn_risk": 0.0}


def test_a_refresh_measures_every_feature_and_both_scores(generations):
    found = ask(generations[1], "from marts.drift")
    assert set(found[found["kind"] == "score"]["name"]) == {"expected_spend", "churn_risk"}
    assert {"recency_days", "monetary"} <= set(found["name"])
    assert found["as_of"].dt.date.unique().tolist() == [date(2024, 12, 15)]


def test_a_forecast_is_judged_once_its_horizon_has_passed(generations):
    assert ask(generations[0], "from marts.realised").empty
    (row,) = ask(generations[1], "from marts.realised").to_dict("records")
    assert (row["as_of"].date(), row["horizon_days"]) == (date(2024, 10, 31), 30)
    actual = ask(
        generations[1],
        """
        with spent as (
            select greatest(sum(amount), 0) as spent
            from core.transactions
            where
                purchased_on between date '2024-11-01' and date '2024-11-30'
                and customer_id in (
                    select customer_id from scores.history
                    where as_of = date '2024-10-31' and expected_spend is not null
                )
            group by customer_id
        )
        select sum(spent)::double as spent from spent
        """,
    )["spent"][0]
    assert row["actual_spend"] == pytest.approx(actual)
    assert row["total_ratio"] == pytest.approx(row["expected_spend"] / actual)
    assert row["churn_level"] in ("as said", "off", "few")


def test_models_say_what_is_watched(generations):
    answer = models_json(generations[1])
    assert answer["drift"]["thresholds"] == {
        "shifted": 0.1, "drifted": 0.25, "least_customers": 200,
    }  # fmt: skip
    assert {row["name"] for row in answer["drift"]["scores"]} == {"expected_spend", "churn_risk"}
    assert [row["as_of"] for row in answer["realised"]] == ["2024-10-31"]
    assert "what came of earlier scores" in models_text(generations[1])


def test_what_is_red_is_a_warning():
    row = {"psi": 0.31, "level": "drifted", "name": "recency_days", "kind": "feature"}
    dates = {"as_of": pd.Timestamp("2024-12-15"), "learnt_at": pd.Timestamp("2024-11-14")}
    calm = {**row, **dates, "psi": 0.01, "level": "stable", "name": "churn_risk", "kind": "score"}
    said = drift_lines(watched([calm, {**row, **dates}], [])["drift"])
    assert said[1:] == ["  WARNING drifted: recency_days 0.31"]
    assert "since 2024-11-14" in said[0]
    assert drift_lines(watched([calm], [])["drift"])[1:] == ["  stable: all 1 features and scores"]


def test_a_refresh_warns_of_scores_and_forecasts_and_not_of_features():
    dates = {"as_of": pd.Timestamp("2024-12-15"), "learnt_at": pd.Timestamp("2024-11-14")}
    rows = [
        {**dates, "kind": kind, "name": name, "psi": 0.5, "level": "drifted"}
        for kind, name in (("feature", "recency_days"), ("score", "churn_risk"))
    ]
    came = {"as_of": dates["as_of"], "generation": 3, "horizon_days": 30, "n_spend": 2}
    came |= judged(
        pd.DataFrame(
            {"expected_spend": [9.0] * 200, "churn_risk": [np.nan] * 200, "spent": [4.0, 5.0] * 100,
             "is_quiet": [0.0] * 200}
        )
    )  # fmt: skip
    came = dict.fromkeys(("ece", "churn_level"), None) | came
    assert red(watched(rows, [came])) == [
        "WARNING drifted: churn_risk 0.50",
        "WARNING 2024-12-15: expected 1,800, came 900, ratio 2.00",
    ]


def test_what_too_few_say_is_no_warning():
    came = {"as_of": pd.Timestamp("2024-12-15"), "generation": 3, **judged(outcome(20))}
    answer = watched([], [came])
    assert red(answer) == []
    said = realised_lines(answer["realised"])[1]
    assert "(too few buyers to tell it from chance)" in said
    assert "(too few customers to tell it from chance)" in said
