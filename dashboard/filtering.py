"""What the filter bar's own controls do: they change the address, and the address does the rest."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from dash import ALL, MATCH, ClientsideFunction, Dash, Input, Output, State, no_update
from dash.exceptions import PreventUpdate
from flask import abort

from dashboard import ids
from dashboard.components import filter_bar, filter_popover
from dashboard.context import Context
from dashboard.drafts import Draft, compose
from dashboard.panels import GONE, Ask, Panels, ScopeOf, in_browser, scoped
from dashboard.queries.held import count
from dashboard.reader import GenerationGone, View
from dashboard.selection import Selection
from dashboard.theme import theme
from warehouse.errors import NoGenerationError

logger = logging.getLogger(__name__)

# Parts of a draft, and the type of the controls that hold them.
PARTS: Final = (
    ("values", "filter-any"),
    ("excluded", "filter-not"),
    ("low", "filter-low"),
    ("high", "filter-high"),
)


def register(app: Dash, context: Context, scope_of: ScopeOf) -> None:
    """Attach the bar, its popover, and what both apply."""
    panels = Panels(app, context, scope_of=scope_of)
    panels.bare(ids.FILTERS, filter_bar.bar, follows=True, quiet=True)
    panels.bare(
        filter_popover.NAME,
        _opened,
        extra=[Input(ids.part(filter_popover.NAME, "open"), "n_clicks")],
        searching=False,
        waits=True,
    )
    _register_period(app, context)
    _register_find(app, context, scope_of)
    _register_apply(app, context, scope_of)
    _register_button(app)


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
    # By way of a store beside the button: a callback whose output stood there before its button
    # would be asked once with every bar.
    in_browser(
        app,
        "follow",
        Output(ids.URL, "search", allow_duplicate=True),
        Input(filter_bar.ASKED, "data"),
        waits=True,
    )

    @app.callback(
        Output(filter_bar.ASKED, "data"),
        Output(filter_bar.REFUSED, "children"),
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
    ) -> tuple[object, str]:
        if not clicks:
            raise PreventUpdate
        selection = _parsed(_view(context, generation), search)
        asked = f"{first or ''}..{last or ''}"
        wanted = selection.replacing(period=None if asked == ".." else asked)
        refused = next((part.reason for part in wanted.ignored if part.key == "period"), None)
        if refused is not None:  # the address keeps the period that it has
            return no_update, filter_bar.refused(refused)
        return _search_of(wanted), ""


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
    controls = {
        "values": {part: State({"type": kind, "key": ALL}, "value") for part, kind in PARTS},
        "owners": {part: State({"type": kind, "key": ALL}, "id") for part, kind in PARTS},
        "q": State(filter_popover.TYPED, "value"),
        "search": State(ids.URL, "search"),
        "generation": State(ids.GENERATION, "data"),
    }

    @app.callback(
        Output(ids.URL, "search", allow_duplicate=True),
        inputs={"clicks": Input(filter_popover.APPLY, "n_clicks"), "given": controls},
        prevent_initial_call=True,
    )
    def apply_filters(clicks: int | None, given: dict[str, Any]) -> str:
        if not clicks:
            raise PreventUpdate
        return _search_of(_wanted(_view(context, given["generation"]), given))

    @app.callback(
        Output(filter_popover.COUNT, "data"),
        inputs={
            "choice": Input(filter_popover.CHOICE, "data"),
            "path": State(ids.URL, "pathname"),
            "given": controls,
        },
        prevent_initial_call=True,
    )
    def count_choice(
        choice: int | None, path: str | None, given: dict[str, Any]
    ) -> dict[str, object]:
        if choice is None:
            raise PreventUpdate
        view = _view(context, given["generation"])
        fixed = scope_of(path or "/")
        try:
            # What the path overrules is listed on the page; the button counts what is shown there.
            wanted = scoped(_wanted(view, given, without=fixed), fixed)
            words = preview(context, view, wanted)
        except Exception:
            # The button waits for an answer, and a choice can be applied without its number.
            logger.exception("a choice could not be counted")
            words = filter_popover.WAITING
        return {"choice": choice, "words": words}


def _register_button(app: Dash) -> None:
    """A changed choice takes the number off the button at once; only its own count is put there."""
    button = [
        Output(filter_popover.APPLY, "children", allow_duplicate=True),
        Output(filter_popover.APPLY, "aria-busy", allow_duplicate=True),
    ]
    values = [Input({"type": kind, "key": ALL}, "value") for _, kind in PARTS]
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("spendboardFilter", "changed"),
        Output(filter_popover.CHOICE, "data"),
        *button,
        *values,
        Input(filter_popover.TYPED, "value"),
        prevent_initial_call="initial_duplicate",
    )
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("spendboardFilter", "counted"),
        *button,
        Input(filter_popover.COUNT, "data"),
        prevent_initial_call=True,
    )


def _wanted(view: View, given: Mapping[str, Any], without: Iterable[str] = ()) -> Selection:
    """The selection that the controls ask for, on top of the address ``without`` some keys."""
    selection = _parsed(view, given["search"])
    drafts = drafts_of(given["owners"], given["values"])
    asked = compose(view.vocabulary, selection.pairs(), drafts)
    asked["q"] = (given["q"] or "").strip() or None
    asked |= dict.fromkeys(without)
    return selection.replacing(**asked)


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
    for part, _ in PARTS:
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
