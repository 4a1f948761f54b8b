"""Customer tables with labels: inputs, folds, twins, who serves, and too little to learn from."""

import duckdb
import numpy as np
import pandas as pd
import pytest
from small_history import KEY, QUICK, little_work
from small_warehouse import add_customers, small_warehouse

from analytics import grouping, labelled
from analytics.boosting import Fitting
from analytics.explain import contributions
from analytics.folds import Table, fit_all, validate
from analytics.inputs import NOT_KNOWN, choose_inputs, restored
from analytics.keeping import Kept, origin_of, why_train
from analytics.label_frames import table_frame
from analytics.leaderboard import models_json
from analytics.reference import describe
from analytics.refresh import refresh
from analytics.situation import look
from analytics.table_candidates import recipes
from analytics.table_models import restore
from analytics.twins import twins
from warehouse.configuration import Labels, Settings
from warehouse.errors import NoModelError
from warehouse.generations import Workspace
from warehouse.label_columns import Label, LabelColumns
from warehouse.loading import load
from warehouse.progress import Silent

LABELS = LabelColumns(
    {
        "spend": Label("spend", "next_spend", "Next_Spend"),
        "churn": Label("churn", "churned", "Churned", "1.0"),
    }
)
HIDDEN = {"customer_key", "customer_id", "labelled_churn", "labelled_spend"}


@pytest.fixture(scope="module", autouse=True)
def small_models():
    with little_work():
        yield


def people(n=240, seed=1):
    """Customers whose visits and plan drive both labels, behind noise."""
    random = np.random.default_rng(seed)
    visits, plan = random.poisson(6, n).astype(float), random.choice(["basic", "plus"], n)
    pull = 0.5 * (visits - 6) + (plan == "plus")
    return pd.DataFrame({
        "customer_key": np.arange(1, n + 1), "customer_id": [f"c{k:03d}" for k in range(n)],
        "visits": visits, "plan": plan,
        "card": pd.array(random.random(n) < 0.5, dtype="boolean"),
        "age": np.where(random.random(n) < 0.1, np.nan, random.normal(40, 9, n)),
        "labelled_churn": (random.random(n) < 1 / (1 + np.exp(pull))).astype(float),
        "labelled_spend": np.maximum(0, 20 + 9 * pull + random.normal(0, 4, n)),
    })  # fmt: skip


def asked(question, frame, labels=LABELS):
    return labelled.answer(
        question, frame, labels, settings=Settings(), workers=1, progress=Silent()
    )


def table(question, frame):
    target = frame[f"labelled_{question}"].to_numpy()
    return Table(question, frame["customer_key"].to_numpy(), frame, target)


def recipe(question, name):
    return next(each for each in recipes(question) if each.name == name)


def fitted(question, name, frame=None):
    frame = people() if frame is None else frame
    inputs = choose_inputs(frame, HIDDEN)
    return fit_all(table(question, frame), recipe(question, name), inputs, Fitting())


# Inputs


def test_columns_that_tell_nothing_of_a_customer_are_left_out_and_said():
    n = 60
    frame = pd.DataFrame({
        "customer_key": range(n), "row_no": range(7, n + 7), "country": ["UK"] * n,
        "remark": [f"said {k}" for k in range(n)], "age": np.arange(n) % 9,
    })  # fmt: skip
    inputs = choose_inputs(frame, {"customer_key"})
    assert inputs.names == ["age"]
    assert inputs.left_out == {
        "a number of the file's rows": ("row_no",),
        "the same for everybody": ("country",),
        "different for nearly everybody": ("remark",),
    }


def test_raw_values_are_read_the_same_from_tables_and_from_hand():
    inputs = choose_inputs(people(), HIDDEN)
    assert [each.kind for each in inputs.inputs] == ["number", "category", "flag", "number"]
    typed = inputs.typed(pd.DataFrame({
        "visits": ["3", "many", "inf"], "plan": [" plus ", None, ""], "card": ["Yes", False, None],
    }))  # fmt: skip
    assert typed["x0"].fillna(-1).tolist() == [3, -1, -1]
    assert typed["x1"].tolist() == ["plus", NOT_KNOWN, NOT_KNOWN]
    assert typed["x2"].fillna(-1).tolist() == [1, 0, -1]
    assert typed["x3"].isna().all()  # age was not given
    assert restored(inputs.described()).inputs == inputs.inputs


# Folds


def test_nobody_is_scored_by_a_model_that_saw_her_label():
    """Labels without any reason cannot be foretold; a model that saw them would know them."""
    frame = people().assign(noise=np.random.default_rng(5).random(240))
    frame["labelled_spend"] = np.random.default_rng(6).lognormal(3, 1, 240)
    model = fitted("spend", "random_forest", frame)
    by_hand = model.predict(frame.drop(columns="customer_key"))
    seen = np.corrcoef(by_hand, frame["labelled_spend"])[0, 1]
    unseen = np.corrcoef(model.predict(frame), frame["labelled_spend"])[0, 1]
    assert seen > 0.35 > 0.2 > abs(unseen)


