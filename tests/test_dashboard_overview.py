"""Overview over HTTP: every number checked by hand on six customers, every part a link."""

import math

import plotly.graph_objects as go
import pytest
from dash import html
from small_app import Browser, find, links, nodes, publish_scored, table, text
from small_shop import SETTINGS, publish

from dashboard.figures.encoding import decode
from dashboard.queries.ranking import ranking
from dashboard.reader import Reader
from dashboard.selection import Selection
from warehouse.generations import Workspace


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    return Browser(publish_scored(tmp_path_factory.mktemp("shop") / "workspace").folder)


def tile(browser, name, **kwargs):
    return find(browser.body("kpis", **kwargs), id=f"kpi-{name}")[0]


def test_the_board_shows_the_exact_number_and_leads_to_its_customers(browser):
    revenue = tile(browser, "revenue", search="?period=30d")
    assert revenue["props"]["data-value"] == "85.0"
    assert "€85" in text(revenue)
    assert revenue["props"]["href"].startswith("/customers?period=30d")
    active = tile(browser, "active_customers", search="?period=30d")
    # The list begins with the largest spend anyway, so its order is not written.
    assert active["props"]["href"] == "/customers?orders_in_period=1..&period=30d"


def test_a_change_is_an_arrow_a_word_and_a_number(browser):
    """85 in the last 30 days, 140 in the 30 before: down 39.3 %."""
    revenue = tile(browser, "revenue", search="?compare=previous&period=30d")
    change = find(revenue, className="delta")[0]
    assert "bad" in change["props"]["className"]
    assert text(change) == "down and worse, 39.3 %"
    assert find(change, className="bi-caret-down-fill")
    assert "was €140" in text(revenue)


def test_revenue_without_a_customer_stands_beside_only_while_nothing_narrows_who(browser):
    assert "€7" in text(tile(browser, "revenue_without_customer"))
    narrowed = browser.body("kpis", search="?persona=loyal")
    assert not find(narrowed, id="kpi-revenue_without_customer")


def test_a_tile_without_a_number_says_why_and_prints_no_zero(tmp_path):
    browser = Browser(publish(tmp_path / "workspace", scored=False).folder)
    expected = tile(browser, "expected_spend")
    assert expected["props"]["data-value"] == ""
    assert "–" in text(expected)
    assert "spendboard refresh" in text(expected)


def trend(browser, **kwargs):
    return browser.ask("trend-figure.figure", **kwargs)


def test_the_trend_adds_up_and_its_points_lead_to_their_days(browser):
    """Days of June with a line: 15: -5, 20: 50, 25: 30, 28: -20, 30: 30."""
    answer = trend(browser, search="?period=30d")
    figure = answer["trend-figure"]["figure"]
    go.Figure(figure)
    line = figure["data"][0]
    values = decode(line["y"])
    assert len(values) == 30
    assert values.sum() == 85
    assert (line["x"][14], values[14]) == ("2025-06-15", -5)
    assert line["customdata"][14] == "/?period=2025-06-15..2025-06-15"
    assert answer["trend-say"]["children"] == "Strongest day: 20 Jun 2025 with €50."


def test_the_compared_days_are_laid_over_the_period(browser):
    """40 on 10 May and 100 on 20 May lie 30 days before 9 and 19 June."""
    answer = trend(browser, search="?compare=previous&period=30d")
    before, now = answer["trend-figure"]["figure"]["data"][:2]
    shown = dict(zip(before["x"], decode(before["y"]), strict=True))
    assert shown["2025-06-09"] == 40
    assert shown["2025-06-19"] == 100
    assert sum(shown.values()) == 140
    assert decode(now["y"]).sum() == 85
    assert answer["trend-say"]["children"].startswith("Down 39.3 % on the 30 days before.")


def test_days_before_the_data_began_are_no_zero_and_make_no_change(browser):
    """The 365 days before 1 July 2024 begin in July 2023; the data begin on 1 January 2024."""
    search = "?compare=previous&period=365d"
    answer = trend(browser, search=search, trend_grain__data="month")
    before = dict(
        zip(
            answer["trend-figure"]["figure"]["data"][0]["x"],
            decode(answer["trend-figure"]["figure"]["data"][0]["y"]),
            strict=True,
        )
    )
    assert math.isnan(before["2024-12-01"])
    assert before["2025-02-01"] == 0
    assert answer["trend-say"]["children"].startswith(
        "Not compared: there are no data before 1 Jan 2024."
    )
    assert "no data before 1 Jan 2024" in text(tile(browser, "revenue", search=search))
    assert "Change" not in table(browser.body("personas", search=search))[0]
    assert "change" not in text(browser.body("spending", search=search))
    with_change = table(browser.body("personas", search="?compare=previous&period=30d"))
    assert with_change[0][4] == "Change"
    assert with_change[1][4] == "+50.0 %"  # ann spent 60 after 40


