"""The Overview of a ledger of one person, checked by hand: no customers, bands or groups in it."""

from datetime import date

import pytest
from small_app import Browser, find, links, table, text
from small_shop import SETTINGS, publish

from dashboard.components import one_person
from dashboard.context import Context
from dashboard.formatting import Formatter
from dashboard.pages import overview
from dashboard.queries import one_person as queries
from dashboard.reader import Reader
from warehouse.generations import Workspace
from warehouse.publishing import finish

LEDGER = """
    customer  day         amount  category  merchant
    owner     2025-03-31   10.00  Food      Mill
    owner     2025-04-05   40.00  Rent      Landlord
    owner     2025-04-20   20.00  Food      Mill
    owner     2025-05-05   40.00  Rent      Landlord
    owner     2025-05-25   30.00  Food      Mill
    owner     2025-06-05   40.00  Rent      Landlord
    owner     2025-06-12    5.50  Food      Mill
"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ledger") / "workspace"
    return Browser(publish(folder, LEDGER, None, scored=False).folder)


@pytest.fixture
def forecast(monkeypatch, browser):
    """A server that knows of ten categories in two months; the total has no interval."""
    rows = []
    for month in (date(2025, 6, 1), date(2025, 7, 1)):
        rows.append(("total", None, month, 55.0, None, None))
        rows += [("category", f"c{n}", month, float(n), 0.0, 2.0 * n) for n in range(10, 0, -1)]
        rows.append(("category", "nothing", month, 0.0, 0.0, 1.0))
    names = ("series", "category", "month", "expected", "lower", "upper")
    made = [dict(zip(names, row, strict=True), as_of=date(2025, 6, 12), model="historic_average")
            for row in rows]  # fmt: skip
    for module in (queries, one_person):
        monkeypatch.setattr(module, "forecasts", lambda view: made)
    return Browser(browser.folder)


def tile(browser, name, search=""):
    return find(browser.body("kpis", search=search), id=f"kpi-{name}")[0]


def test_the_board_speaks_of_spending_and_of_no_customers(browser):
    words = text(browser.body("kpis"))
    for word in ("customer", "Revenue", "Repeat", "Reachable", "churn"):
        assert word not in words
    assert "Spent €185.50" in words
    assert tile(browser, "revenue")["props"]["data-value"] == "185.5"
    assert "of 7 purchases" in words


def test_the_month_of_the_last_day_stands_against_as_many_days_of_the_one_before(browser):
    """To 12 June: 45.50; to 12 May: 40.00. It leads to these days."""
    found = tile(browser, "latest_month")
    assert "Jun 2025 so far" in text(found)
    assert "€45.50" in text(found)
    assert "was €40 by then in May" in text(found)
    assert found["props"]["href"] == "/?period=2025-06-01..2025-06-12"


def test_an_average_month_is_one_of_whole_months(browser):
    """April 60 and May 70; March and June are not whole."""
    assert "€65 of 2 whole months" in text(tile(browser, "average_month"))
    assert "no whole month" in text(tile(browser, "average_month", "?period=7d"))
    food = tile(browser, "average_month", "?category=food")
    assert food["props"]["data-value"] == "25.0"


@pytest.mark.parametrize(
    ("period", "says"),
    [
        ("2024-01-01..2025-05-31", "€65 of 2 whole months"),
        ("2025-04-01..2026-12-31", "€65 of 2 whole months"),
        ("2020-01-01..2020-12-31", "no whole month"),
    ],
)
def test_months_beyond_the_data_are_not_months_of_nothing(browser, period, says):
    assert says in text(tile(browser, "average_month", f"?period={period}"))


def test_rent_is_a_recurring_payment(browser):
    """40.00 on the 5th of three months; the Mill keeps no period."""
    found = text(tile(browser, "recurring"))
    assert "€40" in found
    assert "1 payment, next due 5 Jul 2025" in found
    rows = table(browser.body("payments"))
    assert rows[1:] == [["Landlord , monthly", "5 Jul 2025", "€40.00"]]


def test_a_payment_that_did_not_come_is_not_awaited_as_if_it_had_not_been_due(tmp_path):
    june = "    owner     2025-06-05   40.00  Rent      Landlord\n"
    march = june.replace("2025-06-05", "2025-03-05")
    workspace = publish(tmp_path, LEDGER.replace(june, "") + march, None, scored=False)
    browser = Browser(workspace.folder)
    assert "1 payment, 1 overdue" in text(tile(browser, "recurring"))
    assert table(browser.body("payments"))[1][1] == "overdue since 5 Jun 2025"


def test_tiles_that_lead_nowhere_else_are_no_links(browser):
    linked = {
        name: "href" in tile(browser, name, "?category=food")["props"]
        for name in ("revenue", "latest_month", "average_month", "forecast", "average_order")
    }
    assert [name for name, is_link in linked.items() if is_link] == ["latest_month"]


def test_without_a_forecast_the_way_to_one_is_said(browser):
    assert "spendboard refresh" in text(tile(browser, "forecast"))
    assert "spendboard refresh" in text(browser.body("forecast"))


def test_categories_of_the_forecast_add_up_and_none_is_cut_silently(forecast):
    body = forecast.body("forecast")
    rows = table(body)
    assert [row[0] for row in rows[1:3]] == ["c10", "c9"]
    assert rows[-2][:3] == ["3 more", "€3", "€3"]
    assert rows[-1] == ["In all", "€55", "€55", "–"]
    assert rows[1][3] == "€0 to €20"


def test_a_forecast_says_where_a_plain_rule_made_it_and_why_an_interval_is_missing(forecast):
    said = forecast.panel("forecast")["say"]
    assert "by the average of all months: a plain rule, no model proved better" in said
    assert "takes tests in nine months" in text(tile(forecast, "forecast"))


def test_a_forecast_says_that_filters_do_not_narrow_it(forecast):
    assert "whole ledger" not in text(tile(forecast, "forecast"))
    for name in ("forecast", "recurring"):
        assert "of the whole ledger" in text(tile(forecast, name, "?category=food"))
    assert "whatever the filters say" in text(forecast.panel("payments")["sub"])


def test_a_forecast_of_a_month_that_has_begun_says_what_is_spent_of_it(forecast):
    assert text(tile(forecast, "forecast")).endswith("; €46 spent so far")
    said = text(tile(forecast, "forecast", "?category=food&period=2025-03-01..2025-03-31"))
    assert said.endswith("; €46 spent so far")


def test_a_forecast_says_of_when_it_is_and_leaves_out_months_that_are_over(tmp_path):
    workspace = publish(tmp_path, LEDGER, None, scored=False)
    with workspace.writing("forecast", SETTINGS) as draft:
        draft.con.execute("""
            insert into scores.forecasts by name
            select 'total' as series, date '2025-04-30' as as_of, month, month(month) as expected
            from (values (date '2025-05-01'), (date '2025-06-01')) as t(month)
        """)
        finish(draft, SETTINGS, as_of=None, scores_as_of=None, horizon_days=30, models=[])
    browser = Browser(workspace.folder)
    assert "Forecast, Jun 2025 €6" in text(tile(browser, "forecast"))
    assert "as of 30 Apr 2025; exceeded already: €46 spent so far" in text(
        tile(browser, "forecast")
    )


def test_the_page_counts_purchases_and_lists_no_customer(browser):
    bar = browser.body("filters")
    assert "7 purchases" in text(bar)
    assert "Export" not in text(bar)
    nothing = text(browser.body("kpis", search="?category=food&period=2025-04-05..2025-04-05"))
    assert "No purchase matches these filters" in nothing
    assert "Without “Category: Food” there would be 1." in nothing


def test_the_selection_reads_as_purchases(browser):
    view = Reader(Workspace(browser.folder), SETTINGS).view()
    words = {q: view.selection(q).words() for q in ("", "?category=food&period=30d")}
    assert words == {
        "": "All purchases",
        "?category=food&period=30d": "Purchases in Food in the last 30 days",
    }


def test_pages_that_compare_customers_are_not_offered(browser):
    rail = links(browser.ask("rail.children", path="/")["rail"]["children"])
    assert {"Overview", "Customers"} <= rail.keys()
    assert not {"Segments", "Map"} & rail.keys()


def test_the_page_has_neither_personas_nor_bands(browser):
    reader = Reader(Workspace(browser.folder), SETTINGS)
    page = str(overview.layout(Context(reader, SETTINGS, Formatter("EUR"))))
    assert "Personas" not in page
    assert "Bands" not in page
    assert "Recurring payments" in page
