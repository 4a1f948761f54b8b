"""What the filter bar's own controls do: they change the address, and the address does the rest."""

from collections.abc import Mapping, Sequence
from typing import Any

from dash import ALL, MATCH, Dash, Input, Output, State, callback_context, no_update
from dash.exceptions import PreventUpdate
from flask import abort

from dashboard import ids
from dashboard.components import filter_bar, filter_popover
from dashboard.context import Context
from dashboard.drafts import Draft, compose
from dashboard.panels import GONE, Ask, Panels, ScopeOf, scoped
from dashboard.queries.held import count
from dashboard.reader import GenerationGone, View
from dashboard.selection import Selection
from dashboard.theme import theme
from warehouse.errors import NoGenerationError

CONTROLS = {
    "values": "filter-any",
    "excluded": "filter-not",
    "low": "filter-low",
    "high": "filter-high",
}


def register(app: Dash, context: Context, scope_of: ScopeOf) -> None:
    """Attach the bar, its popover, and what both apply."""
    panels = Panels(app, context, scope_of=scope_of)
    panels.bare(ids.FILTERS, filter_bar.bar, follows=True, quiet=True)
    panels.bare(
        filter_popover.NAME,
        _opened,
        extra=[Input(ids.part(filter_popover.NAME, "open"), "n_clicks")],
        searching=False,
    )
    _register_period(app, context)
    _register_find(app, context, scope_of)
    _register_apply(app, context, scope_of)


def _opened(ask: Ask) -> list[object]:
    if not ask.values[0]:
        raise PreventUpdate
    return filter_popover.content(ask)


def _view(context: Context, generation: int | None) -> View:
    try:
        return context.reader.view(generation)
    except GenerationGone:
        abort(GONE, "this page was drawn from data that are gone; load it anew")
    except NoGenerationError:
        raise PreventUpdate from None  # nothing is loaded yet, so there is nothing to choose from


def _parsed(view: View, search: str | None) -> Selection:
    return Selection.parse(search or "", view.vocabulary)


def _search_of(selection: Selection) -> str:
    query = selection.query()
    return f"?{query}" if query else ""


def _register_period(app: Dash, context: Context) -> None:
    @app.callback(
        Output(ids.URL, "search", allow_duplicate=True),
        Input("period-apply", "n_clicks"),
        State("period-from", "value"),
        State("period-to", "value"),
        State(ids.URL, "search"),
        State(ids.GENERATION, "data"),
        prevent_initial_call=True,
    )
    def apply_period(
        clicks: int | None,
        first: str | None,
        last: str | None,
        search: str | None,
        generation: int | None,
    ) -> str:
        if not clicks:
            raise PreventUpdate
        selection = _parsed(_view(context, generation), search)
        asked = f"{first or ''}..{last or ''}"
        return _search_of(selection.replacing(period=None if asked == ".." else asked))


def _register_find(app: Dash, context: Context, scope_of: ScopeOf) -> None:
    @app.callback(
        Output({"type": "filter-any", "key": MATCH}, "options"),
        Input({"type": "filter-find", "key": MATCH}, "value"),
        {
            "control": State({"type": "filter-any", "key": MATCH}, "id"),
            "chosen": State({"type": "filter-any", "key": MATCH}, "value"),
            "search": State(ids.URL, "search"),
            "path": State(ids.URL, "pathname"),
            "generation": State(ids.GENERATION, "data"),
        },
        prevent_initial_call=True,
    )
    def find_values(find: str | None, page: dict[str, Any]) -> list[dict[str, object]]:
        view = _view(context, page["generation"])
        key = view.vocabulary.keys.get(page["control"]["key"])
        if key is None:
            raise PreventUpdate
        path = page["path"] or "/"
        selection = scoped(_parsed(view, page["search"]), scope_of(path))
        ask = Ask(context, view, selection, path, None, theme(None))
        return filter_popover.options(ask, key, find or "", page["chosen"] or [])


def _register_apply(app: Dash, context: Context, scope_of: ScopeOf) -> None:
    values = {name: Input({"type": kind, "key": ALL}, "value") for name, kind in CONTROLS.items()}
    owners = {name: State({"type": kind, "key": ALL}, "id") for name, kind in CONTROLS.items()}

    @app.callback(
        output={
            "search": Output(ids.URL, "search", allow_duplicate=True),
            "button": Output("filter-apply", "children"),
        },
        inputs={
            "clicks": Input("filter-apply", "n_clicks"),
            "values": values,
            "owners": owners,
            "q": Input("filter-q", "value"),
            "search": State(ids.URL, "search"),
            "path": State(ids.URL, "pathname"),
            "generation": State(ids.GENERATION, "data"),
        },
        prevent_initial_call="initial_duplicate",
    )
    def apply_filters(**given: Any) -> dict[str, object]:  # noqa: ANN401 - named above
        view = _view(context, given["generation"])
        selection = _parsed(view, given["search"])
        drafts = drafts_of(given["owners"], given["values"])
        asked = compose(view.vocabulary, selection.pairs(), drafts)
        asked["q"] = (given["q"] or "").strip() or None
        wanted = selection.replacing(**asked)
        # A field that is left by pressing the button changes in the same breath.
        pressed = any(t["prop_id"] == "filter-apply.n_clicks" for t in callback_context.triggered)
        if given["clicks"] and pressed:
            return {"search": _search_of(wanted), "button": no_update}
        wanted = scoped(wanted, scope_of(given["path"] or "/"))
        return {"search": no_update, "button": preview(context, view, wanted)}


def preview(context: Context, view: View, wanted: Selection) -> str:
    """What the button of the popover would show."""
    if wanted.ignored:
        first = wanted.ignored[0]
        title = view.vocabulary.keys[first.key].title if first.key in view.vocabulary.keys else ""
        return f"Apply without {title or first.key}: {first.reason}"[:90]
    number = count(view, wanted)
    return f"Show {context.formatter.count(number)} customer{'' if number == 1 else 's'}"


def drafts_of(
    owners: Mapping[str, Sequence[Mapping[str, str]]], values: Mapping[str, Sequence[Any]]
) -> dict[str, Draft]:
    """Drafts by key.

    Parameters
    ----------
    owners : for each part of a draft, the ids of its controls: ``{"type", "key"}``.
    values : their values, in the same order.
    """
    held: dict[str, dict[str, Any]] = {}
    for part in CONTROLS:
        for owner, value in zip(owners[part], values[part], strict=True):
            held.setdefault(owner["key"], {})[part] = value
    return {
        key: Draft(
            tuple(parts.get("values") or ()),
            bool(parts.get("excluded")),
            str(parts.get("low") or ""),
            str(parts.get("high") or ""),
        )
        for key, parts in held.items()
    }
