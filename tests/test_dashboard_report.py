"""`spendboard report` and its queries: the same numbers on the screen and in JSON."""

import json
import re
from datetime import date

import pandas as pd
import pytest

from dashboard import cli, report
from dashboard.queries import money
from dashboard.reader import Reader
from warehouse.configuration import Settings
from warehouse.generations import Workspace
from warehouse.loading import load

# A subscription, shopping, one refund, a bill that ended; the last day is 20 June.
LEDGER = """\
date,customer_id,amount,category,merchant,payment_method
2025-01-05 08:30,ann,12.00,Fun,video,card
2025-02-05 08:30,ann,12.00,Fun,video,card
2025-03-05 08:30,ann,12.00,Fun,video,card
2025-04-05 08:30,ann,12.00,Fun,video,card
2025-05-05 08:30,ann,12.00,Fun,video,card
2025-06-05 08:30,ann,13.00,Fun,video,card
2025-01-01,bob,50.00,Home,[gym],
2025-02-01,bob,50.00,Home,[gym],
2025-03-01,bob,50.00,Home,[gym],
2025-05-10,ann,80.00,Food,market,cash
2025-05-11,ann,-8.00,Food,market,card
2025-06-20,bob,20.00,,kiosk,cash
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    (folder / "ledger.csv").write_text(LEDGER, encoding="utf-8")
    workspace = folder / "workspace"
    load(Workspace(workspace), Settings(threads=1), [str(folder / "ledger.csv")])
    return workspace


@pytest.fixture(scope="module")
def view(folder):
    return Reader(Workspace(folder), Settings(threads=1)).view()


@pytest.fixture
def run(folder, command):
    return lambda *arguments: command(folder, "report", *arguments)[:2]


def test_recurring_payments_come_active_first_and_with_their_number(view):
    found = money.recurring_payments(view)
    assert list(found["payee"]) == ["video", "[gym]"]
    assert list(found["status"]) == ["active", "ended"]
    assert list(found["yearly_amount"]) == [144.0, 600.0]
    first = money.recurring_payments(view, most=1)
    assert (list(first["payee"]), list(first["n_found"])) == (["video"], [2])
    assert list(money.recurring_payments(view, statuses=("ended",))["payee"]) == ["[gym]"]


def test_the_monthly_report_can_be_cut_to_the_latest_months(view):
    found = money.monthly_categories(view, months=2)
    assert sorted(set(found["month"])) == [pd.Timestamp("2025-05-01"), pd.Timestamp("2025-06-01")]
    may = found[found["month"] == "2025-05-01"]
    assert list(may["category"].fillna("-")) == ["Food", "Fun", "Home", "-"]
    assert list(may["net"]) == [72.0, 12.0, 0.0, 0.0]
    assert money.monthly_categories(view)["net"].sum() == 73 + 150 + 80 - 8 + 20


def test_seasons_and_payment_modes_are_small_frames(view):
    months = money.months_and_years(view)
    assert list(months["month"]) == [1, 2, 3, 4, 5, 6]
    assert list(months["is_partial"]) == [False] * 5 + [True]
    hours = money.weekdays_and_hours(view)
    assert (len(hours), hours["spend"].sum()) == (168, 73.0)
    modes = money.payment_modes(view).fillna({"payment_method": "-"})
    assert list(zip(modes["payment_method"], modes["spend"], strict=True)) == [
        ("-", 150.0), ("cash", 100.0), ("card", 73.0),
    ]  # fmt: skip


def test_reports_read_well(run):
    code, out = run("monthly", "--months", "2")
    assert code == 0
    assert "June 2025, not all of its days" in out
    assert "April" not in out
    food = next(line.split() for line in out.splitlines() if line.startswith("Food"))
    assert food[1:6] == ["£80.00", "£8.00", "£72.00", "87.0", "%"]
    assert "nothing in: Home, without a category" in out
    _, out = run("recurring")
    assert "[gym]" in out
    assert "1 of 2 are active: £144.00 a year" in out
    _, out = run("seasons")
    spends = [62, 62, 62, 12, 92]
    shown = [f"{spend / (sum(spends) / 5):.2f}" for spend in spends]
    year = next(line.split() for line in out.splitlines() if line.startswith("2025"))
    assert year[1:] == [*shown, "(£33)"]
    assert "Spend by weekday and hour" in out
    _, out = run("payment-modes")
    assert "not said" in out


@pytest.mark.parametrize("name", ["monthly", "recurring", "payment-modes", "seasons"])
def test_json_has_every_row_with_plain_values(run, name):
    code, out = run(name, "--json")
    answer = json.loads(out)
    assert (code, answer["schema"], answer["report"]) == (0, 1, name)
    assert (answer["currency"], answer["generation"]) == ("GBP", 1)
    rows = answer["months"] if name == "seasons" else answer["rows"]
    spend = {"monthly": 323.0, "payment-modes": 323.0, "seasons": 323.0}
    if name in spend:
        assert sum(row["spend"] for row in rows) == spend[name]
    if name == "recurring":
        assert date.fromisoformat(rows[0]["next_due_on"]) == date(2025, 7, 5)
    if name == "monthly":
        assert {row["category"] for row in rows} == {"Fun", "Home", "Food", None}


def forecast_of(series, category, upper):
    return {"series": series, "category": category, "month": date(2025, 7, 1), "expected": 9.0,
            "lower": None if upper is None else 1.0, "upper": upper,
            "as_of": date(2025, 6, 30), "model": "trailing_median"}  # fmt: skip


def test_a_forecast_says_why_an_interval_is_missing(view, monkeypatch, capsys):
    def said(*rows):
        monkeypatch.setattr(money, "monthly_forecasts", lambda view: pd.DataFrame(rows))
        report.show(view, "forecast")
        return capsys.readouterr().out

    total, food = ("total", None), ("category", "Food")
    assert "No interval where the tests hold fewer than nine errors: in all." in said(
        forecast_of(*total, None), forecast_of(*food, 12.0)
    )
    nobody = said(forecast_of(*total, None), forecast_of(*food, None))
    assert "fewer than nine errors: any series." in nobody
    assert "90 %" not in nobody
    assert "No interval" not in said(forecast_of(*total, 20.0), forecast_of(*food, 12.0))
    assert "by the median of twelve months: a plain rule, no model proved better" in nobody


def test_a_category_that_is_called_as_the_total_keeps_a_row_of_its_own(view, monkeypatch, capsys):
    rows = [forecast_of("total", None, 20.0), forecast_of("category", "in all", 12.0)]
    rows[1]["expected"] = 4.0
    monkeypatch.setattr(money, "monthly_forecasts", lambda view: pd.DataFrame(rows))
    report.show(view, "forecast")
    shown = [line for line in capsys.readouterr().out.splitlines() if "in all" in line]
    assert [re.search(r"£\d+\.\d\d", line).group() for line in shown[:2]] == ["£9.00", "£4.00"]


def test_who_made_a_forecast_is_said_and_whether_it_is_a_plain_rule():
    plain = money.served_by("trailing_median", "historic_average")
    assert "median of twelve months" in plain
    assert "average of all months" in plain
    assert "no model proved better" in plain
    assert "plain" in money.served_by("trailing_median", "sum_of_categories")
    assert money.served_by("lightgbm", "seasonal_naive").count("plain") == 0
    assert "gone" in money.served_by("gone", "lightgbm")


def test_a_ledger_without_dates_says_what_is_missing(tmp_path, capsys):
    (tmp_path / "ledger.csv").write_text("customer_id,merchant,amount\nann,cafe,5.00\n")
    folder = tmp_path / "workspace"
    load(Workspace(folder), Settings(), [str(tmp_path / "ledger.csv")], kind="transactions")
    for name, says in (("monthly", "no months"), ("seasons", "no seasons"), ("recurring", "No")):
        assert cli.main(["--workspace", str(folder), "report", name]) == 0
        assert says in capsys.readouterr().out
