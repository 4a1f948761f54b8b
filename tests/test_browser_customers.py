"""Map, list and customer in a real browser: drawing, sorting, scrolling, keys, and Back."""

import re

import pytest
from browser_steps import exported, opened, settle
from playwright.sync_api import expect


def cell(page, row, column="customer"):
    return page.locator(f"#customers-grid [row-index='{row}'] [col-id='{column}']")


def listed(page, url):
    """Go to a list and wait until its first rows are there; the grid asks for them by itself."""
    opened(page, url)
    expect(cell(page, 0)).not_to_be_empty()
    settle(page)


def drag(page, points):
    """Draw along points given in parts of the plot's size."""
    box = page.locator("#cloud-figure .nsewdrag").first.bounding_box()
    spots = [(box["x"] + box["width"] * x, box["y"] + box["height"] * y) for x, y in points]
    page.mouse.move(*spots[0])
    page.mouse.down()
    for spot in spots[1:]:
        page.mouse.move(*spot, steps=4)
    page.mouse.up()


def test_a_box_on_the_map_becomes_the_selection_and_back_takes_it_back(watched, demo_url):
    opened(watched, f"{demo_url}/map?churn_band=high")
    before = watched.locator("#selected-count").inner_text()
    drag(watched, [(0.2, 0.2), (0.6, 0.7)])
    expect(watched).to_have_url(re.compile(r"/map\?box=[-0-9.,]+&churn_band=high$"))
    expect(watched.locator("#chosen .big")).not_to_have_text(before)
    shown = watched.locator("#chosen .big").inner_text()
    expect(watched.locator("#selected-count")).to_have_text(shown)
    rows = exported(demo_url, watched.url.split("?")[1])
    assert len(rows) == int(shown.replace(",", "")) > 0
    watched.locator("#chosen a", has_text="See").click()
    expect(watched).to_have_url(re.compile(r"/customers\?box="))
    expect(watched.locator("#customers-head b")).to_have_text(shown)
    watched.go_back()
    watched.go_back()
    expect(watched.locator("#selected-count")).to_have_text(before)
    assert watched.watch.errors == []
    assert watched.watch.external == []


def test_a_lasso_has_few_corners_and_counts_everybody_inside(watched, demo_url):
    opened(watched, f"{demo_url}/map")
    watched.locator("#cloud button", has_text="Lasso").click()
    expect(watched.locator("#cloud button[aria-pressed=true]", has_text="Lasso")).to_be_visible()
    settle(watched)
    drag(watched, [(0.3, 0.1), (0.8, 0.3), (0.7, 0.8), (0.4, 0.9), (0.2, 0.5), (0.3, 0.1)])
    expect(watched).to_have_url(re.compile(r"lasso="))
    query = watched.url.split("?")[1]
    assert 3 <= (query.count(",") + 1) / 2 <= 20
    expect(watched.locator("#chosen .big")).to_have_text(f"{len(exported(demo_url, query)):,}")


def test_the_cloud_is_one_webgl_figure_without_a_violation(watched, demo_url):
    opened(watched, f"{demo_url}/map")
    expect(watched.locator("#cloud-figure canvas").first).to_be_attached()
    expect(watched.locator("body")).not_to_contain_text("WebGL is not supported")
    assert watched.locator(".gl-container").count() == 1
    assert watched.watch.errors == []


def test_the_legend_works_by_keyboard(watched, demo_url):
    opened(watched, f"{demo_url}/map")
    watched.locator("#cloud .legend a").first.focus()
    watched.keyboard.press("Enter")
    expect(watched).to_have_url(re.compile(r"persona="))
    expect(watched.locator("#cloud .legend a[aria-pressed=true]")).to_have_count(1)


def test_the_head_of_a_column_sorts_by_mouse_and_by_keyboard(watched, demo_url):
    listed(watched, f"{demo_url}/customers")
    watched.locator("#customers-grid .head", has_text="Churn risk").click()
    expect(watched).to_have_url(re.compile(r"sort=-churn_risk"))
    first = exported(demo_url, "sort=-churn_risk&columns=customer_id,name")[0]
    expect(cell(watched, 0)).to_have_text(first["name"] or first["customer_id"])
    head = watched.locator("#customers-grid .ag-header-cell[col-id='churn_risk']")
    expect(head).to_have_attribute("aria-sort", "descending")
    settle(watched)
    head.focus()
    watched.keyboard.press("Enter")
    expect(watched).to_have_url(re.compile(r"sort=churn_risk"))
    expect(head).to_have_attribute("aria-sort", "ascending")
    settle(watched)
    watched.locator("#customers-grid .ag-row .ag-cell").first.focus()
    watched.keyboard.press("Tab")  # out of the rows at once, not through all their cells
    assert not watched.evaluate("!!document.activeElement.closest('#customers-grid .ag-row')")


