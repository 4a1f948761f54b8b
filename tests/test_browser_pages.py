"""What people do on the pages: filter, drag on the map, sort and open rows, switch the theme."""

import re

import pytest
from browser_steps import exported, number, opened, selected, settle
from playwright.sync_api import expect


def choices(page, key):
    """Open the popover at ``key``: its boxes, each with its number of customers."""
    page.locator("#filter-popover-open").click()
    group = page.locator(f"#filter-popover [data-key={key}]")
    group.locator("summary").click()
    return group.locator(".check-label")


def test_a_filter_is_set_with_the_popover_and_removed_with_its_chip(watched, demo_url):
    opened(watched, f"{demo_url}/?period=365d")
    everybody = selected(watched)
    berlin = choices(watched, "city").filter(has_text="Berlin")
    foretold = number(berlin.inner_text())
    berlin.click()
    apply = watched.locator("#filter-apply")
    expect(apply).to_have_text(f"Show {foretold:,} customers")
    apply.click()
    expect(watched).to_have_url(re.compile(r"\?city=berlin&period=365d"))
    settle(watched)
    narrowed = selected(watched)
    assert 0 < narrowed < everybody
    # Who does not see the number is told it.
    expect(watched.locator("#announce")).to_contain_text(f"{narrowed:,} of ")
    assert narrowed == foretold == len(exported(demo_url, "city=berlin&period=365d"))
    watched.locator("[data-chip=city] .chip-remove").first.click()
    expect(watched).to_have_url(re.compile(r"\?period=365d$"))
    expect(watched.locator("#selected-count")).to_have_text(f"{everybody:,}")


def test_two_days_that_are_no_period_are_refused_beside_them_and_emptied_ones_are_all_time(
    watched, demo_url
):
    opened(watched, f"{demo_url}/?period=30d")
    watched.locator("#period-menu > summary").click()
    watched.locator("#period-from").fill("2026-05-02")
    watched.locator("#period-to").fill("2026-05-01")
    watched.locator("#period-apply").click()
    refused = watched.locator("#period-refused")
    expect(refused).to_have_text("Not applied: the period ends before it begins.")
    expect(refused).to_be_visible()
    assert watched.url == f"{demo_url}/?period=30d"
    for field in ("#period-from", "#period-to"):
        watched.locator(field).fill("")
    watched.locator("#period-apply").click()
    expect(watched).to_have_url(f"{demo_url}/")
    settle(watched)
    expect(watched.locator("#period-menu > summary")).to_contain_text("All time")


def test_the_button_says_no_count_while_it_waits_and_never_that_of_an_older_choice(
    watched, demo_url
):
    opened(watched, demo_url)
    offered = choices(watched, "persona")  # nobody has two
    apply = watched.locator("#filter-apply")
    expect(apply).to_have_text(f"Show {selected(watched):,} customers")
    held = []

    def hold(route):
        if "filter-count.data" in (route.request.post_data or ""):
            held.append(route)
        else:
            route.continue_()

    watched.route(re.compile("_dash-update-component"), hold)
    foretold = 0
    for place in range(2):
        foretold += number(offered.nth(place).inner_text())
        offered.nth(place).click()
        expect(apply).to_have_text("Show customers")
        expect(apply).to_have_attribute("aria-busy", "true")
        while len(held) <= place:
            watched.wait_for_timeout(50)
    for route in reversed(held):
        with watched.expect_response(lambda answer, asked=route.request: answer.request == asked):
            route.continue_()
        settle(watched)
        expect(apply).to_have_text(f"Show {foretold:,} customers")
        expect(apply).to_have_attribute("aria-busy", "false")


def test_a_box_drawn_on_the_map_becomes_the_selection(watched, demo_url):
    opened(watched, f"{demo_url}/map")
    plot = watched.locator(".nsewdrag").first
    expect(plot).to_be_visible()
    area = plot.bounding_box()
    watched.mouse.move(area["x"] + area["width"] * 0.3, area["y"] + area["height"] * 0.2)
    watched.mouse.down()
    watched.mouse.move(area["x"] + area["width"] * 0.9, area["y"] + area["height"] * 0.8, steps=5)
    watched.mouse.up()
    expect(watched).to_have_url(re.compile(r"box="))
    settle(watched)
    inside = selected(watched)
    query = watched.url.split("?", 1)[1]
    assert inside == len(exported(demo_url, query))
    assert 0 < inside < len(exported(demo_url, ""))
    watched.reload()
    settle(watched)
    assert selected(watched) == inside


