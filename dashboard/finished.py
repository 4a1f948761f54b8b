"""Panels' answers as they are sent: a view that was drawn once is not drawn again.

Building components and writing them as JSON costs more than the questions to the warehouse. What a
panel shows depends on the generation and on what the browser sends, and on nothing else; so the
bytes are kept by both, and sixteen equal requests at one time make one answer.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from dash import Dash, Output
from flask import Response, g, request

from dashboard import ids
from dashboard.context import Context
from dashboard.reader import View
from warehouse.errors import SpendboardError

_NAME: Final = "spendboard.finished"
_ENDPOINT: Final = "/_dash-update-component"


def keep(app: Dash, outputs: Sequence[Output], retry: str) -> None:
    """Keep the answers of the callback that sets ``outputs``.

    Parameters
    ----------
    retry : id of its input that asks for the same once more; it is no part of the question.
    """
    callback = f"..{'...'.join(str(output) for output in outputs)}.."
    app.server.extensions.setdefault(_NAME, {})[callback] = retry


def spoil() -> None:
    """Do not keep the answer to the request at hand: it tells of a failure."""
    g.spoilt = True


def register(app: Dash, context: Context) -> None:
    """Answer from what is kept, once every panel is registered."""
    kept: dict[str, str] = app.server.extensions.get(_NAME, {})
    draw = app.server.view_functions[_ENDPOINT]

    def dispatch() -> Any:  # noqa: ANN401 - whatever Dash answers
        body: Any = request.get_json(silent=True)
        retry = kept.get(body.get("output", "")) if isinstance(body, dict) else None
        view = _view(context, body) if retry is not None else None
        if view is None:
            return draw()
        key = _question(body, retry)

        def made() -> bytes:
            answer: Response = app.server.make_response(draw())
            if answer.status_code != 200 or "spoilt" in g:
                raise _NotKept(answer)
            return answer.get_data()

        try:
            found = view.finished.get(key, made)
        except _NotKept as error:
            return error.answer
        return Response(found, mimetype="application/json")

    app.server.view_functions[_ENDPOINT] = dispatch


class _NotKept(Exception):
    """An answer that is given to whoever asked for it at that moment, and to nobody later."""

    def __init__(self, answer: Response) -> None:
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


def _question(body: dict[str, Any], retry: str | None) -> bytes:
    """What the answer depends on, beside the generation."""
    given = [part for part in _parts(body) if not isinstance(part, dict) or part["id"] != retry]
    return msgspec.json.encode([body["output"], given])