def test_a_customer_without_a_label_is_scored_by_the_model_of_all():
    frame = people()
    model = fitted("churn", "logistic", frame.head(200))
    new = frame.tail(40)
    np.testing.assert_array_equal(
        model.predict(new), model.predict(new.drop(columns="customer_key"))
    )


def test_every_fold_judges_every_customer_once_a_repetition_and_has_her_outcomes():
    frame = people()
    splits = table("churn", frame).splits(seed=3)
    judged = np.concatenate([judge for _, judge in splits])
    assert sorted(judged) == sorted(range(240))
    rates = [frame["labelled_churn"].to_numpy()[judge].mean() for _, judge in splits]
    assert max(rates) - min(rates) < 0.03
    assert all(not set(learn) & set(judge) for learn, judge in splits)


def test_the_same_seed_gives_the_same_tests_however_many_work():
    frame, one = people(), [recipe("churn", "lightgbm"), recipe("churn", "random_forest")]
    inputs = choose_inputs(frame, HIDDEN)
    first, second = (
        validate(table("churn", frame), one, inputs, Fitting(), workers=n, advance=lambda _: None)
        for n in (1, 2)
    )
    pd.testing.assert_frame_equal(first, second)
    assert set(first["fold"]) == {1, 2, 3}


# What serves


@pytest.mark.parametrize(
    ("question", "name"),
    [(question, each.name) for question in ("churn", "spend") for each in recipes(question)],
)
def test_each_model_comes_back_from_its_parts_and_takes_what_it_never_saw(question, name):
    model = fitted(question, name)
    again = restore(model.parts())
    frame = people(30, seed=9).assign(plan="gold", visits=[np.inf, np.nan, 1e300] * 10)
    said = model.predict(frame)
    np.testing.assert_array_equal(said, again.predict(frame))
    assert np.isfinite(said).all()
    assert (said >= 0).all()


@pytest.mark.parametrize(("question", "name"), [("churn", "logistic"), ("churn", "lightgbm"),
                                            ("spend", "ridge"), ("spend", "lightgbm")])  # fmt: skip
def test_reasons_add_up_to_the_score_by_raw_column(question, name):
    frame = people()
    model = fitted(question, name, frame)
    told = contributions(model, frame.head(20), describe(frame, None))
    np.testing.assert_allclose(told.total, model.predict(frame.head(20)), atol=1e-9)
    assert list(told.effects.names) == ["visits", "plan", "card", "age"]
    assert np.abs(told.effects.values).mean(axis=0).argmax() == 0


def test_a_forest_says_what_is_lost_with_the_usual_value():
    model = fitted("churn", "random_forest")
    frame = people().drop(columns="customer_key").head(3)
    told = model.contributions(frame)
    assert not told.adds_up
    other = model.predict(frame.assign(visits=people()["visits"].median()))
    np.testing.assert_allclose(told.effects.of("visits"), model.predict(frame) - other)


def test_signal_is_learnt():
    found = asked("churn", people())
    assert found.champion != "base_rate"
    assert "The label is Churned." in found.note
    means = found.results.groupby(["candidate", "metric"])["value"].mean()
    assert means[found.champion, "auc"] > 0.65
    assert means["base_rate", "auc"] == 0.5


def board(**aucs):
    """A leaderboard: the AUC of each candidate on ten folds; losses are equal."""
    return pd.DataFrame(
        [
            (name, fold, metric, value)
            for name, values in aucs.items()
            for fold, auc in enumerate(values, start=1)
            for metric, value in {"auc": auc, "brier": 0.2, "log_loss": 0.6}.items()
        ],
        columns=["candidate", "fold", "metric", "value"],
    )


@pytest.mark.parametrize(
    ("logistic", "lightgbm", "serves"),
    [
        ([0.6] * 10, [0.7] * 10, "lightgbm"),
        ([0.6] * 10, [0.7] * 8 + [0.5] * 2, "logistic"),  # beaten on 8 of 10 only
        ([0.6] * 8 + [0.4] * 2, [0.45] * 10, "base_rate"),  # neither beats the rate on 9
        ([0.6] * 8 + [0.4] * 2, [0.55] * 10, "lightgbm"),  # the simple one knows nothing
    ],
)
def test_the_simple_model_serves_unless_beaten_and_nobody_who_knows_nothing(
    logistic, lightgbm, serves
):
    results = board(base_rate=[0.5] * 10, logistic=logistic, lightgbm=lightgbm)
    competing = {each.name: each for each in recipes("churn") if each.name != "random_forest"}
    choice = labelled.chosen("churn", results, competing)
    assert choice.champion == serves
    assert "folds" in choice.why