def test_the_list_is_sorted_by_its_head_and_opens_a_customer(watched, demo_url):
    opened(watched, f"{demo_url}/customers?period=365d")
    rows = watched.locator("#customers .ag-center-cols-container .ag-row")
    expect(rows.first).to_be_visible()
    watched.locator(".ag-header-cell", has_text="Orders").first.click()
    expect(watched).to_have_url(re.compile(r"sort=-?orders"))
    first = exported(demo_url, watched.url.split("?", 1)[1])[0]["customer_id"]
    top = watched.locator("#customers [row-index='0'] a")
    expect(top).to_have_attribute("href", re.compile(rf"/customers/{re.escape(first)}\b"))
    top.click()
    expect(watched).to_have_url(re.compile(rf"/customers/{re.escape(first)}"))
    settle(watched)
    expect(watched.locator("h1")).not_to_be_empty()
    expect(watched.locator("body")).to_contain_text(first)


def test_a_list_of_one_customer_shows_her_and_no_places_of_rows(watched, demo_url):
    only = exported(demo_url, "period=365d")[0]["customer_id"]
    opened(watched, f"{demo_url}/customers?customer_id={only}")
    expect(watched.locator("#rows-shown")).to_have_text("Rows 1 to 1 of 1")


def test_an_unknown_customer_is_told_with_the_nearest_ids(watched, demo_url):
    watched.goto(f"{demo_url}/customers/C-00001x")
    expect(watched.locator("body")).to_contain_text(re.compile("no customer", re.IGNORECASE))
    expect(watched.locator("#content a[href*='/customers/C-']").first).to_be_visible()


def test_the_theme_is_kept_and_the_page_follows(watched, demo_url):
    opened(watched, demo_url)
    html = watched.locator("html")
    expect(html).to_have_attribute("data-bs-theme", "light")
    watched.locator("#theme-switch").click()
    expect(html).to_have_attribute("data-bs-theme", "dark")
    watched.reload()
    expect(html).to_have_attribute("data-bs-theme", "dark")


def test_the_first_tab_stop_leads_past_the_navigation(watched, demo_url):
    opened(watched, demo_url)
    watched.keyboard.press("Tab")
    expect(watched.locator(".skip")).to_be_focused()
    watched.keyboard.press("Enter")
    expect(watched.locator("#content")).to_be_focused()
    for place in (".rail .nav-link >> nth=0", "#period-menu > summary", "#export"):
        watched.locator(place).focus()  # seen by whoever came by keyboard, in our own colour
        ring = watched.locator(place).evaluate("e => getComputedStyle(e).boxShadow")
        assert "rgb(52, 67, 196)" in ring, place


def test_an_address_without_a_page_helps_on(watched, demo_url):
    watched.goto(f"{demo_url}/no/such/page")
    expect(watched.locator("body")).to_contain_text(re.compile("no page", re.IGNORECASE))
    watched.locator("#content a").first.click()
    expect(watched).not_to_have_url(re.compile("no/such"))


def test_a_page_says_that_its_server_is_gone_and_comes_back_by_itself(watched, demo_url):
    opened(watched, f"{demo_url}/?period=365d")
    shown = selected(watched)
    asked = re.compile("_dash-update-component|healthz")
    back, hanging = [], []

    def gone(route):  # looks hang, as in a network that lets nothing through
        if back:
            route.continue_()
        elif "healthz" in route.request.url:
            hanging.append(route)
        else:
            route.abort()

    watched.route(asked, gone)
    watched.locator("#personas .row-link").first.click()
    notice = watched.get_by_role("alert").filter(has_text="The server has not answered since")
    expect(notice).to_be_visible()
    watched.evaluate("window.dispatchEvent(new Event('online'))")
    while not hanging:
        watched.wait_for_timeout(20)
    n_looks = len(hanging)
    notice.get_by_role("button", name="Try now").click()
    for _ in range(100):  # sooner than a look that hangs is given up
        if len(hanging) == n_looks:
            watched.wait_for_timeout(20)
    assert len(hanging) > n_looks
    back.append(True)
    hanging[-1].continue_()
    expect(notice).to_have_count(0)
    expect(watched).to_have_url(re.compile(r"persona="))
    settle(watched)
    assert 0 < selected(watched) < shown


def test_nothing_moves_when_the_library_that_draws_comes_late(watched, demo_url):
    held = []

    def hold(route):
        held.append(route)

    watched.route("**/plotly-strict.min.js", hold)
    watched.goto(demo_url)
    trend, below = watched.locator("#trend .figure-group"), watched.locator("#personas")
    expect(trend).to_be_visible()
    expect(watched.locator("#personas td").first).to_be_visible()
    assert not watched.locator("#trend .main-svg").count()
    before = trend.bounding_box()["height"], below.bounding_box()["y"]
    held[0].continue_()
    expect(watched.locator("#trend .main-svg").first).to_be_visible()
    assert (trend.bounding_box()["height"], below.bounding_box()["y"]) == pytest.approx(before)
