"""A whole refresh: what it writes, when it trains, what it says where nothing can be said."""

import json
import shutil
from datetime import date, timedelta

import duckdb
import msgspec
import numpy as np
import pandas as pd
import pytest
from small_history import FIRST, KEY, LAST, QUICK, little_work, load_more, purchases, workspace

import analytics.refresh
from analytics.keeping import read_amounts
from analytics.leaderboard import card
from analytics.manual import Scorer
from analytics.refresh import refresh
from warehouse.configuration import Cleaning, Clusters
from warehouse.errors import (
    CorruptGenerationError,
    NoDataError,
    NoGenerationError,
    NoModelError,
    SettingsError,
    UsageError,
)
from warehouse.generations import Workspace
from warehouse.loading import load
from warehouse.publishing import finish

TABLES = ("spend", "churn", "risk", "clusters", "thresholds", "personas", "cluster_profiles",
          "pca_axes", "pca_loadings", "backtests", "cluster_scan")  # fmt: skip


def refreshed(made, settings=QUICK, **options):
    return refresh(made, settings, key=KEY, **options)


def ask(generation, sql):
    with duckdb.connect(str(generation.database), read_only=True) as con:
        return con.execute(sql).df()


def runs(generation):
    return ask(generation, "select * from scores.model_runs").set_index("question")


def scores(generation):
    return {name: ask(generation, f"from scores.{name} order by all") for name in TABLES}