def test_incomplete_months_are_left_out_of_the_line_but_not_of_the_table(browser):
    search = "?period=2025-02-10..2025-06-30"
    answer = trend(browser, search=search, trend_grain__data="month")
    assert answer["trend-figure"]["figure"]["data"][0]["x"] == [
        "2025-03-01", "2025-04-01", "2025-05-01", "2025-06-01"
    ]  # fmt: skip
    assert "An incomplete month at the edge is left out" in answer["trend-say"]["children"]
    rows = table(
        trend(browser, search=search, trend_grain__data="month", trend_toggle__n_clicks=1)[
            "trend-table"
        ]["children"]
    )
    assert rows[0] == ["Month", "Orders", "Revenue"]
    assert rows[1] == ["Jun 2025", "3", "€85"]
    assert rows[-1] == ["Feb 2025 (19 days)", "0", "€0"]


def test_the_figure_has_a_table_of_links_and_says_so(browser):
    shown = trend(browser, search="?period=30d", trend_toggle__n_clicks=1)
    assert shown["trend-toggle"]["children"] == "Show as figure"
    assert shown["trend-group"]["hidden"] is True
    assert shown["trend-table"]["hidden"] is False
    assert links(shown["trend-table"]["children"])["15 Jun 2025"] == (
        "/?period=2025-06-15..2025-06-15"
    )
    assert trend(browser, trend_toggle__n_clicks=2)["trend-table"]["hidden"] is True


def test_the_end_of_the_data_is_marked_where_it_is_in_view(browser):
    """A week is drawn at its Monday, so the last day lies right of the last point."""
    search = "?period=2025-05-05..2025-06-30"
    layout = trend(browser, search=search, trend_grain__data="week")["trend-figure"]["figure"][
        "layout"
    ]
    assert layout["shapes"][0]["x0"] == "2025-06-30"
    assert layout["annotations"][0]["text"] == "data end on 30 Jun"
    past = trend(browser, search="?period=2025-05-01..2025-05-31")
    assert past["trend-figure"]["figure"]["layout"]["shapes"] == []


def test_the_figure_follows_the_theme(browser):
    light, dark = (
        trend(browser, theme=theme)["trend-figure"]["figure"] for theme in ("light", "dark")
    )
    assert light["data"][0]["line"]["color"] == "#2E3DAF"
    assert dark["data"][0]["line"]["color"] == "#7F7CF8"


def test_personas_add_up_to_the_selection_and_a_row_narrows_to_its_own(browser):
    parts = browser.panel("personas", search="?period=30d")
    rows = table(parts["body"])
    assert rows[0] == ["Persona", "Customers", "Share of revenue", "Revenue", "Churn risk"]
    assert [row[:2] + row[3:] for row in rows[1:]] == [
        ["Champions", "1", "€60", "10 %"],
        ["Loyal", "1", "€30", "60 %"],
        ["At risk", "1", "€0", "90 %"],
        ["Dormant", "2", "−€5", "95 %"],
        ["Without a persona", "1", "€0", "–"],
    ]
    assert parts["sub"] == "4 groups, 6 customers"
    assert links(parts["body"])["Loyal"] == "/?period=30d&persona=loyal"
    assert links(parts["body"])["Without a persona"] == "/?period=30d&persona=none"


def test_a_second_click_on_a_persona_goes_back_to_all(browser):
    body = browser.body("personas", search="?period=30d&persona=loyal")
    assert links(body) == {"Loyal": "/?period=30d"}
    assert find(body, aria_current="true")


def test_the_ranking_adds_up_to_revenue_and_a_bar_filters(browser):
    """Thirty days: shoes 10 + 30 + 50 - 20 - 5 = 65, books 20."""
    body = browser.body("spending", search="?period=30d")
    found = links(body)
    assert found == {
        "Shoes €65 76.5 %": "/?category=shoes&period=30d",
        "Books €20 23.5 %": "/?category=books&period=30d",
    }
    there = links(browser.body("spending", search="?category=shoes&period=30d"))
    assert there == {"Shoes €65 100.0 %": "/?period=30d"}


def test_the_ranking_switches_its_dimension_without_touching_the_address(browser):
    parts = browser.panel("spending", search="?period=30d", spending_dimension__data="city")
    assert links(parts["body"])["Köln €55 64.7 %"] == "/?city=koln&period=30d"
    pressed = find(parts["aside"], aria_pressed="true")
    assert text(pressed) == "City"
    other = browser.panel("spending", spending_dimension__data="'; drop table x")
    assert text(find(other["aside"], aria_pressed="true")) == "Category"


def test_what_is_beyond_the_largest_is_gathered_last_and_without_a_bar(browser):
    """Days of June by category: shoes 65, books 20. By city: Köln 55, Bonn 30."""
    view = Reader(Workspace(browser.folder), SETTINGS).view()
    june = Selection.parse("compare=previous&period=30d", view.vocabulary)
    shoes, rest = ranking(view, june, "category", most=1)
    assert (shoes.title, shoes.revenue, shoes.before) == ("Shoes", 65, 0)
    assert (rest.title, rest.revenue, rest.before) == (None, 20, 140)