def test_scrolling_brings_the_rows_of_the_export(watched, demo_url):
    listed(watched, f"{demo_url}/customers")
    rows = exported(demo_url, "columns=customer_id,name")
    shown = watched.locator("#rows-shown")
    expect(shown).to_have_text(re.compile("of 600$"))
    watched.locator("#customers-grid .ag-body-viewport").hover()
    watched.mouse.wheel(0, 36 * 300)
    expect(shown).to_have_text(re.compile(r"Rows 30\d to 3[12]\d of 600"))
    place = int(re.search(r"\d+", shown.inner_text()).group()) + 2
    expected = rows[place]["name"] or rows[place]["customer_id"]
    expect(cell(watched, place)).to_have_text(expected)


def test_the_place_in_the_list_stands_in_the_address_and_back_returns_to_it(watched, demo_url):
    opened(watched, f"{demo_url}/customers?churn_risk=..1&page=3&sort=-monetary")
    shown = watched.locator("#rows-shown")
    expect(shown).to_have_text(re.compile(r"^Rows 201 to"))
    expect(watched).to_have_url(re.compile(r"\?churn_risk=..1&page=3&sort=-monetary$"))
    watched.locator("#customers-grid .ag-body-viewport").hover()
    watched.mouse.wheel(0, 36 * 100)
    expect(watched).to_have_url(re.compile(r"\?churn_risk=..1&page=4&sort=-monetary$"))
    watched.locator("#columns-menu summary").click()
    watched.locator("[aria-label='Hide Consent']").click()
    expect(watched.locator("#customers-grid [col-id='consent']")).to_have_count(0)
    watched.keyboard.press("Escape")
    expect(shown).to_have_text(re.compile(r"^Rows 30\d to"))
    settle(watched)
    place = int(re.search(r"\d+", shown.inner_text()).group()) + 2
    cell(watched, place, "recency_days").click()
    expect(watched).to_have_url(re.compile(r"/customers/[^?]+\?"))
    settle(watched)
    watched.go_back()
    expect(shown).to_have_text(re.compile(r"^Rows 30\d to"))
    watched.locator("#customers-grid .head", has_text="Churn risk").click()
    expect(watched).to_have_url(re.compile(r"sort=-churn_risk$"))
    expect(shown).to_have_text(re.compile(r"^Rows 1 to"))


def test_who_leaves_a_list_at_once_comes_back_to_her_place(watched, demo_url):
    listed(watched, f"{demo_url}/customers")
    watched.locator("#customers-grid .ag-body-viewport").hover()
    watched.mouse.wheel(0, 36 * 250)
    expect(cell(watched, 252)).not_to_be_empty()
    watched.mouse.wheel(0, 36)  # and before the place is written
    cell(watched, 255, "recency_days").click()
    expect(watched).to_have_url(re.compile(r"/customers/[^?]+$"))
    settle(watched)
    expect(watched).to_have_url(re.compile(r"/customers/[^?]+$"))
    watched.go_back()
    expect(watched).to_have_url(re.compile(r"/customers\?page=3$"))
    expect(watched.locator("#rows-shown")).to_have_text(re.compile(r"^Rows 20\d to"))


def test_a_page_beyond_the_list_shows_its_end(watched, demo_url):
    opened(watched, f"{demo_url}/customers?page=9999")
    expect(watched.locator("#rows-shown")).to_have_text(re.compile(r" to 600 of 600$"))
    expect(watched).to_have_url(re.compile(r"page=6$"))


@pytest.mark.parametrize("way", ["click", "Enter"])
def test_a_row_opens_the_customer(watched, demo_url, way):
    listed(watched, f"{demo_url}/customers?churn_band=high")
    expect(cell(watched, 1)).not_to_be_empty()
    name = cell(watched, 1).inner_text()
    target = cell(watched, 1, "recency_days")
    if way == "click":
        target.click()
    else:
        target.focus()
        watched.keyboard.press("Enter")
    expect(watched).to_have_url(re.compile(r"/customers/[^?]+\?churn_band=high"))
    expect(watched.locator("h1")).to_have_text(name)
    watched.locator("a[aria-label='Previous customer']").click()
    expect(watched.locator(".crumbs")).to_contain_text("row 1 of")


def test_columns_come_and_go_while_the_menu_stays_open(watched, demo_url):
    listed(watched, f"{demo_url}/customers")
    watched.locator("#columns-menu summary").click()
    watched.locator("[aria-label='Hide Risk band (exposure)']").click()
    expect(watched.locator("#customers-grid [col-id='risk_band']")).to_have_count(0)
    settle(watched)  # the menu is drawn anew, and a click between two drawings hits nothing
    watched.locator("[aria-label='Show Home city']").click()
    expect(watched.locator("#customers-grid .head", has_text="Home city")).to_be_attached()
    assert "home_city" in watched.url
    watched.keyboard.press("Escape")
    expect(watched.locator("#columns-menu")).not_to_have_attribute("open", "")
