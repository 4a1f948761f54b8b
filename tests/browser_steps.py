"""What a test in a real browser does as a user would: go to a page, wait for it, read from it."""

import csv
import io
import re
import urllib.request

from playwright.sync_api import expect

# Every question to the server is answered and drawn, and every figure has its place. An address
# changes before the first question of its page is asked, and a panel is busy only from then on:
# neither says that nothing is to come.
SETTLED = """async () => {
    const idle = () => (window.dash_stores || []).length > 0
        && window.dash_stores.every((store) => {
            const { stored, completed, ...open } = store.getState().callbacks;
            return Object.values(open).every((some) => some.length === 0);
        })
        && !document.querySelector("[aria-busy=true], .skeleton, .dash-graph--pending");
    const drawn = () => new Promise((go) => requestAnimationFrame(() => setTimeout(go)));
    if (!idle()) return false;
    await drawn();
    return idle();
}"""


def opened(page, url):
    """Go to a page and wait until every panel has been drawn."""
    page.goto(url)
    settle(page)


def settle(page):
    """Wait until whatever the last step asked of the server is on the page."""
    page.wait_for_function(SETTLED)
    # Once more in words that a failure repeats: what was still to come, and where.
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    expect(page.locator(".skeleton")).to_have_count(0)


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
