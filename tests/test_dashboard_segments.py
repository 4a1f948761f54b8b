"""Segments and the page of one persona over HTTP, checked by hand."""

import plotly.graph_objects as go
import pytest
from small_app import PROFILES, Browser, find, links, publish_scored, table, text
from small_shop import publish

from dashboard.figures.encoding import decode


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    return Browser(publish_scored(tmp_path_factory.mktemp("shop") / "workspace").folder)


def card(browser, slug, **kwargs):
    body = browser.body("cards", path="/segments", **kwargs)
    return find(body, data_persona=slug)[0]


def test_a_card_says_who_how_many_how_much_and_what_to_do(browser):
    """Two dormant of six; dan got 5 back and fay bought nothing within 30 days."""
    shown = card(browser, "dormant", search="?period=30d")
    words = text(shown)
    assert "Dormant 33.3 % of selection dormant in a sentence." in words
    assert "Customers 2 Spend each, 30 days −€2.50 Churn risk 95 %" in words
    assert "do dormant by letter" in words
    assert find(shown, className="m6")
    assert links(shown) == {"Open Dormant": "/segments/dormant?period=30d"}


def test_cards_follow_the_selection_and_nobody_is_left_uncounted(browser):
    body = browser.body("cards", path="/segments")
    assert [c["props"]["data-persona"] for c in find(body, kind="Article")] == [
        "champions", "loyal", "at-risk", "dormant"
    ]  # fmt: skip
    assert links(body)["1 of them have no persona"] == "/customers?persona=none"
    body = browser.body("cards", path="/segments", search="?home_city=bonn")
    assert [c["props"]["data-persona"] for c in find(body, kind="Article")] == ["loyal"]


def test_the_comparison_prints_every_number_and_leads_to_its_group(browser):
    answer = browser.ask("profiles-figure.figure", path="/segments", search="?period=30d")
    figure = answer["profiles-figure"]["figure"]
    go.Figure(figure)
    cells = figure["data"][0]
    assert cells["x"] == ["Champions", "Loyal", "Promising", "New", "At risk", "Dormant"]
    assert cells["y"] == ["Orders", "Days since last purchase"]
    expected = [[round(pair[row][1], 1) for pair in PROFILES.values()] for row in (0, 1)]
    assert decode(cells["z"]).round(1).tolist() == [pytest.approx(row) for row in expected]
    assert [[float(z.replace("−", "-")) for z in row] for row in cells["text"]] == expected
    assert cells["customdata"][0][5] == "/segments/dormant?period=30d"
    assert answer["profiles-say"]["children"] == (
        "Champions differ most in orders (+1.9), Dormant in days since last purchase (+1.6)."
    )


def test_the_comparison_as_a_table_has_means_in_their_units(browser):
    answer = browser.ask("profiles-figure.figure", path="/segments", profiles_toggle__n_clicks=1)
    rows = table(answer["profiles-table"]["children"])
    assert rows[2] == [
        "Orders", "2.0 (+1.9)", "1.0 (+0.9)", "1.0 (+0.1)", "1.0 (−0.6)", "1.0 (+0.2)",
        "0.50 (−0.9)",
    ]  # fmt: skip
    assert rows[3][6] == "546 days (+1.6)"
    assert links(answer["profiles-table"]["children"])["Open Loyal"] == "/segments/loyal"


def test_the_number_of_groups_is_shown_with_its_reason(browser):
    parts = browser.panel("scan", path="/segments")
    assert parts["say"] == "Six is written down as the reason"
    assert parts["sub"] == "6 were chosen"
    rows = table(parts["body"])
    assert rows[1] == ["5", "0.30", "0.90", "10 %", "100 %"]
    assert rows[2] == ["6 chosen", "0.28", "0.88", "5 %", "80 %"]


def test_without_personas_the_page_says_what_to_run(tmp_path):
    browser = Browser(publish(tmp_path / "workspace", scored=False).folder)
    for output in ("cards-body.children", "profiles-figure.figure", "scan-body.children"):
        answer = browser.ask(output, path="/segments")
        assert "spendboard refresh" in text([list(part.values()) for part in answer.values()])


LOYAL = {"path": "/segments/loyal"}


def test_the_page_of_a_persona_is_scoped_by_its_path(browser):
    """bob alone is loyal; he spent 30."""
    bar = browser.body("filters", **LOYAL)
    assert text(find(bar, id="selected-of")) == "1 of 6 customers"
    chip = find(bar, data_chip="persona")[0]
    assert list(links(chip).values()) == ["/segments"]
    assert find(bar, id="export")[0]["props"]["href"] == "/export.csv?persona=loyal&generation=2"
    kpis = browser.body("segment-kpis", **LOYAL)
    assert find(kpis, id="kpi-revenue")[0]["props"]["data-value"] == "30.0"
    assert not find(kpis, id="kpi-revenue_without_customer")
    figure = browser.ask("segment-trend-figure.figure", search="?period=30d", **LOYAL)
    assert decode(figure["segment-trend-figure"]["figure"]["data"][0]["y"]).sum() == 30


def test_the_page_of_a_persona_says_who_they_are_and_what_to_do(browser):
    about = text(browser.body("segment-about", **LOYAL))
    assert about.startswith("loyal in a sentence. Found by: rule of loyal")
    action = browser.body("segment-action", search="?period=30d", **LOYAL)
    assert text(action).startswith("do loyal by letter")
    assert links(action) == {"See all 1": "/customers?period=30d&persona=loyal"}


def test_what_sets_a_persona_apart_is_measured_against_the_other_selected(browser):
    """Last purchases: fay 546 days ago; ann 0, bob 10, cyd 41: 17. Orders: 1 and 0; 3, 1, 1, 0."""
    body = browser.body("segment-apart", path="/segments/dormant")
    recency, orders = (text(row) for row in find(body, kind="Li"))
    assert recency == "Days since last purchase 546 days , others 17 days +2.3"
    assert orders.startswith("Orders 0.50 , others 1.")  # 1.25, a tie to round
    assert orders.endswith("−0.8")


def test_the_first_customers_are_the_biggest_spenders_and_lead_to_their_pages(browser):
    parts = browser.panel("segment-first", path="/segments/dormant", search="?period=30d")
    rows = table(parts["body"])
    assert rows[0] == ["Customer", "Spend in period", "Last purchase", "Churn risk", "Expected"]
    assert [row[:2] for row in rows[1:]] == [["Fay", "€0.00"], ["dan", "−€5.00"]]
    found = links(parts["body"])
    assert found["Fay"] == "/customers/fay?period=30d&persona=dormant"
    assert text(parts["aside"]) == "See all 2"


def test_titles_of_a_persona_page(browser):
    answer = browser.ask("content.children", path="/segments/at-risk")
    assert answer["document-title"]["data"] == "At risk · Segments · Spendboard"
    assert text(find(answer["frame-head"]["children"], kind="H1")) == "At risk"


def test_a_filter_that_leaves_nobody_of_the_persona_names_that_filter(browser):
    body = browser.body("segment-kpis", search="?home_city=wien&monetary=5..", **LOYAL)
    assert "No customer matches these filters" in text(body)
    assert list(links(body).values()) == ["/segments/loyal?monetary=5.."]
