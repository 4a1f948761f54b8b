"""What no page can have sent is refused in a word, and nothing of it reaches a callback."""

import logging

import pytest
from small_app import Browser
from small_shop import publish

URL = {"id": "url", "property": "pathname"}
RAIL = {
    "output": "rail.children",
    "outputs": {"id": "rail", "property": "children"},
    "inputs": [URL | {"value": "/"}, {"id": "url", "property": "search", "value": ""}],
    "state": [{"id": "generation", "property": "data", "value": None}],
    "changedPropIds": ["url.pathname"],
}


@pytest.fixture(scope="module")
def http(tmp_path_factory):
    return Browser(publish(tmp_path_factory.mktemp("shop") / "workspace").folder).http


def status(http, body):
    return http.post("/_dash-update-component", json=body).status_code


def test_what_a_page_asks_is_answered(http):
    assert status(http, RAIL) == 200


@pytest.mark.parametrize(
    "body",
    [
        None, [], "x", 5, {}, {"output": "x"}, {"output": 5, "inputs": "a"},
        RAIL | {"output": "nothing.children"},
        RAIL | {"inputs": []},
        RAIL | {"inputs": RAIL["inputs"][::-1]},
        RAIL | {"inputs": [URL | {"value": 5}, RAIL["inputs"][1]]},
        RAIL | {"inputs": [URL | {"value": ["/"]}, RAIL["inputs"][1]]},
        RAIL | {"state": [RAIL["state"][0] | {"value": "x"}]},
        RAIL | {"changedPropIds": 3},
    ],
)  # fmt: skip
def test_what_no_page_asks_is_refused(http, body, caplog):
    with caplog.at_level(logging.ERROR):
        assert status(http, body) == 400
    assert not caplog.records


def test_a_body_that_is_no_text_is_refused(http):
    for body in (b"", b"\xff\xfe", b"{", b"[" * 100_000):
        answer = http.post("/_dash-update-component", data=body, content_type="application/json")
        assert answer.status_code == 400
