"""The door to the models: the command ``score``, and the reasons on a customer's page."""

import gc
import json
import re
import shutil
import weakref
from contextlib import redirect_stdout
from io import StringIO
from types import SimpleNamespace

import pandas as pd
import pytest
from msgspec import structs
from small_app import Browser, text
from small_history import LAST, QUICK, little_work, load_more, purchases, workspace
from small_shop import SETTINGS, publish

from analytics.refresh import refresh
from dashboard import scoring
from dashboard.cli import main
from dashboard.reader import Reader
from dashboard.scoring import reasons
from dashboard.settings import signing_key
from warehouse.configuration import Clusters, Settings
from warehouse.generations import Workspace

SCORES = ("expected_spend", "upper_95", "value_band", "churn_risk", "churn_band")


@pytest.fixture(scope="module", autouse=True)
def own_key(tmp_path_factory):
    """A signing key for these tests alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))
        yield


@pytest.fixture(scope="module")
def shop(tmp_path_factory, own_key):
    """A year of a small shop, refreshed once; do not write to it."""
    with little_work(origins=1):
        made = workspace(tmp_path_factory.mktemp("shop"), purchases())
        refresh(made, QUICK, key=signing_key())
    return made.folder


@pytest.fixture
def score(shop):
    """What ``spendboard score`` prints."""

    def run(*arguments, workspace=shop):
        printed = StringIO()
        with redirect_stdout(printed):
            code = main(["--workspace", str(workspace), "score", *arguments])
        return code, json.loads(printed.getvalue() or "null")

    return run


def test_a_customer_has_stored_scores_and_reasons(score):
    code, answer = score("--customer", "c0007")
    assert (code, answer["schema"], answer["customer_id"]) == (0, 1, "c0007")
    assert 0 <= answer["churn_risk"] <= 1
    assert answer["reasons"]["churn"][0]["words"].endswith("points")
    assert {"question", "feature", "title", "from", "to", "effect", "words"} == set(
        answer["would_change"][0]
    )


@pytest.mark.parametrize(
    "content",
    [
        '{"recency_days": 3, "frequency": 9}',
        '[{"customer_id": "a", "recency_days": 3}, {"customer_id": "b"}]',
        "customer_id,recency_days,frequency\r\na,3,9\r\nb,,1\r\n",
    ],
)
def test_input_may_be_json_or_csv(score, tmp_path, content):
    file = tmp_path / "people"
    file.write_text(content, encoding="utf-8", newline="")
    code, answer = score("--input", str(file))
    assert code == 0
    first = answer["predictions"][0]
    assert first["expected_spend"] >= 0
    assert first["persona"]["title"]
    assert (first["risk_band"], first["churn_band"], first["value_band"]) != (None, None, None)
    assert first["warnings"]
    if len(answer["predictions"]) == 2:
        assert [each["customer_id"] for each in answer["predictions"]] == ["a", "b"]


@pytest.mark.parametrize(
    ("content", "said"),
    [("[1]", "entry 1 is no object"), (r'{"location": "\ud800"}', "is no JSON"),
     ("{", "is no JSON"), ("", "holds no customer"),
     ("a,b\n1,2,3\n", "line 2 has more cells than the header"),
     ('{"frequency": ' + "9" * 5000 + "}", "holds a number that nobody can mean"),
     ("[" * 100_000 + "]" * 100_000, "is nested too deeply"),
     ("[" + "[" * 700 + "]" * 700 + "]", "entry 1 is no object"),
     ('customer_id,frequency\n"a,3\nb,4\n', "close every quote"),
     ('customer_id,frequency\n"a,3\n' + "b,4\n" * 40_000, "close every quote")],
    ids=["list", "half", "json", "empty", "cells", "digits", "deep", "nested", "quote", "long"],
)  # fmt: skip
def test_an_input_of_another_shape_is_a_usage_error(score, tmp_path, capsys, content, said):
    file = tmp_path / "people"
    file.write_text(content, encoding="utf-8")
    assert score("--input", str(file))[0] == 2
    err = capsys.readouterr().err
    assert said in err
    assert "to fix: " in err


def test_changes_are_compared_with_what_is(score):
    code, answer = score("--customer", "c0007", "--change", "recency_days=300")
    assert code == 0
    difference = answer["after"]["churn_risk"] - answer["before"]["churn_risk"]
    assert answer["difference"]["churn_risk"] == pytest.approx(difference)
    assert difference > 0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("foo=1", ("foo: no such input", "foo=1", "inputs are avg_order_value")),
        ("recncy_days=5", ("no such input", "did you mean recency_days?")),
        ("recency_days=abc", ("recency_days: not a number", "recency_days=abc")),
        ("recency_days=-99999", ("recency_days: impossible: it is 0 or more", "-99999")),
        ("orders_per_30d=2", ("orders_per_30d: made from other inputs",)),
        ("customer_id=5", ("customer_id: no such input",)),
    ],
)
def test_a_change_that_is_not_used_is_refused(score, capsys, change, said):
    """A difference of 0 would be read as "no effect"; a second change does not make it good."""
    for more in ([], ["--change", "frequency=3"]):
        assert score("--customer", "c0007", "--change", change, *more) == (2, None)
        words = " ".join(capsys.readouterr().err.split())
        for each in said:
            assert each in words


@pytest.mark.parametrize(
    "content", ['{"a": 1}', "{}", '[{"customer_id": "x"}, {"recency_days": "y"}]']
)
def test_of_whom_nothing_usable_is_known_no_scores_are_made_up(score, tmp_path, capsys, content):
    file = tmp_path / "people.json"
    file.write_text(content, encoding="utf-8")
    assert score("--input", str(file)) == (2, None)
    words = " ".join(capsys.readouterr().err.split())
    assert "nothing that was handed in is an input that can be used" in words
    assert "inputs are" in words


def test_somebody_unknown_among_others_has_no_scores(score, tmp_path):
    file = tmp_path / "people.json"
    file.write_text('[{"customer_id": "x", "a": 1}, {"recency_days": 3}]', encoding="utf-8")
    code, answer = score("--input", str(file))
    unknown, known = answer["predictions"]
    assert code == 0
    assert (unknown["customer_id"], unknown["persona"]) == ("x", None)
    assert {unknown[name] for name in SCORES} == {None}
    assert "Nothing that was handed in can be used" in unknown["notes"][0]
    assert known["churn_risk"] is not None


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--customer", "c0007", "--change", "recency_days"), 2),
        (("--input", "-", "--change", "recency_days=3"), 2),
        (("--input", "/no/such/file"), 2),
        (("--customer", "nobody"), 3),
        (("--customer", "nobody", "--change", "recency_days=3"), 3),
    ],
)
def test_what_cannot_be_asked_is_an_error_of_the_user(score, capsys, arguments, code):
    assert score(*arguments) == (code, None)
    assert "to fix: " in capsys.readouterr().err


def test_the_page_of_a_customer_gives_reasons_that_add_up_to_her_score(shop):
    words = text(Browser(shop, QUICK).body("customer-reasons", path="/customers/c0007"))
    assert "A customer with average inputs" in words
    assert "Everything else" in words
    assert "These are reasons of the model, not causes" in words


@pytest.fixture(scope="module")
def loaded(shop, tmp_path_factory):
    """The shop after a load without a refresh: a large order of one customer, on the last day."""
    folder = tmp_path_factory.mktemp("loaded") / "w"
    shutil.copytree(shop, folder)
    order = pd.DataFrame({"customer_id": ["c0007"], "amount": [5000.0], "purchased_on": [LAST]})
    load_more(Workspace(folder), order.astype({"purchased_on": "datetime64[us]"}))
    return folder


def test_reasons_of_another_score_than_the_stored_one_are_not_told(score, shop, loaded):
    before, after = (score("--customer", "c0007", workspace=each)[1] for each in (shop, loaded))
    assert after.keys() == before.keys()
    assert {after[name] == before[name] for name in SCORES} == {True}
    assert (after["reasons"], after["explained"], after["would_change"]) == ({}, {}, [])
    (note,) = after["notes"]
    assert "changed since the scoring of 31 Dec 2024" in note
    assert note in text(Browser(loaded, QUICK).body("customer-reasons", path="/customers/c0007"))
    same = score("--customer", "c0011", workspace=loaded)[1]
    assert same["reasons"] == score("--customer", "c0011")[1]["reasons"]


def test_a_change_says_where_it_begins_from_other_scores_than_the_stored_ones(score, loaded):
    answer = score("--customer", "c0007", "--change", "recency_days=9", workspace=loaded)[1]
    for said in (answer["before"], answer["after"]):
        assert "changed since the scoring" in said["notes"][0]
    assert "changed" not in str(score("--customer", "c0007", "--change", "recency_days=9")[1])


def test_the_page_tells_effects_that_exceed_a_probability_by_their_strength(shop, monkeypatch):
    found = SimpleNamespace(
        reasons=[SimpleNamespace(words="Last order 60 days ago: x", effect=-2.227)],
        base=0.93, rest=1.3727, adds_up=True,
    )  # fmt: skip
    told = {"churn": scoring._why("churn", found)}
    monkeypatch.setattr(scoring, "reasons", lambda *_: told)
    words = text(Browser(shop, QUICK).body("customer-reasons", path="/customers/c0007"))
    assert "points" not in words
    assert re.search("Last order 60 days ago.*strongly lowers", words, re.DOTALL)
    assert re.search("Everything else.*strongly raises", words, re.DOTALL)
    assert re.search("This customer's score.*7.6", words, re.DOTALL)


def test_reasons_speak_in_the_currency_of_the_data_whatever_the_server_was_started_with(shop):
    def said(settings):
        return text(Browser(shop, settings).body("customer-reasons", path="/customers/c0007"))

    assert said(structs.replace(QUICK, currency="USD")) == said(QUICK)
    assert not re.search("EUR|GBP|USD|[$]", said(QUICK))


def test_asked_for_reasons_a_generation_is_still_let_go(shop):
    view = Reader(Workspace(shop), QUICK).view()
    assert set(reasons(view, Workspace(shop), "c0007")) == {"spend", "churn"}
    left = weakref.ref(view)
    gc.disable()
    try:
        del view
        assert left() is None
    finally:
        gc.enable()


def test_without_models_the_page_says_why_there_are_no_reasons(tmp_path):
    pages = Browser(publish(tmp_path / "w").folder, SETTINGS)
    words = text(pages.body("customer-reasons", path="/customers/ann"))
    assert "No reasons" in words
    assert "has no models that could be asked" in words


def test_models_that_cannot_be_loaded_today_are_tried_again(shop, monkeypatch):
    pages = Browser(shop, QUICK)
    with monkeypatch.context() as patch:
        patch.setattr("dashboard.scoring.signing_key", lambda: bytes(32))
        said = text(pages.body("customer-reasons", path="/customers/c0007"))
    assert "Retry" in said
    assert "No reasons" not in said
    assert str(shop) not in said
    assert "Everything else" in text(pages.body("customer-reasons", path="/customers/c0007"))


@pytest.fixture(scope="module")
def young(tmp_path_factory, own_key):
    """A shop of which too little is known for its scores to be shown."""
    settings = Settings(threads=1, clusters=Clusters(k=4))  # wants 500 buyers, there are 60
    with little_work(origins=1):
        made = workspace(tmp_path_factory.mktemp("young") / "w", purchases(60))
        refresh(made, settings, key=signing_key())
    return made.folder


def test_scores_that_are_withheld_come_out_by_no_door(score, young, tmp_path):
    file = tmp_path / "people"
    file.write_text('{"recency_days": 3, "frequency": 9}', encoding="utf-8")
    entered = score("--input", str(file), workspace=young)[1]["predictions"][0]
    answer = score("--customer", "c0007", "--change", "recency_days=5", workspace=young)[1]
    for said in (entered, answer["before"], answer["after"]):
        assert {said[name] for name in SCORES} == {None}
        assert said["reasons"] == said["explained"] == {}
        assert "60 buyers of at least 500" in " ".join(said["notes"])
    assert set(answer["difference"].values()) == {None}
    assert entered["risk_band"]


def test_scores_that_are_withheld_have_no_reasons(young):
    words = text(Browser(young, QUICK).body("customer-reasons", path="/customers/c0007"))
    assert "No reasons" in words
    assert "spend: Not enough history to judge: 60 buyers of at least 500" in words


@pytest.mark.parametrize(
    ("notes", "said"),
    [
        (["spend: Too few.", "churn: Too few."], "Too few."),
        (["churn: Too few."], "churn: Too few."),
        (["spend: Too few.", "churn: None."], "spend: Too few. churn: None."),
    ],
)
def test_what_both_questions_lack_is_said_once(monkeypatch, notes, said):
    found = SimpleNamespace(reasons={}, notes=notes)
    monkeypatch.setattr(scoring, "_asked", lambda *asked: (None, None, found))
    assert reasons(None, None, "ann") == said


@pytest.fixture(scope="module")
def merchants(tmp_path_factory, own_key):
    """An undated ledger: a cafe takes 5, a jeweller 500."""
    rows = pd.DataFrame({"customer_id": [f"c{k % 30}" for k in range(240)]})
    rows["merchant"] = ["cafe" if k % 3 else "jeweller" for k in range(240)]
    rows["amount"] = [5.0 + k % 2 if k % 3 else 500.0 + k % 5 for k in range(240)]
    with little_work():
        made = workspace(tmp_path_factory.mktemp("merchants"), rows)
        refresh(made, QUICK, key=signing_key())
        # The models of the first refresh answer in the second.
        refresh(made, QUICK, key=signing_key(), train="never")
    return made


def test_a_purchase_is_estimated_by_what_is_known_of_it(merchants, command):
    code, out, _ = command(merchants.folder, "score", "--purchase", "merchant=jeweller",
                           "--purchase", "city=Ulm")  # fmt: skip
    answer = json.loads(out)
    assert (code, answer["schema"], answer["has_signal"]) == (0, 1, True)
    assert answer["estimate"] == pytest.approx(502, abs=5)
    assert answer["inputs"][0] == {
        "column": "merchant", "value": "jeweller", "n_lines": 80, "mean_amount": 502.0,
    }  # fmt: skip
    assert "city is not looked at" in answer["warnings"][0]


@pytest.mark.parametrize("asked", ["jeweller", "shop=jeweller", "merchant="])
def test_a_purchase_that_cannot_be_meant_is_wrong_usage(merchants, command, asked):
    code, _, said = command(merchants.folder, "score", "--purchase", asked)
    assert code == 2
    assert "merchant" in said


@pytest.mark.parametrize("names", [("merchant", "merchant"), ("account", "account_id")])
def test_a_purchase_with_two_values_of_one_name_is_wrong_usage(merchants, command, names):
    given = [part for name in names for part in ("--purchase", f"{name}=x{name}")]
    code, _, said = command(merchants.folder, "score", *given)
    assert code == 2
    assert "give it once" in said


def test_an_altered_model_of_amounts_is_refused(merchants, command, tmp_path):
    shutil.copytree(merchants.folder, tmp_path / "copy")
    latest = max((tmp_path / "copy").rglob("amounts.joblib"))
    latest.write_bytes(latest.read_bytes() + b" ")
    code, _, said = command(tmp_path / "copy", "score", "--purchase", "merchant=cafe")
    assert code == 3
    assert "altered" in said


def test_models_that_cannot_be_loaded_leave_no_path_in_the_notes(shop, command, tmp_path):
    shutil.copytree(shop, tmp_path / "copy")
    for file in (tmp_path / "copy").rglob("reference.json"):
        file.write_bytes(file.read_bytes() + b" ")
    code, out, _ = command(tmp_path / "copy", "score", "--customer", "c0007")
    answer = json.loads(out)
    assert code == 0
    assert answer["churn_risk"] is not None  # what is stored is still said
    (note,) = answer["notes"]
    assert "refresh --train always" in note
    assert str(tmp_path) not in note
