"""What a test in a real browser does as a user would: go to a page, wait for it, read from it."""

import csv
import io
import re
import time
import urllib.request

from playwright.sync_api import Error, expect

# Every question to the server is answered and drawn, and every figure has its place. An address
# changes before the first question of its page is asked, and a panel is busy only from then on:
# neither says that nothing is to come.
IDLE = """() => (window.dash_stores || []).length > 0
    && window.dash_stores.every((store) => {
        const { stored, completed, ...open } = store.getState().callbacks;
        return Object.values(open).every((some) => some.length === 0);
    })
    && !document.querySelector("[aria-busy=true], .skeleton, .dash-graph--pending")"""
# Between two looks a drawn answer may lead to the next question.
BETWEEN_LOOKS_MS = 60
PATIENCE_S = 120


def opened(page, url):
    """Go to a page and wait until every panel has been drawn."""
    page.goto(url)
    settle(page)


def settle(page):
    """Wait until whatever the last step asked of the server is on the page."""
    until, idle = time.monotonic() + PATIENCE_S, 0
    while idle < 2 and time.monotonic() < until:
        idle = idle + 1 if _is_idle(page) else 0
        page.wait_for_timeout(BETWEEN_LOOKS_MS)
    # In words that a failure repeats: what was still to come, and where.
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    expect(page.locator(".skeleton")).to_have_count(0)
    assert idle == 2, "a question is still open"


def _is_idle(page):
    try:
        return page.evaluate(IDLE)
    except Error:  # it went to another page meanwhile
        return False


def number(text):
    """The digits of a text as one number: ``1,500 customers`` -> 1500."""
    return int(re.sub(r"\D", "", text))


def selected(page):
    """How many customers the bar counts; the page must have settled."""
    return number(page.locator("#selected-count").inner_text())


def exported(url, query):
    """Rows of ``/export.csv`` for a selection, as dictionaries."""
    with urllib.request.urlopen(f"{url}/export.csv?{query}") as answer:
        return list(csv.DictReader(io.StringIO(answer.read().decode("utf-8"), newline="")))
