"""The five promises of the product, each kept in a real browser on the demo workspace."""

import csv
import json
import re
import shutil
import urllib.request
from decimal import Decimal

import pytest
from browser_steps import exported, number, opened, settle
from conftest import PATIENCE, serving
from playwright.sync_api import expect
from small_history import little_work

# One selection of each kind: everybody, who, lens, both, a range, an exclusion.
SELECTIONS = (
    "",
    "period=90d",
    "persona=loyal",
    "category=toys&period=365d",
    "compare=previous&period=90d&persona=!dormant&recency_days=..120",
    "churn_band=high&monetary=100..",
)


def assert_one_truth(page, url, query):
    """KPI = table total = exported rows = wall number."""
    opened(page, f"{url}/?{query}")
    shown = number(page.locator("#selected-count").inner_text())
    revenue = Decimal(page.locator("#kpi-revenue").get_attribute("data-value"))
    rows = exported(url, query)
    assert len(rows) == shown
    assert sum(Decimal(row["spend_in_period"]) for row in rows) == revenue.quantize(Decimal("0.01"))
    page.locator("#rail a", has_text="Customers").click()
    expect(page).to_have_url(re.compile("/customers"))
    settle(page)
    expect(page.locator("#customers-head-body b, #customers-head b").first).to_have_text(
        f"{shown:,}"
    )
    return shown, revenue


@pytest.mark.parametrize("query", SELECTIONS)
def test_one_selection_has_one_truth_on_page_table_and_export(watched, demo_url, query):
    shown, _ = assert_one_truth(watched, demo_url, query)
    assert shown > 0


def test_the_wall_shows_the_number_of_the_page(watched, demo_url):
    query = "period=90d&persona=loyal"
    _, revenue = assert_one_truth(watched, demo_url, query)
    watched.go_back()
    settle(watched)
    on_page = watched.locator("#kpi-active_customers .kpi-value").inner_text()
    with urllib.request.urlopen(f"{demo_url}/api/wall.json?{query}") as answer:
        kpis = {kpi["name"]: kpi for kpi in json.load(answer)["kpis"]}
    assert Decimal(str(kpis["revenue"]["value"])).quantize(Decimal("0.01")) == revenue
    assert kpis["active_customers"]["text"] == on_page


def test_a_drill_down_keeps_every_other_filter_and_back_goes_back(watched, demo_url):
    opened(watched, f"{demo_url}/?period=90d&churn_band=low")
    before = watched.locator("#kpi-revenue").get_attribute("data-value")
    watched.locator("#personas-body a[href*='persona=']").first.click()
    expect(watched).to_have_url(re.compile(r"churn_band=low&period=90d&persona=[a-z-]+"))
    expect(watched.locator("#kpi-revenue")).not_to_have_attribute("data-value", before)
    settle(watched)
    narrowed = number(watched.locator("#selected-count").inner_text())
    watched.locator("#rail a", has_text="Customers").click()
    expect(watched).to_have_url(re.compile(r"/customers\?churn_band=low&period=90d&persona="))
    settle(watched)
    assert number(watched.locator("#selected-count").inner_text()) == narrowed
    watched.go_back()
    watched.go_back()
    expect(watched.locator("#kpi-revenue")).to_have_attribute("data-value", before)


