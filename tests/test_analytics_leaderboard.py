"""The leaderboard: what stands in the score tables, as JSON for machines and text for people."""

import json
from datetime import date
from types import SimpleNamespace

import pandas as pd
import pytest
from small_history import QUICK, workspace

from analytics import leaderboard
from analytics.leaderboard import models_json, models_text
from analytics.tables import write_scores
from warehouse.publishing import finish

RUNS = pd.DataFrame(
    {
        "model_id": ["risk-000002", "churn-000002", "spend-000002"],
        "question": ["risk", "churn", "spend"],
        "champion": ["quantiles", None, "linear"],
        "why": ["A written rule.", "No number is better than a guess.", "Nobody beat it."],
        "note": [None, "There is nothing to learn.", None],
        "as_of": date(2024, 12, 31), "horizon_days": 30, "enough_history": [True, False, True],
    }
)  # fmt: skip
BACKTESTS = pd.DataFrame(
    [("spend", name, day, metric, value, name == "linear")
     for name, values in {"linear": (0.5, 0.7), "zero": (0.0, float("nan"))}.items()
     for day, value in zip((date(2024, 10, 1), date(2024, 11, 1)), values, strict=True)
     for metric, value in (("ngini", value), ("mae", 1234.5))],
    columns=["question", "candidate", "origin", "metric", "value", "is_champion"],
)  # fmt: skip


@pytest.fixture(scope="module")
def unscored(tmp_path_factory):
    rows = pd.DataFrame({"customer_id": ["ann"], "amount": [5.0],
                         "purchased_on": [date(2024, 12, 31)]})  # fmt: skip
    return workspace(tmp_path_factory.mktemp("shop"), rows)


@pytest.fixture(scope="module")
def scored(unscored):
    unscored.current()
    with unscored.writing("refresh", QUICK) as draft:
        write_scores(draft.con, "model_runs", RUNS)
        write_scores(draft.con, "backtests", BACKTESTS)
        return finish(draft, QUICK, as_of=None, scores_as_of=date(2024, 12, 31),
                      horizon_days=30, models=[])  # fmt: skip


def test_before_a_refresh_there_is_no_question(unscored):
    first = unscored.open_generation(1)
    assert models_json(first) == {"schema": 1, "generation": 1, "questions": {}}
    assert "spendboard refresh" in models_text(first)


def test_json_holds_every_candidate_origin_and_metric(scored):
    answer = models_json(scored)
    spend = answer["questions"]["spend"]
    assert (answer["schema"], answer["generation"]) == (1, scored.number)
    assert (spend["champion"], spend["why"]) == ("linear", "Nobody beat it.")
    assert spend["origins"] == ["2024-10-01", "2024-11-01"]
    assert spend["candidates"]["linear"]["2024-11-01"] == {"ngini": 0.7, "mae": 1234.5}


def test_what_is_not_defined_is_null_and_the_json_is_strict(scored):
    answer = models_json(scored)
    assert answer["questions"]["spend"]["candidates"]["zero"]["2024-11-01"]["ngini"] is None
    assert json.loads(json.dumps(answer, allow_nan=False)) == answer


def test_a_question_without_a_number_says_why(scored):
    churn = models_json(scored)["questions"]["churn"]
    assert churn["champion"] is None
    assert churn["enough_history"] is False
    assert churn["note"] == "There is nothing to learn."
    assert (churn["origins"], churn["candidates"]) == ([], {})


def test_questions_stand_in_the_order_in_which_people_ask(scored):
    assert list(models_json(scored)["questions"]) == ["spend", "churn", "risk"]


def test_the_text_has_means_with_the_champion_first(scored):
    lines = models_text(scored).splitlines()
    assert lines[0] == "spend: linear serves. Nobody beat it."
    assert lines[1] == "  means over 2 origins, 2024-10-01 to 2024-11-01:"
    assert lines[2].split() == ["mae", "rmse", "r2", "ngini", "top10", "total_ratio"]
    assert lines[3].split() == ["linear", "1,234.500", "-", "-", "0.600", "-", "-"]
    assert lines[4].split()[0] == "zero"
    assert "churn: nothing serves. No number is better than a guess." in lines
    assert "  note: There is nothing to learn." in lines


def test_models_that_were_just_made_have_not_drifted(monkeypatch):
    said = {
        "questions": {"spend": {"model_id": "spend-000003"}, "risk": {"model_id": None}},
        "drift": {"learnt_at": None, "scores": [{"name": "expected_spend", "psi": 0.4,
                  "level": "drifted"}], "features": []},
        "realised": [],
    }  # fmt: skip
    monkeypatch.setattr(leaderboard, "models_json", lambda generation: {**said})
    assert leaderboard.warnings(SimpleNamespace(number=3)) == []
    later = leaderboard.warnings(SimpleNamespace(number=4))
    assert later == ["WARNING drifted: expected_spend 0.40"]