@pytest.fixture(scope="module", autouse=True)
def small_models():
    """What is tested here does not depend on how many trees or windows there are."""
    with little_work(origins=1):
        yield


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A year of a small shop, refreshed once; do not write to it."""
    made = workspace(tmp_path_factory.mktemp("shop"), purchases())
    with little_work(origins=3):
        return made, refreshed(made)


@pytest.fixture
def copy(shop, tmp_path):
    """The same, to write to."""
    shutil.copytree(shop[0].folder, tmp_path / "shop")
    return Workspace(tmp_path / "shop")


def test_everybody_who_bought_has_every_score(shop):
    row = ask(
        shop[1],
        """
        select
            count(*) as n, count(expected_spend) as spend, count(churn_risk) as churn,
            count(risk_band) as risk, count(persona) as persona, count(pca_2) as place,
            min(expected_spend) as least, min(churn_risk) as safest, max(churn_risk) as likeliest
        from marts.customers
        """,
    ).iloc[0]
    assert row["n"] == 240
    assert {row[name] for name in ("spend", "churn", "risk", "persona", "place")} == {240}
    assert row["least"] >= 0
    assert 0 <= row["safest"] < row["likeliest"] <= 1


def test_the_manifest_says_as_of_when_and_signs_every_file(shop):
    manifest = shop[1].manifest
    assert (manifest.as_of, manifest.scores_as_of, manifest.horizon_days) == (LAST, LAST, 30)
    on_disk = {file.name for file in shop[1].models.iterdir()}
    assert {model.file for model in manifest.models} == on_disk
    assert {"origin.json", "clusters.joblib"} <= on_disk


def test_scores_add_up_to_the_total_and_have_a_bound_each(shop):
    found = ask(
        shop[1], "select expected_spend::double as e, upper_95::double as u from scores.spend"
    )
    assert found["u"].notna().all()
    assert (found["u"] >= found["e"]).all()
    why = runs(shop[1]).loc["total", "why"]
    assert "Scores of customers are multiplied by" in why
    tested = ask(shop[1], "select * from scores.backtests where question = 'total'")
    champion = runs(shop[1]).loc["total", "champion"]
    assert set(tested.loc[tested["is_champion"], "candidate"]) == {champion}


def test_each_question_says_who_serves_and_why(shop):
    found = runs(shop[1])
    # Lines that say nothing beside the amount: no model can tell them apart.
    plain = ["amount", "high_spend"]
    answered = ["churn", "clusters", "forecast", "high_spenders", "risk", "spend", "total"]
    assert sorted(found.index) == sorted([*plain, *answered])
    assert found.loc[answered, "champion"].notna().all()
    assert found.loc[plain, "champion"].isna().all()
    assert found.drop(index=["forecast", *plain])["enough_history"].all()
    assert (found["model_id"] == [f"{question}-000002" for question in found.index]).all()
    assert str(LAST - timedelta(days=31)) in found.loc["spend", "trained_on"]


def test_the_backtest_keeps_every_origin_and_marks_the_champion(shop):
    found = ask(shop[1], "from scores.backtests")
    champion = runs(shop[1])["champion"]
    for question in ("spend", "churn"):
        mine = found[found["question"] == question]
        assert mine["origin"].nunique() == 3
        assert set(mine.loc[mine["is_champion"], "candidate"]) == {champion[question]}
        assert (mine["origin"].dt.date + timedelta(days=30) < LAST).all()


def test_scores_of_a_generation_name_the_model_that_made_them(shop):
    found = ask(shop[1], "select distinct model_id, as_of::varchar as day from scores.spend")
    assert found.to_numpy().tolist() == [["spend-000002", "2024-12-31"]]


def test_bands_keep_to_the_cut_points_in_words(shop):
    broken = ask(
        shop[1],
        """
        select count(*) as n
        from marts.customers
        join scores.thresholds on question = 'risk' and band = risk_band
        where not (monetary > coalesce(lower, -1e9) and monetary <= coalesce(upper, 1e9))
        """,
    )
    assert broken["n"].item() == 0


def test_profiles_show_the_scores_beside_the_features(shop):
    found = ask(shop[1], "from scores.cluster_profiles").set_index("feature")
    assert {"monetary", "expected_spend", "churn_risk"} <= set(found.index)
    assert found.loc["churn_risk", "feature_title"].iloc[0] == "Churn risk"


def test_two_refreshes_of_the_same_data_agree_to_the_last_bit(shop, tmp_path):
    with little_work(origins=3):
        again = refreshed(workspace(tmp_path, purchases()))
    for name, rows in scores(shop[1]).items():
        pd.testing.assert_frame_equal(scores(again)[name], rows)
    for question in ("spend", "total", "churn", "risk", "clusters"):
        assert card(again, question) == card(shop[1], question)


def test_a_purchase_after_the_as_of_day_changes_no_score(shop, tmp_path):
    day = LAST - timedelta(days=40)
    rows = purchases()
    is_late = rows["purchased_on"] > pd.Timestamp(day)
    made = workspace(tmp_path / "shop", rows[~is_late])
    only = refreshed(made, as_of=day)
    load_more(made, rows[is_late])
    known = refreshed(made, as_of=day, train="always")
    for name in ("spend", "churn", "risk", "backtests"):
        # Each training names its models by the number of its generation.
        columns = "* exclude (model_id)" if name != "backtests" else "*"
        sql = f"select {columns} from scores.{name} order by all"
        pd.testing.assert_frame_equal(ask(known, sql), ask(only, sql))
    assert known.manifest.as_of == day


def test_saved_models_are_used_again_until_they_are_older_than_the_horizon(copy):
    first = refreshed(copy)
    assert runs(first).loc["spend", "model_id"] == "spend-000002"
    load_more(copy, purchases(20, seed=8, last=LAST + timedelta(days=20)).tail(30))
    second = refreshed(copy)
    assert second.manifest.as_of > LAST
    assert runs(second).loc["spend", "model_id"] == "spend-000002"
    assert ask(second, "select max(as_of) as day from scores.spend")["day"].item().date() > LAST
    late = pd.DataFrame({"customer_id": ["c0001"], "amount": [9.0],
                         "purchased_on": [LAST + timedelta(days=45)]})  # fmt: skip
    load_more(copy, late)
    third = refreshed(copy)
    assert runs(third).loc["spend", "model_id"] == f"spend-{third.number:06d}"


def test_never_uses_the_saved_models_and_gives_the_same_scores(copy, shop):
    again = refreshed(copy, train="never")
    for name, rows in scores(shop[1]).items():
        pd.testing.assert_frame_equal(scores(again)[name], rows)


@pytest.mark.parametrize(
    ("options", "settings"),
    [({"horizon_days": 20}, QUICK), ({}, msgspec.structs.replace(QUICK, seed=9)),
     ({"as_of": date(2024, 12, 1)}, QUICK), ({"train": "always"}, QUICK)],
    ids=["another horizon", "another seed", "an earlier day", "asked for"],
)  # fmt: skip
def test_what_the_saved_models_do_not_fit_is_trained_anew(copy, monkeypatch, options, settings):
    class TrainingBegins(Exception):
        pass

    def train(*args, **kwargs):
        raise TrainingBegins

    monkeypatch.setattr("analytics.refresh._answers", train)
    with pytest.raises(TrainingBegins):
        refreshed(copy, settings, **options)


@pytest.mark.parametrize("options", [{"horizon_days": 20}, {"as_of": date(2024, 12, 1)}])
def test_never_refuses_models_that_do_not_fit(copy, options):
    with pytest.raises(NoModelError, match="cannot be used"):
        refreshed(copy, train="never", **options)
    assert copy.current().number == 2


def test_never_without_a_model_says_so(tmp_path):
    with pytest.raises(NoModelError, match="no model yet"):
        refreshed(workspace(tmp_path, purchases(30)), train="never")


def test_an_altered_model_is_refused_and_training_anew_repairs(copy):
    file = next(copy.current().models.glob("clusters.joblib"))
    file.write_bytes(file.read_bytes() + b" ")
    for train in ("auto", "never"):
        with pytest.raises(CorruptGenerationError, match="altered"):
            refreshed(copy, train=train)
    assert copy.current().number == 2
    assert refreshed(copy, train="always").manifest.models


def test_models_signed_with_another_key_are_refused(copy):
    with pytest.raises(CorruptGenerationError, match="not written by this installation") as error:
        refresh(copy, QUICK, key=bytes(32))
    assert "`spendboard refresh --train always`" in str(error.value)
    assert "copy signing.key from" in str(error.value)


@pytest.mark.parametrize(
    ("options", "words"),
    [({"horizon_days": 0}, "horizon"), ({"horizon_days": -30}, "horizon"),
     ({"horizon_days": 10**9}, "horizon"), ({"as_of": date(2999, 1, 1)}, "in the future"),
     ({"as_of": FIRST - timedelta(days=1)}, "has bought anything yet")],
)  # fmt: skip
def test_impossible_days_are_refused(shop, options, words):
    with pytest.raises(UsageError, match=words) as error:
        refreshed(shop[0], **options)
    assert error.value.exit_code == 2
    assert shop[0].current().number == 2


def test_nothing_loaded_is_said(tmp_path):
    with pytest.raises(NoGenerationError):
        refreshed(Workspace(tmp_path / "new"))
    assert not (tmp_path / "new").exists()
    with pytest.raises(NoDataError, match="nothing to refresh"):
        refreshed(workspace(tmp_path / "empty"))


def test_an_unknown_cluster_feature_names_the_nearest(shop):
    settings = msgspec.structs.replace(QUICK, clusters=Clusters(k=4, features=("monetry",)))
    with pytest.raises(SettingsError, match="did you mean monetary"):
        refreshed(shop[0], settings, train="always")


def test_models_learn_from_a_purchase_until_it_is_cancelled(tmp_path, monkeypatch):
    """The rule hides it from the day it was made on, which nobody could know that day."""
    sold = purchases(60).assign(product_id="A", quantity=1)
    back = sold.iloc[::9].assign(quantity=-1)
    back = back.assign(amount=-back["amount"], purchased_on=back["purchased_on"] + timedelta(9))
    pd.concat([sold, back]).to_csv(tmp_path / "lines.csv", index=False)
    settings = msgspec.structs.replace(QUICK, cleaning=Cleaning(cancellations="drop_matched"))
    made = Workspace(tmp_path / "shop")
    load(made, settings, [str(tmp_path / "lines.csv")])
    seen = []

    def answers(work):
        kinds = work.draft.con.execute("select distinct kind from core.transactions order by 1")
        seen.extend(kind for (kind,) in kinds.fetchall())
        return trained(work)

    trained = analytics.refresh._answers
    monkeypatch.setattr(analytics.refresh, "_answers", answers)
    found = refreshed(made, settings)
    assert seen == ["purchase", "refund"]
    served = ask(found, "select kind, count(*) as n from core.transactions group by kind")
    assert served.set_index("kind")["n"].to_dict() == {
        "purchase": len(sold) - len(back), "cancelled": 2 * len(back),
    }  # fmt: skip


def test_an_undated_ledger_has_risk_and_groups_and_says_what_is_missing(tmp_path):
    found = refreshed(workspace(tmp_path, purchases().drop(columns="purchased_on")))
    told = runs(found)
    assert told.loc[["spend", "churn"], "champion"].isna().all()
    assert "has a date" in told.loc["spend", "note"]
    assert "label of churn" in told.loc["churn", "note"]  # a table of customers may bring one
    assert len(scores(found)["risk"]) == 240
    assert len(scores(found)["clusters"]) == 240
    assert scores(found)["spend"].empty
    assert found.manifest.as_of is None


def sold_at(merchants, n=240):
    """An undated ledger without customers: what is bought at each merchant costs its own."""
    rows = pd.DataFrame({"customer_id": [None] * n, "merchant": [*merchants] * (n // 2)})
    return rows.assign(amount=[5.0 + k % 2 if k % 2 else 500.0 + k % 5 for k in range(n)])


def test_without_dates_or_customers_new_purchases_are_learnt_from(tmp_path):
    made = workspace(tmp_path, sold_at(["jeweller", "cafe"]))
    refreshed(made)
    load_more(made, sold_at(["hotel", "kiosk"]))
    # Saved models alone are asked for.
    assert not knows(refreshed(made, train="never"), "hotel")
    found = refreshed(made)
    assert knows(found, "hotel")
    assert runs(found).loc["amount", "n_rows"] == 480


def knows(generation, merchant):
    """Whether what estimates the amount of a purchase has seen one at ``merchant``."""
    return read_amounts(generation, KEY).expected({"merchant": merchant}).inputs[0].n_lines > 0


@pytest.fixture(scope="module")
def labelled_ledger(tmp_path_factory):
    """An undated ledger beside a table with labels; twenty customers of it never bought."""
    random = np.random.default_rng(5)
    calls = random.normal(10, 3, 260)
    table = pd.DataFrame({
        "customer_id": [f"c{n:04d}" for n in range(260)], "calls": calls,
        # Called like a feature of the purchases: that one is meant.
        "frequency": random.normal(0, 1, 260),
        "churn_label": (calls + random.normal(0, 1, 260) > 11).astype(float),
        "next_spend": 50 + 5 * calls + random.normal(0, 4, 260),
    })  # fmt: skip
    folder = tmp_path_factory.mktemp("labelled_ledger") / "w"
    return refreshed(workspace(folder, purchases().drop(columns="purchased_on"), table))


def test_an_undated_ledger_beside_labels_answers_every_question(labelled_ledger):
    told, said = runs(labelled_ledger), scores(labelled_ledger)
    assert told.loc[["spend", "churn", "risk"], "champion"].notna().all()
    assert "without dates they may have come after the outcome" in told.loc["churn", "note"]
    assert (len(said["spend"]), len(said["churn"])) == (260, 260)
    assert (len(said["risk"]), len(said["clusters"])) == (240, 240)
    # What is learnt from are the calls, not what was bought.
    assert said["spend"]["expected_spend"].astype(float).between(60, 160).all()
    origin = json.loads((labelled_ledger.models / "origin.json").read_text())
    assert origin["labels"] == {"spend": "next_spend", "churn": "churn_label"}
    assert not {"churn_label", "next_spend"} & set(origin["features"])


def test_without_dates_models_serve_until_the_customers_change(labelled_ledger, tmp_path):
    shutil.copytree(labelled_ledger.folder.parents[1], tmp_path / "w")
    made = Workspace(tmp_path / "w")
    again = refreshed(made)
    digests = {file.name: file.sha256 for file in labelled_ledger.manifest.models}
    shared = [file for file in again.manifest.models if file.file.endswith((".json", ".txt"))]
    assert {file.name: file.sha256 for file in shared}.items() <= digests.items()
    assert runs(again).loc["churn", "model_id"] == runs(labelled_ledger).loc["churn", "model_id"]
    for table, rows in scores(labelled_ledger).items():
        pd.testing.assert_frame_equal(rows, scores(again)[table])
    with made.writing("load", QUICK) as draft:
        draft.con.execute("update core.customers set calls = 3 where customer_id = 'c0250'")
        finish(draft, QUICK, as_of=None, scores_as_of=None, horizon_days=30,
               models=draft.parent.manifest.models)  # fmt: skip
    anew = refreshed(made)
    assert runs(anew).loc["churn", "model_id"] != runs(again).loc["churn", "model_id"]


def test_its_customers_have_reasons_from_their_table(labelled_ledger):
    scorer = Scorer(labelled_ledger, KEY)
    buyer, other = (scorer.predictions(scorer.customer(who))[0] for who in ("c0003", "c0250"))
    stored = scores(labelled_ledger)["spend"].set_index("customer_id")["expected_spend"]
    assert other.expected_spend == float(stored["c0250"])
    assert (other.risk_band, other.persona) == (None, None)
    assert buyer.risk_band is not None
    assert "Calls" in buyer.reasons["churn"].reasons[0].words


def test_a_customers_table_has_groups_made_without_what_is_to_be_foretold(tmp_path):
    random = np.random.default_rng(1)
    centre = np.repeat([0.0, 10, 20, 30], 40)
    table = pd.DataFrame({
        "customer_id": [f"c{n:03d}" for n in range(160)],
        "calls": centre + random.normal(0, 1, 160), "visits": centre + random.normal(0, 1, 160),
        "age_of_card": random.normal(40, 9, 160), "churn_label": random.integers(0, 2, 160),
    })  # fmt: skip
    found = refreshed(workspace(tmp_path, table=table))
    assert len(scores(found)["clusters"]) == 160
    assert ask(found, "select count(monetary) as n from marts.customers")["n"].item() == 0
    assert set(scores(found)["pca_loadings"]["feature"]) == {"age_of_card", "calls", "visits"}
    assert scores(found)["personas"]["persona"].str.fullmatch(r"cluster-\d").all()
    assert runs(found).loc["risk", "champion"] is None or pd.isna(
        runs(found).loc["risk", "champion"]
    )
    assert "only a table" in runs(found).loc["risk", "note"]


def test_transactions_of_nobody_are_published_without_scores(tmp_path):
    rows = pd.DataFrame({"customer_id": [None, None], "amount": [5.0, 6.0],
                         "purchased_on": [FIRST, LAST]})  # fmt: skip
    found = refreshed(workspace(tmp_path, rows))
    # What the months bring needs no names.
    assert runs(found).drop(index="forecast")["champion"].isna().all()
    assert "names a customer" in runs(found).loc["risk", "note"]


def test_below_the_minima_there_are_scores_and_a_warning(tmp_path):
    rows = purchases(80)
    short = rows[rows["purchased_on"] >= pd.Timestamp(LAST - timedelta(days=140))]
    told = runs(refreshed(workspace(tmp_path, short)))
    assert told.loc["spend", "champion"]
    assert not told.loc["spend", "enough_history"]
    assert told.loc["spend", "note"].startswith("Not enough history to judge: ")
    assert "of at least 100" in told.loc["spend", "note"]
    assert "of at least 180" in told.loc["spend", "note"]
    assert "of 6 origins" in told.loc["spend", "note"]


def only(*rows):
    return pd.DataFrame(rows, columns=["customer_id", "purchased_on", "amount"])


@pytest.mark.parametrize(
    ("rows", "note"),
    [
        (only(("ann", FIRST, 5.0)), "no window of 30 days"),
        (only(*[("ann", FIRST + timedelta(days=20 * n), 5.0) for n in range(15)]),
         "too little to learn from"),
        (only(*[(f"c{n}", FIRST + timedelta(days=n % 50), 5.0) for n in range(200)],
              ("late", LAST, 1.0)), None),
        (only(*[(f"c{n}", FIRST, 5.0) for n in range(30)], ("late", LAST, 1.0)),
         "everybody did the same"),
        (only(("ann", FIRST, -5.0), ("bob", LAST, 7.0)), "no window of 30 days"),
        (only(*[(f"c{n}", FIRST, 10.0) for n in range(100)]), "no window of 30 days"),
        (only(*[(f"c{n % 60}", FIRST + timedelta(days=n), 0.0) for n in range(300)]), None),
    ],
    ids=["one purchase", "one customer", "one purchase each", "nobody returns", "a refund",
         "one day, all alike", "all amounts zero"],
)  # fmt: skip
def test_with_little_to_learn_from_there_is_a_reason_and_never_a_traceback(tmp_path, rows, note):
    found = refreshed(workspace(tmp_path, rows))
    told = runs(found)
    assert not told["enough_history"].loc[["spend", "churn"]].any()
    assert (scores(found)["spend"]["expected_spend"].astype(float) >= 0).all()
    if note is not None:
        assert note in told.loc["spend", "note"]
        assert scores(found)["spend"].empty
    # Who never moved money has not even a risk.
    assert len(scores(found)["risk"]) == rows.loc[rows["amount"] != 0, "customer_id"].nunique()


def test_who_only_returned_things_has_no_forecast(tmp_path):
    rows = pd.concat([purchases(60), only(("returner", date(2024, 9, 1), -20.0))])
    found = refreshed(workspace(tmp_path, rows))
    mine = ask(found, "from marts.customers where customer_id = 'returner'").iloc[0]
    assert pd.isna(mine["expected_spend"])
    assert pd.isna(mine["churn_risk"])
    assert pd.isna(mine["persona"])
    assert mine["risk_band"] == "low"


def test_five_personas_of_card_holders_by_the_ordinary_way(tmp_path, shared_data):
    from warehouse.configuration import Settings
    from warehouse.loading import load

    made = Workspace(tmp_path)
    load(made, Settings(threads=1), [str(shared_data / "credit_card" / "CC GENERAL.csv")],
         kind="customers")  # fmt: skip
    found = refresh(made, Settings(threads=1), key=KEY)
    named = ask(found, "select title, n_customers from marts.personas order by title")
    assert named["title"].tolist() == [
        "Balanced", "Dormant", "Frequent Spenders", "High Balance Holders", "Revolvers",
    ]  # fmt: skip
    assert named["n_customers"].sum() == 8950
    assert named["n_customers"].min() >= 895
