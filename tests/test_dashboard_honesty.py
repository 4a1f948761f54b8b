"""What is not known is said, on every page alike: too little history, no data, days to come."""

import re

import pytest
from small_app import Browser, find, publish_scored, text
from small_shop import SETTINGS, SHOP, publish

from dashboard.export import stream_csv
from dashboard.formatting import Formatter
from dashboard.queries import wall, wall_points
from dashboard.queries.kpis import board
from dashboard.queries.ranking import ranking
from dashboard.queries.trend import trend
from dashboard.reader import Reader
from dashboard.selection import Selection
from warehouse.errors import SelectionError
from warehouse.generations import Workspace
from warehouse.publishing import finish

SCORES = {"expected_spend", "value_band", "churn_risk", "churn_band"}
TOO_FEW = "Groups need at least 50 customers."


def kpis(view, query):
    found = board(view, Selection.parse(query, view.vocabulary, strict=True), SETTINGS)
    return {kpi.name: kpi for kpi in found}


@pytest.fixture(scope="module")
def young(tmp_path_factory):
    """A shop whose models had 12 buyers of 500: it has scores, and nobody may believe them."""
    folder = tmp_path_factory.mktemp("young") / "workspace"
    return Browser(publish_scored(folder, enough_history=False).folder)


@pytest.fixture(scope="module")
def view(young):
    return Reader(Workspace(young.folder), SETTINGS).view()


def test_scores_of_too_short_a_history_are_no_columns(view):
    assert not SCORES & (set(view.vocabulary.columns) | set(view.vocabulary.keys))
    assert {"persona", "risk_band", "monetary"} <= set(view.vocabulary.keys)


def test_nobody_is_chosen_by_a_score_that_is_withheld(view):
    lenient = Selection.parse("churn_band=high", view.vocabulary)
    assert lenient.is_everybody
    assert "12 buyers of 500" in lenient.ignored[0].reason
    with pytest.raises(SelectionError, match="withheld"):
        Selection.parse("churn_risk=0.5..", view.vocabulary, strict=True)


def test_the_export_leaves_them_empty_and_does_not_name_them(view):
    everybody = Selection.parse("", view.vocabulary)
    lines = b"".join(stream_csv(view, everybody)).decode().splitlines()
    head = lines[0].split(",")
    places = [head.index(name) for name in SCORES]
    assert {line.split(",")[place] for line in lines[1:] for place in places} == {""}
    with pytest.raises(SelectionError, match="withheld") as error:
        next(stream_csv(view, everybody, columns=["customer_id", "churn_risk"]))
    assert "12 buyers of 500" in str(error.value)


def test_the_customer_page_and_the_personas_do_not_show_them(young):
    scores = text(young.body("customer-scores", path="/customers/ann"))
    assert scores.count("not enough history: 12 buyers of 500") == 2
    assert "€50.00" not in scores
    assert "at most" not in scores
    assert "Churn risk" not in text(young.body("personas"))
    assert "Churn" not in text(young.body("bands"))
    assert "Risk band" in text(young.body("bands"))


def test_a_period_outside_the_data_has_no_data_rather_than_zero(tmp_path):
    folder = publish_scored(tmp_path / "workspace").folder
    browser = Browser(folder)
    found = kpis(Reader(Workspace(folder), SETTINGS).view(), "period=2020-01-01..2020-12-31")
    assert {found[n].value for n in ("revenue", "active_customers", "average_order")} == {None}
    assert "no data in these days" in found["revenue"].reason
    assert "revenue_without_customer" not in found
    search = "?period=2020-01-01..2020-12-31"
    slot = browser.ask("trend-figure.figure", search=search)["trend-slot"]["children"]
    assert "no data in these days" in text(slot)
    assert "no data in these days" in text(browser.body("spending", search=search))
    assert "€0" not in text(browser.body("personas", search=search))
    assert kpis(Reader(Workspace(folder), SETTINGS).view(), "period=2025-06-21..2025-06-24")[
        "revenue"
    ].value == 0.0  # fmt: skip


def test_days_that_the_data_do_not_hold_are_neither_drawn_nor_compared(tmp_path, monkeypatch):
    """The data end on 30 June: ten days of the thirty, with 40, against the ten before, with 45."""
    monkeypatch.setattr(wall, "FEWEST", 1)
    monkeypatch.setattr(wall_points, "FEWEST", 1)
    folder = publish_scored(tmp_path / "workspace").folder
    query = "period=2025-06-21..2025-07-20&compare=previous"
    for held in (True, False):
        view = Reader(Workspace(folder), SETTINGS).view()
        if not held:
            view.held = lambda: None
        revenue = kpis(view, query)["revenue"]
        assert (revenue.value, revenue.previous, revenue.change_text) == (40.0, 45.0, "−11.1 %")
        selection = Selection.parse(query, view.vocabulary)
        days = trend(view, selection, "day").buckets
        assert [bucket.first.day for bucket in days] == list(range(21, 31))
        assert [bucket.before for bucket in days] == [0, 0, 0, 0, -5, 0, 0, 0, 0, 50]
        screen = wall.trend_screen(view, selection, Formatter("EUR"))
        assert (screen["short"], screen["until"]) == ("€30", "30 Jun 2025")
        ranks = {
            rank.title: (rank.revenue, rank.before) for rank in ranking(view, selection, "category")
        }
        assert ranks == {"Books": (20, 0), "Shoes": (20, 45)}
    answer = Browser(folder).ask("trend-figure.figure", search=f"?{query}")
    assert answer["trend-say"]["children"].startswith("Down 11.1 % on the 10 days before.")
    assert "last €30" in text(answer["trend-key"]["children"])
    decade = Selection.parse("period=2020-01-01..2029-12-31", view.vocabulary)
    months = trend(view, decade, "month").buckets
    assert (str(months[0].first), str(months[-1].first)) == ("2024-01-01", "2025-06-01")


