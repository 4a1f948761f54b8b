"""`spendboard report risk` and `report exposure`: numbers checked by hand against six purchases.

A seventh lies in the future and counts nowhere.
"""

import json

import pytest

from dashboard import cli
from warehouse.configuration import Settings
from warehouse.generations import Workspace
from warehouse.loading import load
from warehouse.publishing import finish

LEDGER = """\
date,customer_id,amount,city,merchant
2025-01-05,ann,60.00,Bonn,[gym]
2025-02-05,ann,20.00,Ulm,cafe
2025-02-06,bob,20.00,Bonn,cafe
2025-02-07,bob,-10.00,Bonn,cafe
2025-02-08,,50.00,Ulm,cafe
2025-02-09,bob,50.00,,cafe
2199-01-01,ann,99.00,Bonn,cafe
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Ann is of high exposure; purchases above 40 are high, most often at the gym."""
    folder = tmp_path_factory.mktemp("risk")
    (folder / "ledger.csv").write_text(LEDGER, encoding="utf-8")
    made, settings = Workspace(folder / "workspace"), Settings(threads=1)
    load(made, settings, [str(folder / "ledger.csv")])
    with made.writing("refresh", settings) as draft:
        con = draft.con
        con.execute(
            "insert into scores.risk by name select customer_key, customer_id,"
            " if(customer_id = 'ann', 'high', 'low') as risk_band from core.customers"
        )
        con.execute("""
            insert into scores.thresholds values
                ('risk', 'low', null, 70, 'Up to 70.'), ('risk', 'high', 70, null, 'Above 70.'),
                ('high_spend', 'high', 40, null, 'A purchase above 40.')
        """)
        con.execute("""
            insert into scores.model_runs by name
            select question, champion, 'The reason.' as why, 'A remark.' as note
            from (values ('high_spend', 'tree'), ('high_spenders', null), ('amount', 'linear'))
                as runs (question, champion)
        """)
        con.execute(
            "insert into scores.risk_rules values"
            " ('high_spend', 1, 'merchant is [gym]', 30, 0.9, 8, 0.75)"
        )
        con.execute("insert into scores.amount_estimates values ('merchant', '[gym]', 1, 60, 58.5)")
        finish(draft, settings, as_of=None, scores_as_of=None, horizon_days=30, models=[])
    return made.folder


@pytest.fixture
def run(folder, command):
    return lambda *arguments: command(folder, "report", *arguments)[:2]


def test_exposure_says_how_much_sits_where_and_with_whom(run):
    code, out = run("exposure", "--json")
    answer = json.loads(out)
    assert (code, answer["schema"], answer["report"]) == (0, 1, "exposure")
    city = {row["value"]: row for row in answer["rows"] if row["dimension"] == "city"}
    # 200 were spent in all: 80 in Bonn, 70 in Ulm, 50 without a city.
    assert {value: row["share"] for value, row in city.items()} == {
        "Bonn": 0.4, "Ulm": 0.35, None: 0.25,
    }  # fmt: skip
    bonn = city["Bonn"]
    assert (bonn["spend"], bonn["net"], bonn["n_lines"], bonn["n_customers"]) == (80, 70, 2, 2)
    # Ann, who is of high exposure, makes 60 of 80.
    assert (bonn["top_customer_share"], bonn["high_risk_share"]) == (0.75, 0.75)
    assert bonn["customer_hhi"] == pytest.approx(0.75**2 + 0.25**2)
    ulm = city["Ulm"]
    assert (ulm["n_customers"], ulm["high_risk_share"]) == (1, pytest.approx(20 / 70))


def test_concentration_counts_places_not_what_is_not_said(run):
    _, out = run("exposure", "--json")
    found = {row["dimension"]: row for row in json.loads(out)["concentration"]}
    assert set(found) == {"city", "merchant"}  # no purchase names a country
    city = found["city"]
    assert (city["n_values"], city["top_share"], city["not_said_share"]) == (2, 0.4, 0.25)
    assert city["hhi"] == pytest.approx(0.4**2 + 0.35**2)
    _, text = run("exposure")
    assert "2 in all: the largest holds 40.0 %, the largest five 75.0 %; HHI 0.283" in text
    assert "[gym]" in text


def test_risk_shows_bands_rules_and_amounts(run):
    code, out = run("risk")
    assert code == 0
    high = next(line for line in out.splitlines() if line.startswith("high"))
    assert high.split() == ["high", "Above", "70.", "1", "£80.00", "57.1", "%"]
    # 60 and 50 of 150 that customers spent.
    assert "A purchase above 40. 2 of them make 73.3 % of all spend of customers." in out
    rule = next(line for line in out.splitlines() if line.startswith("merchant is [gym]"))
    assert rule.split()[3:] == ["90.0", "%", "30", "75.0", "%", "8"]
    assert "Which customers are of high exposure: A remark." in out
    assert next(line for line in out.splitlines() if line.startswith("[gym]")).split() == [
        "[gym]", "£58.50", "£60.00", "1",
    ]  # fmt: skip


def test_risk_for_machines(run):
    _, out = run("risk", "--json")
    answer = json.loads(out)
    assert answer["high_purchases"]["share_of_lines"] == 0.5
    assert answer["questions"]["amount"] == {
        "champion": "linear", "why": "The reason.", "note": "A remark.",
    }  # fmt: skip
    assert [row["rule"] for row in answer["rules"]] == ["merchant is [gym]"]


def test_before_a_refresh_it_says_what_is_missing(tmp_path, capsys):
    (tmp_path / "plain.csv").write_text("customer_id,amount\nann,5.00\n", encoding="utf-8")
    folder = tmp_path / "workspace"
    load(Workspace(folder), Settings(), [str(tmp_path / "plain.csv")], kind="transactions")
    for name, says in (("risk", "no risk bands"), ("exposure", "No purchase names a city")):
        assert cli.main(["--workspace", str(folder), "report", name]) == 0
        assert says in capsys.readouterr().out


def test_a_real_ledger_without_dates_says_what_holds_and_what_does_not(
    shared_data, tmp_path, capsys
):
    def run(*arguments):
        assert cli.main(["--workspace", str(tmp_path / "w"), *arguments]) == 0
        return capsys.readouterr().out

    run("load", str(shared_data / "retail_risk" / "spending expenses.csv"))
    run("refresh")
    answer = json.loads(run("report", "risk", "--json"))
    assert [row["n_customers"] for row in answer["bands"]] == [17, 16, 17]
    assert answer["high_purchases"]["n_lines"] == 1250  # a quarter of 5,000
    # Neither merchant, city nor account says anything of an amount, and that is said.
    served = {name: run["champion"] for name, run in answer["questions"].items()}
    assert served == {"high_spend": "rate", "high_spenders": None, "amount": "mean"}
    assert answer["rules"] == []
    assert {row["estimate"] for row in answer["amount_estimates"]} == {104375.1}
    found = json.loads(run("report", "exposure", "--json"))
    assert [(row["dimension"], row["n_values"]) for row in found["concentration"]] == [
        ("city", 5), ("merchant", 100),
    ]  # fmt: skip
    assert "fold 5" in run("models", "--json")