def test_nothing_is_cut_silently_the_count_stands_on_the_button(watched, demo_url):
    opened(watched, f"{demo_url}/customers?persona=loyal")
    count = number(watched.locator("#selected-count").inner_text())
    button = watched.locator("#export")
    expect(button).to_have_text(re.compile(rf"Export {count:,}"))
    with watched.expect_download() as waiting:
        button.click()
    with open(waiting.value.path(), encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == count


def test_nobody_matching_is_not_the_same_as_zero(watched, demo_url):
    opened(watched, f"{demo_url}/?monetary=99999999..")
    expect(watched.locator("#selected-count")).to_have_text("0")
    expect(watched.locator("body")).to_contain_text("No customer matches these filters")
    expect(watched.locator("#export")).to_have_count(0)


def test_a_workspace_without_data_says_which_command_to_run(watched, tmp_path):
    with serving(tmp_path / "nothing") as url:
        watched.goto(url)
        expect(watched.locator("body")).to_contain_text("No data yet")
        expect(watched.locator("body")).to_contain_text("spendboard load")


def test_loaded_but_not_scored_says_what_is_missing(watched, demo_workspace, tmp_path, command):
    folder = tmp_path / "loaded"
    folder.mkdir()
    shutil.copy(demo_workspace / "spendboard.toml", folder)
    source = next(demo_workspace.rglob("transactions.*"))
    assert command(folder, "load", source)[0] == 0
    with serving(folder) as url:
        opened(watched, url)
        expect(watched.locator("#kpi-expected_spend .kpi-value")).not_to_contain_text(
            re.compile(r"\d")
        )
        expect(watched.locator("body")).to_contain_text("spendboard refresh")


def test_the_url_is_the_view_in_a_fresh_browser(chromium, watched, demo_url):
    opened(watched, f"{demo_url}/?period=90d&persona=loyal")
    address, shown = watched.url, watched.locator("#kpi-revenue").get_attribute("data-value")
    with chromium.new_context() as fresh:
        fresh.set_default_timeout(PATIENCE * 1000)
        other = fresh.new_page()
        opened(other, address)
        assert other.locator("#kpi-revenue").get_attribute("data-value") == shown


def test_unknown_and_hostile_parameters_are_listed_and_harm_nothing(watched, demo_url):
    hostile = (
        "persona=%3Cscript%3Ealert(1)%3C/script%3E&nonsense=1&monetary=abc"
        "&recency_days=9..1&period=90d&city=%27%3B%20drop%20table%20marts.customers%3B--"
    )
    opened(watched, f"{demo_url}/?{hostile}")
    ignored = watched.locator(".ignored")
    for key in ("nonsense", "monetary", "persona"):
        expect(ignored).to_contain_text(key)
    assert number(watched.locator("#selected-count").inner_text()) > 0
    assert not watched.watch.errors


def generation(url):
    with urllib.request.urlopen(f"{url}/readyz") as answer:
        return json.load(answer)["generation"]


def test_a_page_moves_to_a_new_generation_without_a_reload(
    watched, demo_workspace, tmp_path, command
):
    folder = tmp_path / "moving"
    shutil.copytree(demo_workspace, folder)
    with serving(folder) as url:
        opened(watched, url)
        before = number(watched.locator("#selected-count").inner_text())
        extra = tmp_path / "extra.csv"
        extra.write_text(
            "transaction_id,customer_id,purchased_at,amount\nX1,somebody-new,2025-01-02,12.50\n",
            encoding="utf-8",
        )
        served = generation(url)
        assert command(folder, "load", extra)[0] == 0
        while generation(url) == served:
            watched.wait_for_timeout(100)
        watched.locator("#rail a", has_text="Customers").click()
        settle(watched)
        watched.goto(url)
        settle(watched)
        assert number(watched.locator("#selected-count").inner_text()) == before + 1


def test_promise_one_holds_on_a_real_shop(watched, shared_data, tmp_path, command):
    folder = tmp_path / "retail"
    file = shared_data / "online_retail/online_retail.parquet"
    assert command(folder, "load", file)[0] == 0
    with little_work(origins=1):  # nothing here depends on how good the models are
        assert command(folder, "refresh")[0] == 0
    with serving(folder) as url:
        shown, revenue = assert_one_truth(watched, url, "")
        assert (shown, revenue) == (4372, Decimal("8300065.81"))
        opened(watched, url)
        expect(watched.locator("#kpi-revenue_without_customer")).to_contain_text("1,447,682")
        assert_one_truth(watched, url, "country=france&period=2011-06-01..2011-08-31")
