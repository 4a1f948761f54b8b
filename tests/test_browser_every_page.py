"""What holds on every page, in a real browser: each is opened once and looked at all over."""

import re

import pytest
from browser_steps import opened
from conftest import watching
from playwright.sync_api import expect

PAGES = ("/", "/segments", "/map", "/customers", "/customers/C-000001")


@pytest.fixture(scope="module", params=PAGES)
def page(request, chromium, demo_url):
    """Each page in turn, opened on the narrowest telephone."""
    with watching(chromium) as page:
        page.set_viewport_size({"width": 320, "height": 800})
        opened(page, demo_url + request.param)
        yield page


@pytest.mark.parametrize("width", [320, 390, 1366])
def test_no_page_scrolls_sideways(page, width):
    page.set_viewport_size({"width": width, "height": 800})
    page.wait_for_timeout(300)  # figures follow the width of the window a moment later
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_each_page_has_one_title_and_named_landmarks(page):
    assert page.locator("h1").count() == 1
    head = "Customer" if "/customers/" in page.url else page.locator("h1").inner_text()
    assert head in page.title()
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator("main").count() == 1
    for figure in page.locator(".dash-graph").all():
        named = figure.locator("xpath=ancestor-or-self::*[@role='group' and @aria-label]")
        assert named.count() >= 1


def assert_kept(page):
    """Age stands in words, no request left the machine, no policy is broken, nobody is tracked."""
    text = page.locator("body")
    expect(text).to_contain_text(re.compile(r"Data to\s+\d{1,2} \w{3} \d{4}"))
    expect(text).to_contain_text(re.compile(r"efreshed\s+(just now|.* ago)"))
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(300)
    assert page.watch.external == []
    assert page.watch.errors == []
    assert page.get_by_text(re.compile("share chart|chart studio", re.IGNORECASE)).count() == 0
    assert page.locator(".modebar-btn[data-title*='hare']").count() == 0


def test_age_stands_in_words_and_no_request_leaves_the_machine(page):
    assert_kept(page)


def test_the_wall_keeps_the_same_promises(watched, demo_url):
    watched.goto(f"{demo_url}/wall")
    assert_kept(watched)
