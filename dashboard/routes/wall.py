"""``/api/wall.json``: everything a wall screen shows, in one answer that is cheap to ask again.

Only bands, persona, city, period and comparison narrow it, and no number speaks of fewer than ten
customers: what hangs in an office holds nothing about anybody.
"""

import hashlib
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final, get_args

from flask import Flask, Response, request

from dashboard.context import Context
from dashboard.queries.kpi import Kpi
from dashboard.queries.wall_board import wall_board
from dashboard.routes.answers import answering, json_answer, json_error
from dashboard.routes.export import without
from dashboard.selection import Selection
from warehouse.configuration import Screen
from warehouse.errors import SelectionError
from warehouse.version import build_name

if TYPE_CHECKING:
    from dashboard.reader import View

SCREENS: Final[tuple[str, ...]] = get_args(Screen)
KEYS: Final = frozenset(
    ("persona", "risk_band", "churn_band", "value_band", "city", "home_city", "period", "compare")
)
SHOWN: Final = (
    "name", "title", "value", "unit", "text", "short", "change", "change_text", "judgement",
    "note", "previous_short", "target", "target_text", "status", "spark", "reason", "state",
)  # fmt: skip


def register(server: Flask, context: Context) -> None:
    """Answer ``GET /api/wall.json``."""

    @answering(json_error)
    def wall_json() -> Response:
        query, ours = without(request.query_string.decode("utf-8", "replace"), ("screens",))
        names = screen_names(ours.get("screens", ",".join(context.settings.wall.screens)))
        view = context.reader.view()
        selection = wall_selection(query, view)
        key = ("wall", selection.meaning(), names)
        response = json_answer(view.cached(key, lambda: document(context, view, selection, names)))
        # The body names build and generation, so no other server's answer has this tag.
        response.set_etag(hashlib.sha256(response.get_data()).hexdigest()[:32])
        response.headers["Cache-Control"] = "no-cache"
        response.make_conditional(request)
        return response

    server.add_url_rule("/api/wall.json", "wall_json", wall_json)


def document(
    context: Context, view: "View", selection: Selection, names: tuple[str, ...]
) -> dict[str, object]:
    """What the wall shows; nothing in it depends on the clock."""
    from dashboard.queries.wall import instead, screens

    kpis = wall_board(view, selection, context.settings)
    manifest, about, formatter = view.manifest, view.vocabulary.about, context.of(view).formatter
    made: dict[str, object] = {
        "build": build_name(),
        "generation": view.number,
        "as_of": manifest.as_of.isoformat() if manifest.as_of else None,
        "as_of_text": formatter.date(manifest.as_of or about.last_day),
        "created_at": manifest.created_at.isoformat(timespec="seconds"),
        "max_age_seconds": context.settings.max_age_hours * 3600,
        "selection_in_words": selection.words(),
        "kpis": [as_json(kpi) for kpi in kpis],
        "screens": screens(view, selection, kpis, names, formatter),
    }
    told = instead(view, selection)
    return made | {"instead": told} if told else made


def as_json(kpi: Kpi) -> dict[str, Any]:
    """A key figure as the wall reads it."""
    found = asdict(kpi)
    return {name: found[name] for name in SHOWN}


def screen_names(text: str) -> tuple[str, ...]:
    """Names of screens, in their order.

    Raises
    ------
    SelectionError : one is unknown, or there is none.
    """
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",")))
    for name in names:
        if name not in SCREENS:
            raise SelectionError(
                f"screens: there is no screen {name[:40]!r}",
                fix=f"choose from {', '.join(SCREENS)}",
            )
    return names


def wall_selection(query: str, view: "View") -> Selection:
    """The selection of a wall.

    Raises
    ------
    SelectionError : it is not understood, or asks by more than bands, persona and city.
    """
    selection = Selection.parse(query, view.vocabulary, strict=True)
    for key in selection.pairs():
        if key not in KEYS:
            raise SelectionError(
                f"a wall cannot be narrowed by {key!r}",
                fix=f"only by {', '.join(sorted(KEYS))}",
            )
    return selection
