"""The registrar of panels: what a body's answer, a state and every kind of failure become."""

import logging

import pytest
from dash import Dash, Input, html
from small_app import Browser, find, links, text
from small_shop import SETTINGS, publish

from dashboard.asking import Ask, Drawn, Shown, matches, scoped
from dashboard.components.states import nothing
from dashboard.context import Context
from dashboard.formatting import Formatter
from dashboard.panels import Panels
from dashboard.reader import Reader
from dashboard.selection import Selection
from dashboard.theme import theme
from warehouse.errors import SpendboardError


@pytest.fixture(scope="module")
def context(tmp_path_factory):
    workspace = publish(tmp_path_factory.mktemp("shop") / "workspace")
    return Context(Reader(workspace, SETTINGS), SETTINGS, Formatter("EUR"))


def asked(context, register, path="/page"):
    """A browser on an app that has only the panels of ``register``."""
    browser = Browser.__new__(Browser)
    browser.app = Dash(__name__, suppress_callback_exceptions=True)
    browser.app.layout = html.Div()
    register(Panels(browser.app, context, path))
    browser.http = browser.app.server.test_client()
    browser.generation = None
    browser.callbacks = browser.http.get("/_dash-dependencies").get_json()
    return browser


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("/", "/", (True, None)),
        ("/segments", "/segments/", (True, None)),
        ("/segments", "/segmentsx", (False, None)),
        ("/segments/<slug>", "/segments", (False, None)),
        ("/segments/<slug>", "/segments/at-risk", (True, "at-risk")),
        ("/segments/<slug>", "/segments/a/b", (False, None)),
        ("/customers/<customer_id>", "/customers/C%2F1%20%3Cb%3E", (True, "C/1 <b>")),
        ("/", None, (False, None)),
    ],
)
def test_a_path_is_a_page_and_perhaps_a_parameter(pattern, path, expected):
    assert matches(pattern, path) == expected


def test_a_body_is_shown_with_note_sentence_and_aside(context):
    def register(panels):
        panels.html("p", lambda ask: Shown(html.P(ask.selection.words()), "sub", "say", "aside"))

    parts = asked(context, register).panel("p", path="/page", search="?persona=loyal")
    assert text(parts["body"]) == "Loyal customers"
    assert (parts["sub"], parts["say"], parts["aside"]) == ("sub", "say", "aside")
    assert parts["slot"] is None


def test_a_state_takes_the_place_of_the_content(context):
    browser = asked(context, lambda panels: panels.html("p", lambda ask: nothing("None", "why")))
    answer = browser.ask("p-body.children", path="/page")
    assert answer["p-body"] == {"children": None, "hidden": True}
    assert text(answer["p-slot"]["children"]) == "None why"


def test_a_panel_of_a_page_that_is_no_longer_shown_is_not_asked(context):
    calls = []
    browser = asked(context, lambda panels: panels.html("p", calls.append))
    assert browser.ask("p-body.children", path="/other", status=204) is None
    assert calls == []


def test_a_failure_shows_an_id_that_stands_in_the_log_and_a_retry(context, caplog):
    def broken(ask):
        raise ZeroDivisionError("secret detail")

    browser = asked(context, lambda panels: panels.html("p", broken))
    with caplog.at_level(logging.ERROR):
        state = find(browser.body("p", path="/page"), data_state="error")[0]
    identifier = text(state).split("Error ")[1].split(".")[0]
    assert identifier in caplog.text
    assert "secret detail" in caplog.text
    assert "secret detail" not in text(state)
    assert find(state, data_retry="p")


def test_an_error_made_for_people_is_shown_in_its_own_words(context):
    def refused(ask):
        raise SpendboardError("The clusters need 50 customers")

    browser = asked(context, lambda panels: panels.bare("p", refused))
    assert "The clusters need 50 customers" in text(browser.body("p", path="/page"))


def test_a_generation_that_is_gone_tells_the_browser_to_load_anew(context):
    browser = asked(context, lambda panels: panels.html("p", lambda ask: "shown"))
    browser.generation = 99
    browser.ask("p-body.children", path="/page", status=409)


def test_a_figure_becomes_a_table_when_asked_and_only_then(context):
    made = []

    def table():
        made.append(1)
        return html.Table()

    drawn = Drawn({"data": [], "layout": {}}, "Finding.", table, key="key", height=123)
    browser = asked(context, lambda panels: panels.figure("f", lambda ask: drawn, drill=True))
    answer = browser.ask("f-figure.figure", path="/page")
    assert answer["f-figure"] == {
        "figure": {"data": [], "layout": {}}, "style": {"height": "123px"}
    }  # fmt: skip
    assert answer["f-say"]["children"] == "Finding."
    assert made == []
    answer = browser.ask("f-figure.figure", path="/page", f_toggle__n_clicks=1)
    assert "f-figure" not in answer
    assert made == [1]


def test_extra_inputs_arrive_in_their_order(context):
    def register(panels):
        extra = [Input("one", "data"), Input("two", "value")]
        panels.html("p", lambda ask: "|".join(map(str, ask.values)), extra=extra)

    assert asked(context, register).body("p", path="/page", one__data=1, two__value="b") == "1|b"


def ask_of(context, query, path="/page", fixed=()):
    view = context.reader.view()
    fixed = dict(fixed)
    selection = scoped(Selection.parse(query, view.vocabulary), fixed)
    return Ask(context, view, selection, path, None, theme("light"), fixed=frozenset(fixed))


def test_an_address_keeps_every_other_filter_and_is_canonical(context):
    ask = ask_of(context, "period=30d&persona=loyal,at-risk&monetary=1..")
    assert ask.href(persona="new") == "/page?monetary=1..&period=30d&persona=new"
    assert ask.href("/customers", persona=None) == "/customers?monetary=1..&period=30d"
    assert ask_of(context, "").href("/customers") == "/customers"


def test_what_the_path_says_is_not_repeated_in_its_query_but_kept_elsewhere(context):
    ask = ask_of(context, "period=30d&nope=1", "/segments/loyal", {"persona": "loyal"})
    assert ask.selection.pairs() == {"period": "30d", "persona": "loyal"}
    assert ask.href(period="90d") == "/segments/loyal?period=90d"
    assert ask.href("/customers") == "/customers?period=30d&persona=loyal"
    assert [part.key for part in ask.selection.ignored] == ["nope"]


def test_what_the_path_overrules_is_said_and_what_it_repeats_is_not(context):
    scope = {"persona": "loyal"}
    ask = ask_of(context, "persona=new,loyal", "/segments/loyal", scope)
    assert ask.selection.pairs() == scope
    assert [(part.key, part.value) for part in ask.selection.ignored] == [("persona", "loyal,new")]
    assert not ask_of(context, "persona=loyal", "/segments/loyal", scope).selection.ignored


def test_a_hostile_query_harms_no_panel(context):
    browser = asked(context, lambda panels: panels.html("p", lambda ask: ask.href()))
    for query in (
        "?%00",
        "?" + "a=1&" * 5000,
        "?persona=" + "x," * 600,
        "?box=nan,1,2,3",
        "?%FF=1",
    ):
        assert browser.body("p", path="/page", search=query) == "/page"
    assert links(browser.body("p", path="/page")) == {}
