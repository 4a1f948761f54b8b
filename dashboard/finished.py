"""Panels' answers as they are sent: a view that was drawn once is not drawn again.

Building components and writing them as JSON costs more than the questions to the warehouse. What a
panel shows depends on the generation and on what the browser sends, and on nothing else; so the
bytes are kept by both, and sixteen equal requests at one time make one answer.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from dash import Dash, Output, no_update
from dash.development.base_component import Component
from flask import Response, g, request

from dashboard import ids
from dashboard.context import Context
from dashboard.reader import View
from warehouse.errors import SpendboardError

_NAME: Final = "spendboard.finished"
_ENDPOINT: Final = "/_dash-update-component"


@dataclass(frozen=True)
class Kept:
    """A callback whose answers are kept, and written without Dash's detours.

    Parameters
    ----------
    outputs : what it sets.
    fill : gives the outputs' values in their order.
    arguments : inputs and states of ``fill`` by name; a list of them is given as a list.
    retry : id of its input that asks for the same once more; it is no part of the question.
    """

    outputs: Sequence[Output]
    fill: Callable[..., list[object]]
    arguments: Mapping[str, Any]
    retry: str

    def answer(self, body: dict[str, Any]) -> bytes:
        """What Dash would send, several times faster: most of a panel's answer is written here."""
        sent = {f"{part['id']}.{part['property']}": part.get("value") for part in _parts(body)}
        given = {
            name: [sent.get(str(one)) for one in asked]
            if isinstance(asked, list)
            else sent.get(str(asked))
            for name, asked in self.arguments.items()
        }
        response: dict[str, dict[str, object]] = {}
        for output, value in zip(self.outputs, self.fill(**given), strict=True):
            if value is not no_update:
                of = response.setdefault(str(output.component_id), {})
                of[output.component_property] = value
        return msgspec.json.encode({"multi": True, "response": response}, enc_hook=_written)


def _written(value: object) -> object:
    """What the browser reads in place of one of Dash's components, or of numpy's numbers."""
    if isinstance(value, Component):
        return value.to_plotly_json()  # type: ignore[no-untyped-call]
    if hasattr(value, "tolist"):
        return value.tolist()
    raise NotImplementedError(f"{type(value)} cannot be sent to a browser")


def keep(app: Dash, kept: Kept) -> None:
    """Keep the answers of a callback that Dash knows too."""
    callback = f"..{'...'.join(str(output) for output in kept.outputs)}.."
    app.server.extensions.setdefault(_NAME, {})[callback] = kept


def spoil() -> None:
    """Do not keep the answer to the request at hand: it tells of a failure."""
    g.spoilt = True


def register(app: Dash, context: Context) -> None:
    """Answer from what is kept, once every panel is registered."""
    kept: dict[str, Kept] = app.server.extensions.get(_NAME, {})
    draw = app.server.view_functions[_ENDPOINT]

    def dispatch() -> Any:  # noqa: ANN401 - whatever Dash answers
        body: Any = request.get_json(silent=True)
        asked = kept.get(body.get("output", "")) if isinstance(body, dict) else None
        view = _view(context, body) if asked is not None else None
        if asked is None or view is None:
            return draw()

        def made() -> bytes:
            answer = asked.answer(body)
            if "spoilt" in g:
                raise _NotKept(answer)
            return answer

        try:
            found = view.finished.get(_question(body, asked.retry), made)
        except _NotKept as error:
            found = error.answer
        return Response(found, mimetype="application/json")

    app.server.view_functions[_ENDPOINT] = dispatch


class _NotKept(Exception):
    """An answer that is given to whoever asked for it at that moment, and to nobody later."""

    def __init__(self, answer: bytes) -> None:
        super().__init__()
        self.answer = answer


def _parts(body: dict[str, Any]) -> list[Any]:
    return [*body.get("inputs", ()), *body.get("state", ())]


def _view(context: Context, body: dict[str, Any]) -> View | None:
    """The generation that the page was drawn from; None where the panel has to say it is gone."""
    number = next(
        (p.get("value") for p in _parts(body) if isinstance(p, dict) and p["id"] == ids.GENERATION),
        None,
    )
    try:
        return context.reader.view(number)
    except SpendboardError:
        return None


def _question(body: dict[str, Any], retry: str) -> bytes:
    """What the answer depends on, beside the generation."""
    given = [part for part in _parts(body) if not isinstance(part, dict) or part["id"] != retry]
    return msgspec.json.encode([body["output"], given])