# Twins


def test_a_column_that_says_the_label_is_named_and_what_is_left_without_it_is_shown():
    frame = people()
    frame["last_spend"] = frame["labelled_spend"] * 1.5 + np.random.default_rng(2).normal(0, 2, 240)
    found = asked("spend", frame)
    assert "Nearly the label by itself: last_spend (correlation .9" in found.note
    rmse = found.results[found.results["metric"] == "rmse"].groupby("candidate")["value"].mean()
    without = f"{found.champion}_without_last_spend"
    assert rmse[without] > 2 * rmse[found.champion]
    assert found.champion in {each.name for each in recipes("spend")}


def test_a_level_or_a_blank_can_be_a_twin_too():
    frame = people()
    leaves = frame["labelled_churn"] == 1
    frame["status"] = np.where(leaves, "closed", np.where(frame["visits"] > 5, "open", "quiet"))
    frame["closed_after"] = np.where(leaves, frame["visits"] * 3.0, np.nan)
    inputs = choose_inputs(frame, HIDDEN)
    known = twins("churn", inputs, inputs.typed(frame), frame["labelled_churn"].to_numpy())
    assert {twin.name for twin in known} == {"status", "closed_after"}
    assert known[0].words.endswith("(AUC 1.000)")


def test_what_the_settings_leave_out_is_not_learnt_from():
    labels = LabelColumns(LABELS.labels, {"churn_reason": "Why"}, frozenset({"visits"}))
    found = asked("spend", people(), labels)
    assert "visits" not in found.model.inputs.names
    assert "Why (named like an outcome); visits (by the settings)" in found.note


def test_no_group_is_made_from_what_the_settings_leave_out_and_older_models_do_not_serve():
    settings = Settings(labels=Labels(leave_out=("visits", "customer_id")))
    with small_warehouse() as con:
        add_customers(
            con, "customer_id  visits  spent\n ann  5  20.5\n bob  3  4",
            attributes=[("visits", "DOUBLE"), ("spent", "DOUBLE")],
        )  # fmt: skip
        before, now = (look(con, each, None, 30) for each in (Settings(), settings))
        everything, shown = (table_frame(con, each.labels) for each in (before, now))
    assert grouping.wanted_features(everything, before, settings) == ["spent", "visits"]
    assert grouping.wanted_features(shown, now, settings) == ["spent"]
    # Who is who is still known.
    assert shown["customer_id"].tolist() == ["ann", "bob"]
    kept = Kept(origin=origin_of(before, list(everything), Settings(), {}))
    with pytest.raises(NoModelError, match="the features changed"):
        why_train(kept, now, list(shown), settings, "never")


# Too little


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"labelled_churn": 1.0}, "the same for everybody"),
        ({"labelled_churn": [1.0] * 9 + [0.0] * 231}, "only 9 customers have the rarer outcome"),
        ({"labelled_churn": [1.0, 0.0] * 20 + [np.nan] * 200}, "is known of 40 customers"),
        ({"visits": 1.0, "plan": "a", "card": True, "age": 4}, "No column beside Churned"),
    ],
)
def test_with_too_little_there_is_no_number(change, why):
    found = asked("churn", people().assign(**change))
    assert found.champion is None
    assert found.model is None
    assert why in found.note


def test_few_labels_are_said():
    frame = people().assign(labelled_spend=lambda f: f["labelled_spend"].where(f.index < 120))
    found = asked("spend", frame)
    assert found.n_rows == 120
    assert not found.enough_history
    assert found.note.startswith("Not enough history to judge: 120 labels of at least 200.")
    assert "The label is Next_Spend, learnt from 120 of 240 customers." in found.note
    assert len(found.model.predict(frame)) == 240


# The whole way, on real data


def test_a_real_table_is_scored_from_its_file_to_its_customers(tmp_path, shared_data):
    made = Workspace(tmp_path)
    file = shared_data / "smart_sales" / "customer_data.csv"
    report = load(made, QUICK, [str(file)])
    assert any(note.startswith("Churn_Label is the label of churn") for note in report.notes)
    found = refresh(made, QUICK, key=KEY)
    answer = models_json(found)["questions"]
    assert "last_month_spend (correlation .978)" in answer["spend"]["note"]
    assert "it may have been made from them" in answer["churn"]["note"]
    with duckdb.connect(str(found.database), read_only=True) as con:
        said = con.execute("""
            select corr(expected_spend, next_month_spend_label) as spend,
                avg(churn_risk) filter (churn_label = 1) as churned,
                avg(churn_risk) filter (churn_label = 0) as stayed,
                count(churn_band) as n_banded, count(value_band) as n_valued
            from marts.customers
        """).fetchall()[0]
    assert said[0] > 0.95
    assert said[1] > 0.8 > 0.2 > said[2]
    assert said[3:] == (1000, 1000)
