"""What a browser may ask a callback: anything else is refused before Dash, or we, trip over it."""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Annotated, Any, Final

import msgspec
from flask import Flask, abort, request
from msgspec import Meta, Struct

from dashboard import ids
from dashboard.components import cloud, customer_grid, filter_popover
from dashboard.pages import map as map_page

PATH: Final = "/_dash-update-component"


class _Owner(Struct, frozen=True, forbid_unknown_fields=True):
    """Id of one of many alike: what it is, and whose."""

    type: str
    key: str


class _Part(Struct):
    """One input or state."""

    id: str | _Owner
    property: str
    value: Any = None


class _Output(Struct):
    """What is to be set."""

    id: str | _Owner
    property: str


class _Question(Struct):
    """The callback by its outputs, and what it is given."""

    output: str
    outputs: _Output | list[_Output]
    inputs: list[_Part | list[_Part]]
    state: list[_Part | list[_Part]] = []
    changed: list[str] = msgspec.field(name="changedPropIds", default_factory=list)


_Row = Annotated[int, Meta(ge=0, lt=2**31)]


class _Rows(Struct, rename="camel"):
    """Which rows a grid asks for."""

    start_row: _Row
    end_row: _Row


class _Point(Struct):
    """The point that was clicked, by what its trace says of it."""

    customdata: Any = None


class _Click(Struct):
    """A click on a figure."""

    points: list[_Point] = []


class _Area(Struct):
    """What was drawn on the map."""

    box: str | None = None
    lasso: str | None = None


# What controls hold, by their id (of many alike: by their type) and property.
_KINDS: Final[dict[tuple[str, str], Any]] = {
    (ids.URL, "pathname"): str | None,
    (ids.URL, "search"): str | None,
    (ids.GENERATION, "data"): int | None,
    (ids.THEME, "data"): str | None,
    ("period-from", "value"): str | None,
    ("period-to", "value"): str | None,
    ("filter-any", "value"): list[str] | None,
    ("filter-not", "value"): list[str] | None,
    ("filter-low", "value"): str | None,
    ("filter-high", "value"): str | None,
    ("filter-find", "value"): str | None,
    (filter_popover.TYPED, "value"): str | None,
    (filter_popover.CHOICE, "data"): int | None,
    (customer_grid.NAME, "getRowsRequest"): _Rows | None,
    (map_page.DRAWN, "data"): _Area | None,
    (cloud.SHADE, "data"): str | None,
    (cloud.TOOL, "data"): str | None,
}
# The same of every control that has the property.
_EVERYWHERE: Final[dict[str, Any]] = {"n_clicks": int | None, "clickData": _Click | None}


def register(server: Flask, callbacks: Mapping[str, dict[str, Any]]) -> None:
    """Refuse with 400 what no page of ours can have sent.

    Parameters
    ----------
    callbacks : ``inputs`` and ``state`` of each callback by its outputs, as Dash knows them.
    """
    decoder = msgspec.json.Decoder(_Question)

    @server.before_request
    def check_question() -> None:
        if request.path != PATH or request.method != "POST":
            return
        try:
            question = decoder.decode(request.get_data(cache=True))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            abort(400, "No page of this dashboard asks so.")
        callback = callbacks.get(question.output)
        if callback is None or "callback" not in callback:  # the browser answers it itself
            abort(400, "No page of this dashboard asks that.")
        if not _is_asked_so(question, callback):
            abort(400, "No page of this dashboard asks that.")


def _is_asked_so(question: _Question, callback: dict[str, Any]) -> bool:
    """Whether a question gives a callback what it takes, each value of its kind."""
    alike: dict[str, set[tuple[str, ...]]] = {}
    for given, taken in (
        (question.inputs, callback["inputs"]),
        (question.state, callback["state"]),
        (_outputs(question), _named(question.output)),
    ):
        if len(given) != len(taken):
            return False
        for part, wanted in zip(given, taken, strict=True):
            parts = part if isinstance(part, list) else [part]
            pattern = _pattern(wanted["id"])
            is_each = pattern is not None and pattern["key"] == ["ALL"]
            if isinstance(part, list) != is_each or not all(
                _is_meant(one, pattern, wanted) and _is_of_its_kind(one) for one in parts
            ):
                return False
            if pattern is not None:
                keys = tuple(one.id.key for one in parts if isinstance(one.id, _Owner))
                alike.setdefault(pattern["type"] if is_each else "", set()).add(keys)
    # Each of many alike is told with its id and its value; all that match are of one key.
    return all(len(keys) == 1 for keys in alike.values())


def _outputs(question: _Question) -> Sequence[_Output | list[_Output]]:
    """What a question says of its outputs, which Dash sends alone where it is one."""
    is_several = question.output.startswith("..")
    if isinstance(question.outputs, list) != is_several:
        return ()
    return question.outputs if isinstance(question.outputs, list) else [question.outputs]


@lru_cache
def _named(output: str) -> list[dict[str, str]]:
    """Ids and properties that the name of a callback consists of."""
    names = output[2:-2].split("...") if output.startswith("..") else [output]
    parts = (name.partition("@")[0].rpartition(".") for name in names)
    return [{"id": identifier, "property": name} for identifier, _, name in parts]


@lru_cache
def _pattern(identifier: str) -> dict[str, Any] | None:
    """An id that many alike have, with ``["ALL"]`` or ``["MATCH"]`` as key; None of any other."""
    return json.loads(identifier) if identifier.startswith("{") else None


def _is_meant(
    part: _Part | _Output, pattern: dict[str, Any] | None, wanted: Mapping[str, str]
) -> bool:
    """Whether a part is that of the page's which is ``wanted``, or one of those."""
    if part.property.partition("@")[0] != wanted["property"]:
        return False
    if pattern is None:
        return part.id == wanted["id"]
    return isinstance(part.id, _Owner) and part.id.type == pattern["type"]


def _is_of_its_kind(part: _Part | _Output) -> bool:
    if isinstance(part, _Output):
        return True
    if isinstance(part.id, _Owner) and part.property == "id":
        return bool(part.value == {"type": part.id.type, "key": part.id.key})
    name = part.id.type if isinstance(part.id, _Owner) else part.id
    kind = _KINDS.get((name, part.property), _EVERYWHERE.get(part.property, Any))
    try:
        msgspec.convert(part.value, kind)
    except msgspec.ValidationError:
        return False
    return True
