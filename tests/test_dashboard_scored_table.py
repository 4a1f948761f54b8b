"""A table of customers with labels, scored as of no day: what its pages and the wall show."""

from decimal import Decimal
from types import SimpleNamespace

import pandas as pd
import pytest
from small_app import Browser, nodes, text
from small_history import QUICK, workspace

from dashboard.components.persona_card import facts
from dashboard.formatting import Formatter
from dashboard.queries.segments import Cell, Persona, Share
from warehouse.publishing import finish


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    """Forty customers: 10 to 400 expected of each, the last twelve likely to leave."""
    folder = tmp_path_factory.mktemp("scored_table")
    names = ("calls", "visits", "letters", "returns", "points", "months", "children")
    columns = {name: [k + n for k in range(40)] for n, name in enumerate(names)}
    table = pd.DataFrame({"customer_id": [f"c{k:02d}" for k in range(1, 41)], **columns})
    made = workspace(folder, table=table)
    with made.writing("refresh", QUICK) as draft:
        draft.con.execute("""
            insert into scores.spend by name
            select customer_key, customer_id, 10 * customer_key as expected_spend,
                'low' as value_band, 'spend-1' as model_id
            from core.customers;
            insert into scores.churn by name
            select customer_key, customer_id, customer_key / 50 as churn_risk,
                if(customer_key > 28, 'high', 'low') as churn_band, 'churn-1' as model_id
            from core.customers;
            insert into scores.model_runs (question, champion, enough_history)
            values ('spend', 'ridge', true), ('churn', 'logistic', true);
            insert into scores.backtests (question, candidate, fold, metric, value, is_champion)
            values ('spend', 'ridge', 1, 'total_expected', 9, true),
                ('spend', 'ridge', 1, 'total_actual', 7, true)
        """)
        finish(draft, QUICK, as_of=None, scores_as_of=None, horizon_days=30, models=[])
    return Browser(folder, QUICK)


def test_the_overview_counts_who_may_leave_and_adds_up_what_is_expected(browser):
    shown = text(browser.body("kpis"))
    assert "Expected spend £8,200 sum of customers' scores" in shown
    assert "At high churn risk 12 of 40 selected" in shown
    assert "High 12 30 %" in text(browser.body("bands"))


def test_two_rows_of_figures_stand_beside_the_first_one_however_many_columns_there_are(browser):
    shown = browser.body("kpis")
    assert len([n for n in nodes(shown) if str(n["props"].get("id")).startswith("kpi-")]) == 7


def test_the_wall_has_the_same_numbers(browser):
    answer = browser.http.get("/api/wall.json").get_json()
    values = {kpi["name"]: kpi["value"] for kpi in answer["kpis"]}
    assert values["expected_spend"] == 8200
    assert values["leaving_customers"] == 12
    assert answer["screens"][0]["kpis"][-1] == "leaving_customers"


def test_folds_are_no_forecast_that_came_true(browser):
    strip = text(browser.body("trust"))
    assert "Backtest" not in strip
    assert "Spend model ridge regression" in strip


def test_a_customer_has_her_scores_before_her_columns(browser):
    shown = text(browser.body("customer-scores", path="/customers/c40"))
    assert "Churn risk 80 %" in shown
    assert "Expected spend £400.00" in shown
    assert "at most" not in shown  # folds give no bound


def test_what_customers_are_or_are_not_is_a_share_and_has_no_median(tmp_path):
    """Ten of forty are seniors; among seniors alone it is still a share."""
    table = pd.DataFrame({"customer_id": [f"c{k:02d}" for k in range(40)],
                          "senior": [0, 0, 0, 1] * 10, "calls": range(40)})  # fmt: skip
    workspace(tmp_path / "w", table=table)
    asked = Browser(tmp_path / "w", QUICK)
    assert "Senior, share 25.0 %" in text(asked.body("kpis"))
    assert "Calls, average 19.5 median 19.5" in text(asked.body("kpis"))
    assert "Senior, share 100.0 %" in text(asked.body("kpis", search="?senior=1.."))


def test_a_card_tells_no_score_twice_and_says_what_is_an_average():
    def cell(feature, title, unit, mean, z):
        return Cell("x", feature, title, unit, mean, z)

    persona = Persona("x", "X", 1, "", "", "", "", 10)
    share = Share(persona, 10, Decimal(0), None, 0, 0.499)
    about = SimpleNamespace(has_transactions=False)
    ask = SimpleNamespace(
        context=SimpleNamespace(formatter=Formatter("EUR")),
        view=SimpleNamespace(vocabulary=SimpleNamespace(about=about)),
    )
    risk = cell("churn_risk", "Churn risk", "ratio", 0.499, 0.9)
    trips, senior = cell("t", "Trips", "", 9.7, -0.8), cell("s", "Senior", "ratio", 0.162, 0.5)
    told = [("Customers", "10"), ("Churn risk", "50 %"), ("Trips, average", "9.7")]
    assert facts(ask, share, [risk, trips, senior]) == told
    assert facts(ask, share, [risk, senior])[2] == ("Senior", "16.2 %")
