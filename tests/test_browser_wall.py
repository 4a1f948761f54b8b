"""The wall in a real browser: it keeps its promises while server, data and clock fail."""

import contextlib
import json
import re
import threading
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from conftest import ROOT
from flask import Flask
from werkzeug.serving import make_server

from dashboard.routes import wall_page
from warehouse.configuration import Settings
from warehouse.version import build_name

pytest.importorskip("playwright", reason="playwright is not installed")
from playwright.sync_api import Error, expect

POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:"
)
NOON = datetime(2026, 10, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def wall_url():
    """The page, its script and its styles, served under the policy of the product."""
    server = Flask("wall", static_folder=str(ROOT / "assets"), static_url_path="/assets")
    wall_page.register(server, SimpleNamespace(settings=Settings()))
    server.add_url_rule("/", "home", lambda: "<title>home</title>")

    @server.after_request
    def guard(reply):
        reply.headers["Content-Security-Policy"] = POLICY
        return reply

    listener = make_server("127.0.0.1", 0, server, threaded=True)
    thread = threading.Thread(target=listener.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{listener.server_port}"
    listener.shutdown()
    thread.join()
    listener.server_close()


def kpi(name, short, **more):
    return {"name": name, "title": name.capitalize(), "value": 1.0, "unit": "count", "text": short,
            "short": short, "change": None, "change_text": None, "judgement": None, "note": "",
            "previous_short": None, "target": None, "target_text": None, "status": None,
            "reason": None, "spark": [1, None, 2, 3], **more}  # fmt: skip


TREND = {
    "name": "trend", "title": "Revenue a week", "short": "€105 k", "until": "7 days to 30 Sep",
    "series": [{"name": "This year", "values": [1, None, 3, 4]},
               {"name": "A year earlier", "values": [2, 2, 2, 2]}],
    "labels": [{"at": 1, "text": "Sep"}], "ticks": [{"value": 0, "text": "0"},
                                                    {"value": 4, "text": "€4"}],
    "summary": "Revenue rose.",
}  # fmt: skip


# Counts the requests under way, until their answers are read.
COUNTED = """
    window.asking = 0;
    const fetched = window.fetch;
    window.fetch = (...given) => {
        window.asking += 1;
        const answer = fetched(...given);
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => { window.asking -= 1; };
        const read = answer.then((reply) => reply.clone().text());
        read.catch(() => null).then(() => port2.postMessage(null));
        return answer;
    };
"""


class Api:
    """What /api/wall.json answers in a test, and what it was asked."""

    def __init__(self):
        self.mode = "fine"
        self.asked = []
        self.held = []
        self.document = {
            "schema": 1, "build": build_name(), "generation": 17, "as_of": "2026-09-30",
            "as_of_text": "30 Sep 2026", "created_at": (NOON - timedelta(minutes=12)).isoformat(),
            "max_age_seconds": 26 * 3600, "selection_in_words": "Loyal customers",
            "kpis": [kpi("revenue", "€1.28 m"), kpi("customers", "3,127")],
            "screens": [{"name": "kpi", "kpis": ["revenue", "customers"]}, TREND],
        }  # fmt: skip

    def answer(self, route):
        self.asked.append(route.request)
        if self.mode == "dead":
            route.abort()
        elif self.mode == "silent":
            self.held.append(route)
        elif isinstance(self.mode, tuple):
            status, error = self.mode
            route.fulfill(status=status, json={"schema": 1, "error": error})
        elif route.request.headers.get("if-none-match") == self.etag:
            route.fulfill(status=304, headers={"ETag": self.etag})
        else:
            route.fulfill(json=self.document, headers={"ETag": self.etag})

    @property
    def etag(self):
        return f'"{hash(json.dumps(self.document))}"'


@pytest.fixture
def api():
    return Api()


@pytest.fixture
def wall(watched, wall_url, api):
    """A wall at noon with a faked clock; ``wall.api`` answers, ``wall.run(s)`` lets time pass."""
    watched.set_viewport_size({"width": 1920, "height": 1080})
    watched.clock.install(time=NOON)
    watched.clock.pause_at(NOON + timedelta(seconds=1))
    watched.route("**/api/wall.json?*", api.answer)
    watched.add_init_script(COUNTED)
    watched.api = api

    def answered():
        """Wait until the page has read every answer that it will get: its time stands still."""
        asking = True
        while asking:
            with contextlib.suppress(Error):  # it goes to another page
                asking = watched.evaluate("window.asking") > len(api.held)

    def run(seconds):
        step = 1 if seconds < 20 else 2
        for _ in range(seconds // step):
            watched.clock.run_for(1000 * step)
            answered()

    def open_wall(query=""):
        watched.goto(f"{wall_url}/wall{query}")
        answered()  # at this very instant, so that the next check is due a whole interval later
        watched.clock.run_for(10)

    watched.run, watched.open_wall = run, open_wall
    yield watched
    for route in api.held:
        with contextlib.suppress(Exception):
            route.abort()


def contact(page):
    return page.locator("#wall-contact")


def test_numbers_clocks_and_selection_stand_in_words(wall):
    wall.open_wall("?persona=loyal&every=10")
    expect(wall.locator(".wall-value").first).to_have_text("€1.28 m")
    expect(wall.locator("#wall-selection")).to_have_text("Loyal customers")
    expect(wall.locator("#wall-data")).to_have_text(
        re.compile(r"Data to\s+30 Sep 2026, refreshed 12 min ago")
    )
    wall.run(8)
    expect(contact(wall)).to_have_text(re.compile("Server checked [78] s ago"))
    assert [request.url.split("?")[1] for request in wall.api.asked] == [
        "persona=loyal&screens=kpi,trend"
    ]
    assert wall.watch.errors == []  # no violation of the policy, no exception


def test_nothing_scrolls_at_full_hd_and_4k_is_the_same_picture(wall):
    wall.open_wall()
    expect(wall.locator(".wall-value").first).to_be_visible()
    sizes = []
    for width, height in ((1920, 1080), (3840, 2160)):
        wall.set_viewport_size({"width": width, "height": height})
        scroll = wall.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
        )
        assert scroll == [width, height]
        box = wall.locator(".wall-value").first.bounding_box()
        sizes.append(box["height"] / height)
        assert box["height"] * 1080 / height >= 96
    assert sizes[0] == pytest.approx(sizes[1], rel=0.01)


def test_an_update_changes_the_text_and_keeps_the_nodes(wall):
    wall.open_wall("?refresh=5")
    value = wall.locator(".wall-value").first
    expect(value).to_have_text("€1.28 m")
    wall.evaluate("document.querySelector('.wall-value').marked = true")
    wall.api.document = {**wall.api.document, "kpis": [kpi("revenue", "€1.30 m"),
                                                      kpi("customers", "3,127")]}  # fmt: skip
    wall.run(6)
    expect(value).to_have_text("€1.30 m")
    assert wall.evaluate("document.querySelector('.wall-value').marked") is True


def test_unchanged_numbers_are_asked_for_with_their_etag(wall):
    wall.open_wall("?refresh=5")
    expect(wall.locator(".wall-value").first).to_have_text("€1.28 m")
    wall.run(6)
    expect(contact(wall)).to_have_text(re.compile("checked [01] s ago"))
    assert wall.api.asked[-1].headers["if-none-match"] == wall.api.etag


def test_one_missed_check_is_delayed_and_two_are_offline(wall):
    wall.open_wall("?refresh=60")
    expect(wall.locator(".wall-value").first).to_have_text("€1.28 m")
    wall.api.mode = "dead"
    wall.run(60)
    expect(contact(wall)).to_have_text(re.compile("delayed, last answer"))
    expect(wall.locator("#wall-alarm")).to_be_hidden()
    wall.run(4)
    expect(wall.locator("#wall-alarm b")).to_have_text(re.compile(r"Offline since \d\d:\d\d"))
    expect(wall.locator("#wall-why")).to_have_text(
        re.compile(r"These are the numbers of \d\d:\d\d")
    )
    expect(contact(wall)).to_have_text(re.compile("unreachable since"))
    expect(wall.locator("#wall")).to_have_class(re.compile("offline"))
    assert float(wall.locator(".wall-grid").evaluate("n => getComputedStyle(n).opacity")) == 0.5
    wall.api.mode = "fine"
    wall.run(65)
    expect(wall.locator("#wall-alarm")).to_be_hidden()
    expect(wall.locator(".wall-value").first).to_have_text("€1.28 m")


def test_a_dead_server_is_asked_ever_more_rarely_but_at_least_once_a_minute(wall):
    wall.open_wall("?refresh=5")
    expect(wall.locator(".wall-value").first).to_have_text("€1.28 m")
    wall.api.mode = "dead"
    wall.run(180)
    expect(wall.locator("#wall-alarm")).to_be_visible()
    # after 2, 4, 8, 16 and 32 seconds, then once a minute, give or take a quarter
    assert 6 <= len(wall.api.asked) - 1 <= 10


def waiting_in_vain(wall, query, seconds):
    """A wall whose server took its last request and does not answer it."""
    wall.open_wall(query)
    expect(wall.locator(".wall-value").first).to_have_text("€1.28 m")
    wall.api.mode = "silent"
    wall.run(seconds)
    assert len(wall.api.held) == 1


def test_a_server_that_never_answers_counts_as_missed_and_gets_one_request_at_a_time(wall):
    waiting_in_vain(wall, "?refresh=5", 14)
    wall.run(30)
    expect(wall.locator("#wall-alarm")).to_be_visible()


def test_old_data_look_old(wall):
    wall.api.document["created_at"] = (NOON - timedelta(days=3)).isoformat()
    wall.open_wall()
    expect(wall.locator("#wall-alarm b")).to_have_text("Stale data")
    expect(wall.locator("#wall-why")).to_have_text(re.compile("Refreshed 3 days ago"))
    expect(wall.locator("#wall")).to_have_class(re.compile("stale"))


def test_the_age_of_data_is_told_by_the_clock_of_the_server(wall, wall_url):
    # This television believes that it is two days later than it is.
    wall.clock.pause_at(NOON + timedelta(days=2))
    wall.route(
        "**/api/wall.json?*",
        lambda route: route.fulfill(
            json=wall.api.document, headers={"Date": "Thu, 01 Oct 2026 12:00:00 GMT"}
        ),
    )
    wall.open_wall()
    expect(wall.locator("#wall-age")).to_have_text("12 min ago")
    expect(wall.locator("#wall-alarm")).to_be_hidden()


def test_of_too_few_a_sentence_stands_in_place_of_the_screens(wall):
    full = wall.api.document
    wall.api.document = {**full, "instead": {"title": "Too few people", "text": "Press Esc."}}
    wall.open_wall("?refresh=5")
    expect(wall.locator("#wall-message h2")).to_have_text("Too few people")
    expect(wall.locator("[data-screen=kpi]")).to_be_hidden()
    expect(wall.locator("#wall-place")).to_have_text("")
    expect(wall.locator("#wall-as-of")).to_have_text("30 Sep 2026")
    wall.api.document = full
    wall.run(10)
    expect(wall.locator("#wall-message")).to_be_hidden()
    expect(wall.locator(".wall-value").first).to_have_text("€1.28 m")


def test_another_build_reloads_once_and_the_same_build_never(wall):
    wall.open_wall("?refresh=5")
    expect(wall.locator(".wall-value").first).to_have_text("€1.28 m")
    wall.keyboard.press("ArrowRight")
    wall.keyboard.press("Space")
    wall.evaluate("document.body.first = true")
    wall.run(30)
    assert wall.evaluate("document.body.first") is True
    wall.api.document = {**wall.api.document, "build": "9.9.9"}
    with wall.expect_navigation():
        wall.run(17)
    wall.clock.run_for(10)
    expect(wall.locator("#wall-place")).to_have_text("Paused on screen 2 of 2")
    expect(wall.locator(".wall-chart")).to_be_visible()
    wall.evaluate("document.body.second = true")
    wall.run(40)  # the page still says the old build: a second reload would go on for ever
    assert wall.evaluate("document.body.second") is True


def test_no_reload_into_a_server_that_died_meanwhile(wall):
    wall.api.document["build"] = "9.9.9"
    wall.open_wall("?refresh=60")
    expect(wall.locator(".wall-value").first).to_have_text("€1.28 m")
    wall.api.mode = "dead"
    wall.evaluate("document.body.first = true")
    wall.run(40)
    assert wall.evaluate("document.body.first") is True


def test_waking_up_asks_at_once(wall):
    wall.open_wall("?refresh=3600")
    expect(wall.locator(".wall-value").first).to_have_text("€1.28 m")
    before = len(wall.api.asked)
    wall.clock.fast_forward(600 * 1000)  # one late tick, as after sleep
    expect(contact(wall)).to_have_text(re.compile("checked 0 s ago"))
    assert len(wall.api.asked) == before + 1


def test_screens_rotate_and_keys_step_pause_and_leave(wall):
    wall.open_wall("?every=10&persona=loyal")
    place, grid = wall.locator("#wall-place"), wall.locator(".wall-grid")
    expect(place).to_have_text("Screen 1 of 2")
    wall.run(11)
    expect(place).to_have_text("Screen 2 of 2")
    expect(grid).to_be_hidden()
    expect(wall.locator(".wall-chart .now")).to_have_attribute("d", re.compile(r"^M\S+ \S+M"))
    wall.keyboard.press("ArrowLeft")
    expect(place).to_have_text("Screen 1 of 2")
    wall.keyboard.press("Space")
    wall.run(25)
    expect(place).to_have_text("Paused on screen 1 of 2")
    wall.keyboard.press("Space")
    wall.keyboard.press("Escape")
    wall.wait_for_url("**/?persona=loyal")


def test_escape_does_not_leave_for_a_dead_server(wall):
    wall.open_wall()
    expect(wall.locator(".wall-value").first).to_have_text("€1.28 m")
    wall.api.mode = "dead"
    wall.keyboard.press("Escape")
    wall.run(1)
    expect(wall.locator("#wall-place")).to_have_text(re.compile("does not answer"))
    assert "/wall" in wall.url


def test_escape_waits_for_the_request_that_is_under_way(wall):
    waiting_in_vain(wall, "?refresh=5&persona=loyal", 6)
    wall.keyboard.press("Escape")
    expect(wall.locator("#wall-place")).to_have_text("Asking whether the server is there")
    wall.api.mode = "fine"
    wall.api.held.pop().fulfill(json=wall.api.document)
    wall.wait_for_url("**/?persona=loyal")


def test_a_refused_selection_is_a_sentence(wall):
    wall.api.mode = (400, "Unknown key colour.")
    wall.open_wall("?colour=red")
    expect(wall.locator("#wall-message h2")).to_have_text("This wall cannot be shown")
    expect(wall.locator("#wall-message p")).to_have_text("Unknown key colour.")
    expect(wall.locator(".wall-grid")).to_be_hidden()


def test_before_the_first_generation_the_wall_waits_and_then_starts_by_itself(wall):
    wall.api.mode = (503, "ws2: nothing is loaded yet")
    wall.open_wall("?refresh=5")
    expect(wall.locator("#wall-message h2")).to_have_text("Waiting for numbers")
    expect(wall.locator("#wall-message p")).to_have_text("ws2: nothing is loaded yet")
    wall.api.mode = "fine"
    wall.run(6)
    expect(wall.locator(".wall-value").first).to_have_text("€1.28 m")
    expect(wall.locator("#wall-message")).to_be_hidden()


def test_text_of_the_server_is_never_markup(wall):
    wall.api.document["selection_in_words"] = "<img src=x onerror=alert(1)>"
    wall.api.document["kpis"][0]["title"] = "<b>bold</b>"
    wall.open_wall()
    expect(wall.locator("#wall-selection")).to_have_text("<img src=x onerror=alert(1)>")
    expect(wall.locator(".wall-label").first).to_have_text("<b>bold</b>")
    assert wall.locator("#wall img").count() == 0
