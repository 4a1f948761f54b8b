"""What a browser may ask a callback: anything else is refused before Dash, or we, trip over it."""

from collections.abc import Iterator, Mapping
from types import NoneType
from typing import Any, Final

import msgspec
from flask import Flask, abort, request
from msgspec import Struct

from dashboard import ids

PATH: Final = "/_dash-update-component"
# What every page sends with most questions, and of which kind it is.
_KINDS: Final = {
    (ids.URL, "pathname"): (str, NoneType),
    (ids.URL, "search"): (str, NoneType),
    (ids.GENERATION, "data"): (int, NoneType),
    (ids.THEME, "data"): (str, NoneType),
}


class _Part(Struct):
    """One input or state; the id is a table where it is one of many alike."""

    id: str | dict[str, Any]
    property: str
    value: Any = None


class _Question(Struct):
    """The callback by its outputs, and what it is given."""

    output: str
    inputs: list[_Part | list[_Part]]
    state: list[_Part | list[_Part]] = []
    changed: list[str] = msgspec.field(name="changedPropIds", default_factory=list)


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
        if callback is None or not _is_asked_so(question, callback):
            abort(400, "No page of this dashboard asks that.")


def _is_asked_so(question: _Question, callback: dict[str, Any]) -> bool:
    """Whether a question gives a callback what it takes, each value of its kind."""
    for given, taken in (
        (question.inputs, callback["inputs"]),
        (question.state, callback["state"]),
    ):
        if len(given) != len(taken):
            return False
        for part, wanted in zip(given, taken, strict=True):
            if not (isinstance(part, _Part) and isinstance(part.id, str)):
                continue  # one of many alike, which Dash finds by their pattern
            if (part.id, part.property) != (wanted["id"], wanted["property"]):
                return False
    return all(_is_of_its_kind(part) for part in _parts(question))


def _is_of_its_kind(part: _Part) -> bool:
    kinds = _KINDS.get((part.id, part.property)) if isinstance(part.id, str) else None
    return kinds is None or isinstance(part.value, kinds)


def _parts(question: _Question) -> Iterator[_Part]:
    for part in (*question.inputs, *question.state):
        yield from part if isinstance(part, list) else (part,)
