"""``/export.csv``: exactly the selection, as a plain streamed download.

Takes the grammar of a page's URL, plus ``raw=1`` (no guard against formulas) and ``generation=``
(the one that the page was drawn from). What is not understood is refused, never ignored: a typo
must not export everybody.
"""

from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING, Final

from flask import Flask, Response, request

from dashboard.context import Context
from dashboard.copying import nobody_leaves
from dashboard.export import stream_csv
from dashboard.querystring import split
from dashboard.routes.answers import answering, text_error
from dashboard.selection import Selection
from warehouse.errors import SelectionError

if TYPE_CHECKING:
    from dashboard.reader import View

OURS: Final = ("raw", "generation")
_FLAGS: Final = {"1": True, "yes": True, "true": True, "0": False, "no": False, "false": False}


def without(query: str, names: tuple[str, ...]) -> tuple[str, dict[str, str]]:
    """``query`` without the parts called ``names``, and their decoded values.

    Raises
    ------
    SelectionError : one of them is given twice or cannot be decoded.
    """
    parts = query.split("&")
    mine = [part for part in parts if part.partition("=")[0] in names]
    found, ignored = split("&".join(mine))
    if ignored:
        raise SelectionError(f"{ignored[0].key!r} {ignored[0].reason}")
    return "&".join(part for part in parts if part not in mine), found


def register(server: Flask, context: Context) -> None:
    """Answer ``GET /export.csv``."""

    @answering(text_error)
    def export_csv() -> Response:
        query, ours = without(request.query_string.decode("utf-8", "replace"), OURS)
        view = context.reader.view(_generation(ours.get("generation")))
        selection = Selection.parse(query, view.vocabulary, strict=True)
        has_left = request.environ.get("waitress.client_disconnected", nobody_leaves)
        raw = _flag(ours.get("raw", "0"))
        lines = stream_csv(view, selection, raw=raw, has_left=has_left)
        response = Response(_started(lines), mimetype="text/csv")
        response.headers["Content-Disposition"] = f'attachment; filename="{file_name(view)}"'
        response.headers["X-Generation"] = str(view.number)
        return response

    server.add_url_rule("/export.csv", "export_csv", export_csv)


def _started(lines: Iterator[bytes]) -> Iterator[bytes]:
    """``lines`` with the first batch made already: an error is an answer, not half a file."""
    return chain((next(lines),), lines)


def file_name(view: "View") -> str:
    """``customers-generation-17-2026-09-30.csv``: what the list was made from."""
    day = view.manifest.as_of or view.manifest.created_at.date()
    return f"customers-generation-{view.number}-{day.isoformat()}.csv"


def _generation(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise SelectionError("generation: not a number", found=text[:40])
    return int(text)


def _flag(text: str) -> bool:
    if text not in _FLAGS:
        raise SelectionError("raw: neither 1 nor 0", found=text[:40])
    return _FLAGS[text]