@pytest.mark.parametrize(
    ("period", "words"),
    [
        ("2025-06-21..2025-07-20", "from 21 Jun to 20 Jul 2025 (data only to 30 Jun 2025)"),
        ("..2025-07-20", "until 20 Jul 2025 (data only to 30 Jun 2025)"),
        ("2023-01-01..", "since 1 Jan 2023 (data only since 1 Jan 2024)"),
        ("2025-06-21..2025-06-30", "from 21 Jun to 30 Jun 2025"),
        ("365d", "in the last 365 days"),
    ],
)
def test_which_part_of_a_period_the_data_hold_is_said_with_it(view, period, words):
    said = Selection.parse(f"period={period}", view.vocabulary).words()
    assert said == f"All customers, purchases {words}"


def test_lines_of_the_future_count_nowhere_and_that_is_said(tmp_path):
    shop = f"{SHOP}    ann  o99  2999-01-01  1000.00  Shoes  Bonn  card\n"
    folder = publish(tmp_path / "workspace", shop).folder
    for held in (True, False):
        view = Reader(Workspace(folder), SETTINGS).view()
        if not held:
            view.held = lambda: None
        selection = Selection.parse("", view.vocabulary)
        assert kpis(view, "")["revenue"].value == 233.0
        assert trend(view, selection, "month").total == 233
        assert kpis(view, "period=2025-06-01..")["revenue"].value == 85.0
    listed = b"".join(stream_csv(view, selection, columns=["customer_id", "spend_in_period"]))
    assert "ann,100.00" in listed.decode()
    browser = Browser(folder)
    for panel in ("customer-title", "customer-recent", "customer-profile", "customer-words"):
        said = text(browser.body(panel, path="/customers/ann"))
        assert not re.search(r"2999|1,000|1,100", said)
    words = text(browser.body("kpis"))
    assert "Not counted: 1 purchase line dated after 30 Jun 2025" in words


def test_a_shop_whose_days_all_lie_in_the_future_counts_none_of_them(tmp_path, command):
    shop = """
        customer  order  day         amount  category  city  payment_method
        ann       o1     2999-01-01   30.00  Shoes     Bonn  card
        bob       o2     2999-02-01    5.00  Books     Bonn  card
    """
    folder = publish(tmp_path / "workspace", shop).folder
    out = command(folder, "export", "--where", "", "--to", "-",
                  "--columns", "monetary,spend_in_period,orders_in_period")[1]  # fmt: skip
    assert set(out.split()[1:]) == {"0.00,0.00,0"}
    assert "data to           all dates lie in the future" in command(folder, "status")[1]
    assert "purchases_in_the_future: 2 rows" in command(folder, "check")[1]
    for held in (True, False):
        view = Reader(Workspace(folder), SETTINGS).view()
        if not held:
            view.held = lambda: None
        assert kpis(view, "")["revenue"].value == 0
        assert kpis(view, "period=2026-01-01..")["revenue"].value == 0
        assert trend(view, Selection.parse("", view.vocabulary), "month").total == 0
    browser = Browser(folder)
    assert "Not counted: 2 purchase lines dated after" in text(browser.body("kpis"))
    assert "No purchase so far" in text(browser.body("trust"))


def test_a_shop_too_small_for_groups_is_told_so_and_not_to_refresh(tmp_path):
    workspace = publish(tmp_path / "workspace", scored=False)
    with workspace.writing("refresh", SETTINGS) as draft:
        draft.con.execute(
            "insert into scores.model_runs (model_id, question, enough_history, note)"
            " values ('k', 'clusters', false, ?)",
            [TOO_FEW],
        )
        finish(draft, SETTINGS, as_of=None, scores_as_of=None, horizon_days=30, models=[])
    browser = Browser(workspace.folder)
    shown = [
        browser.body("cards", path="/segments"),
        browser.body("customer-persona", path="/customers/ann"),
        browser.body("customer-similar", path="/customers/ann"),
        browser.ask("cloud-figure.figure", path="/map")["cloud-slot"]["children"],
    ]
    for state in shown:
        assert TOO_FEW in text(state)
        assert "spendboard refresh" not in text(state)
        assert find(state, **{"data-state": "not-enough"})
