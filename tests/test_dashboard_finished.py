"""Finished answers: kept as they are sent, one for equal requests, none of a failure."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from dash import Dash, html
from small_app import Browser, text
from small_shop import SETTINGS, publish

from dashboard import finished
from dashboard.answers import Answers, AskedInCircle
from dashboard.context import Context
from dashboard.formatting import Formatter
from dashboard.panels import Panels
from dashboard.reader import Reader


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    return publish(tmp_path_factory.mktemp("shop") / "workspace")


def browsing(workspace, body):
    """A browser on one panel ``p``; ``body`` draws it."""
    context = Context(Reader(workspace, SETTINGS), SETTINGS, Formatter("EUR"))
    browser = Browser.__new__(Browser)
    browser.app = Dash(__name__, suppress_callback_exceptions=True)
    browser.app.layout = html.Div()
    Panels(browser.app, context, "/page").html("p", body)
    finished.register(browser.app, context)
    browser.http = browser.app.server.test_client()
    browser.generation = None
    browser.callbacks = browser.http.get("/_dash-dependencies").get_json()
    return browser


def counting(drawn):
    """A body that writes down what it draws."""

    def body(ask):
        drawn.append(ask.selection.query())
        return html.P(f"generation {ask.view.number}")

    return body


def test_a_view_that_was_drawn_once_is_not_drawn_again(workspace):
    drawn = []
    browser = browsing(workspace, counting(drawn))
    first = browser.panel("p", path="/page", search="?persona=loyal")
    assert browser.panel("p", path="/page", search="?persona=loyal") == first
    assert drawn == ["persona=loyal"]
    browser.panel("p", path="/page", search="?persona=new")
    browser.panel("p", path="/page", search="?persona=loyal", theme="dark")
    assert drawn == ["persona=loyal", "persona=new", "persona=loyal"]


def test_a_new_generation_is_drawn_anew_and_the_page_of_the_old_one_keeps_its_own(tmp_path):
    drawn, workspace = [], publish(tmp_path / "workspace")
    browser = browsing(workspace, counting(drawn))
    browser.generation = 1
    browser.body("p", path="/page")
    publish(tmp_path / "workspace")
    assert text(browsing(workspace, counting(drawn)).body("p", path="/page")) == "generation 2"
    browser.generation = 1
    assert text(browser.body("p", path="/page")) == "generation 1"
    assert len(drawn) == 2


def test_sixteen_equal_requests_draw_once(workspace):
    drawn, gate = [], threading.Event()

    def slow(ask):
        drawn.append(1)
        gate.wait(10)
        return html.P("done")

    browser = browsing(workspace, slow)

    def ask(_):
        own = Browser.__new__(Browser)
        own.http, own.callbacks = browser.app.server.test_client(), browser.callbacks
        own.generation = None
        return text(own.body("p", path="/page"))

    with ThreadPoolExecutor(16) as pool:
        waiting = [pool.submit(ask, n) for n in range(16)]
        threading.Timer(0.2, gate.set).start()
        assert {each.result() for each in waiting} == {"done"}
    assert len(drawn) == 1


def test_a_failure_is_drawn_anew(workspace):
    drawn = []

    def broken(ask):
        drawn.append(1)
        if len(drawn) == 1:
            raise ZeroDivisionError
        return html.P("mended")

    browser = browsing(workspace, broken)
    assert "could not be made" in text(browser.body("p", path="/page"))
    assert text(browser.body("p", path="/page")) == "mended"


def test_a_page_of_a_generation_that_is_gone_is_told_so(workspace):
    browser = browsing(workspace, counting([]))
    browser.generation = 99
    browser.ask("p-body.children", path="/page", status=409)


def test_an_answer_that_needs_itself_is_an_error():
    answers = Answers()
    with pytest.raises(AskedInCircle, match="k needs itself"):
        answers.get("k", lambda: answers.get("k", lambda: 1))
    assert answers.get("k", lambda: 2) == 2


def test_two_threads_that_need_each_others_answer_are_told_so():
    answers, both = Answers(), threading.Barrier(2)

    def ask(mine, other):
        def make():
            both.wait(10)
            return answers.get(other, lambda: 1)

        return answers.get(mine, make)

    with ThreadPoolExecutor(2) as pool:
        waiting = [pool.submit(ask, *pair) for pair in (("a", "b"), ("b", "a"))]
        errors = [type(each.exception(timeout=10)) for each in waiting]
    assert set(errors) == {AskedInCircle}


def test_finished_answers_take_up_no_more_than_they_may():
    answers, made = Answers(most_bytes=10), []

    def make(text):
        made.append(text)
        return text

    for text_ in (b"12345", b"67890", b"abcde", b"67890", b"12345"):
        answers.get(text_, lambda text_=text_: make(text_))
    assert made == [b"12345", b"67890", b"abcde", b"12345"]
