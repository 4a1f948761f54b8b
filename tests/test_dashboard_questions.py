"""What no page can have sent is refused in a word, and nothing of it reaches a callback."""

import json
import logging
from copy import deepcopy

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


CITY = {"type": "filter-any", "key": "city"}
CONTROLS = {"filter-any": ["york"], "filter-not": [], "filter-low": "1", "filter-high": None,
            "filter-find": "y"}  # fmt: skip
ALONE = {"url.search": "", "url.pathname": "/", "generation.data": None, "filter-q.value": "ann",
         "filter-apply.n_clicks": 1, "filter-choice.data": 1}  # fmt: skip


@pytest.fixture(scope="module")
def popover(http):
    """What the popover asks: to find a value, to apply what it holds, to count it."""

    def filled(part):
        if not part["id"].startswith("{"):
            return part | {"value": ALONE[f"{part['id']}.{part['property']}"]}
        pattern = json.loads(part["id"])
        owner = CITY | {"type": pattern["type"]}
        value = owner if part["property"] == "id" else CONTROLS[pattern["type"]]
        one = {"id": owner, "property": part["property"], "value": value}
        return [one] if pattern["key"] == ["ALL"] else one

    asked = {}
    for callback in http.get("/_dash-dependencies").get_json():
        heard = callback["inputs"][0]["id"]
        for name in ("filter-find", "filter-apply", "filter-choice"):
            if name in heard and callback["clientside_function"] is None:
                identifier, _, changed = callback["output"].rpartition(".")
                asked[name] = {
                    "output": callback["output"],
                    "outputs": {"id": CITY if "{" in identifier else identifier,
                                "property": changed},
                    "inputs": [filled(part) for part in callback["inputs"]],
                    "state": [filled(part) for part in callback["state"]],
                    "changedPropIds": [],
                }  # fmt: skip
    return asked


JUNK = ({}, {"key": []}, [5], [None], [["x"]])
NO_IDS = (None, 5, {}, {"key": []}, CITY | {"type": "x"}, CITY | {"key": [1]})


def spoilt(body):
    """The same question with one thing in it that no page sends, each in turn."""
    for where in ("inputs", "state"):
        for i, part in enumerate(body[where]):
            is_list = isinstance(part, list)
            one = part[0] if is_list else part
            is_number = one["property"] in ("n_clicks", "data")
            values = [*JUNK, "x"] if is_number else [*JUNK, 5, True]
            bad = [one | {"value": value} for value in values]
            bad += [one | {"id": identifier} for identifier in NO_IDS]
            bad += [one | {"property": "x"}]
            wrong = [[each] if is_list else each for each in bad]
            for each in (*wrong, one if is_list else [one], [part, part], {}, 5):
                yield body | {where: [*body[where][:i], each, *body[where][i + 1 :]]}
    for outputs in (None, [], {}, [[]], "x", 5, body["outputs"] | {"id": "rail"}):
        yield body | {"outputs": outputs}


@pytest.mark.parametrize("name", ["filter-find", "filter-apply", "filter-choice"])
def test_what_no_popover_holds_is_refused(http, popover, name, caplog):
    with caplog.at_level(logging.ERROR):
        assert status(http, popover[name]) == 200
        for body in spoilt(popover[name]):
            assert status(http, body) == 400, body
    assert not caplog.records


def test_controls_of_one_kind_are_told_with_their_ids(http, popover):
    """Values and ids come in lists of their own, and are brought together by their order."""
    for name in ("filter-apply", "filter-choice"):
        body = deepcopy(popover[name])
        places = [i for i, part in enumerate(body["state"]) if isinstance(part, list)]
        body["state"][places[-1]].append(body["state"][places[-1]][0])
        assert status(http, body) == 400


def test_what_the_browser_answers_itself_is_not_asked_here(http):
    body = {"output": "theme.data", "outputs": {"id": "theme", "property": "data"},
            "inputs": [{"id": "url", "property": "id", "value": "url"}], "state": []}  # fmt: skip
    callbacks = {each["output"]: each for each in http.get("/_dash-dependencies").get_json()}
    assert callbacks["theme.data"]["clientside_function"]
    assert status(http, body) == 400