def test_bands_count_every_customer_once_and_only_churn_is_a_danger(browser):
    body = browser.body("bands")
    rows = table(body)
    assert rows[0] == ["Churn band"]
    assert rows[1:3] == [["High", "", "3 50 %"], ["Low", "", "1 17 %"]]
    assert rows[3][0] == "Not known"
    assert links(body)["Not known"]
    assert len(find(body, className="bad")) == 1  # churn; not exposure, and not value


def test_nobody_is_a_state_that_names_the_filter_to_take_away(browser):
    """Loyal is bob, who lives in Bonn and spent 30; over 1,000 there is nobody."""
    search = "?home_city=bonn&monetary=1000..&persona=loyal"
    body = browser.body("kpis", search=search)
    assert find(body, data_state="empty")
    assert "Without “Total spend: at least €1,000” there would be 1." in text(body)
    assert links(body) == {"Remove Total spend: at least €1,000": "/?home_city=bonn&persona=loyal"}
    two = browser.body("kpis", search="?monetary=1000..&recency_days=9000..")
    assert links(two) == {"Clear all": "/"}


def test_purchases_without_dates_are_said_to_have_none(tmp_path):
    shop = "customer  order  day  amount\n" + "\n".join(
        f"ann  o{n}  -  {n}.00" for n in range(1, 4)
    )
    browser = Browser(publish(tmp_path / "workspace", shop, None, scored=False).folder)
    answer = trend(browser)
    assert "no dates" in text(answer["trend-slot"]["children"])
    assert answer["trend-content"]["hidden"] is True
    assert tile(browser, "revenue")["props"]["data-value"] == "6.0"
    assert not find(browser.body("filters"), id="period-menu")


def test_before_the_first_refresh_panels_say_what_to_run(tmp_path):
    browser = Browser(publish(tmp_path / "workspace", scored=False).folder)
    for name in ("personas", "bands"):
        assert "spendboard refresh" in text(browser.body(name))


PEOPLE = """
    customer_id  name  email  credit_limit  support_tickets
    ann          Ann   -           1000.50                1
    bob          Bob   -           2000.50                3
    cyd          Cyd   -                 -                8
"""


@pytest.fixture(scope="module")
def register(tmp_path_factory):
    """A file of customers alone: nobody has bought anything."""
    folder = tmp_path_factory.mktemp("register") / "workspace"
    return Browser(publish(folder, None, PEOPLE, scored=False).folder)


def test_customers_without_purchases_get_the_averages_of_their_own_columns(register):
    """Limits 1,000.50 and 2,000.50 average 1,500.50; tickets 1, 3, 8 average 4, median 3."""
    limit = tile(register, "average-credit_limit")
    assert text(limit) == "Credit limit, average €1,500 median €1,500"
    assert limit["props"]["data-value"] == "1500.5"
    assert limit["props"]["href"] == "/customers?sort=-credit_limit"
    assert text(tile(register, "average-support_tickets")) == (
        "Support tickets, average 4.0 median 3.0"
    )
    narrowed = register.body("kpis", search="?credit_limit=2000..")
    assert text(find(narrowed, id="kpi-customers")) == "Customers 1 of 3"


def test_without_purchases_the_page_asks_for_them_instead_of_showing_nothing(register):
    content = register.ask("content.children", path="/")["content"]["children"]
    identifiers = {node["props"].get("id") for node in find(content)}
    assert not {"trend", "spending"} & identifiers
    assert f"spendboard load FILE --workspace {register.folder}" in text(content)


@pytest.mark.parametrize("panel", ["kpis", "trend", "personas", "spending", "bands"])
def test_every_element_has_only_properties_that_the_browser_knows(browser, panel):
    """Dash's own classes refuse others; ours are dictionaries and would not."""
    output = "trend-figure.figure" if panel == "trend" else f"{panel}-body.children"
    asked = {"trend_toggle__n_clicks": 1} if panel == "trend" else {}
    answer = browser.ask(output, search="?compare=previous&period=30d", **asked)
    elements = [
        node for part in answer.values() for value in part.values() for node in nodes(value)
    ]
    assert elements
    for element in elements:
        if element["namespace"] == "dash_html_components":
            getattr(html, element["type"])(**element["props"])


def test_what_sold_before_and_not_now_is_among_all_others(tmp_path):
    shop = """
        customer  order  day         amount  category
        ann       o1     2025-06-30   30.00  Shoes
        ann       o2     2025-06-29   20.00  Books
        ann       o3     2025-05-30    5.00  Books
        ann       o4     2025-05-20    7.00  Toys
        ann       o5     2025-05-02    1.00  Shoes
    """
    view = Reader(publish(tmp_path / "workspace", shop), SETTINGS).view()
    selection = Selection.parse("compare=previous&period=30d", view.vocabulary)
    ranks = ranking(view, selection, "category", most=1)
    assert [(r.slug, r.revenue, r.before) for r in ranks] == [("shoes", 30, 1), (None, 20, 12)]
    everything = ranking(view, selection, "category")
    assert [(r.slug, r.revenue, r.before) for r in everything] == [
        ("shoes", 30, 1), ("books", 20, 5), ("toys", 0, 7),
    ]  # fmt: skip
