"""From the path to a page: the frame of every view, the rail, and the document's title."""

import logging
from collections.abc import Callable, Sequence
from types import ModuleType

from dash import ClientsideFunction, Dash, Input, Output, State, html
from dash.exceptions import PreventUpdate

from dashboard import ids
from dashboard import filtering
from dashboard.components import shell, states, trust
from dashboard.components.links import go
from dashboard.context import Context
from dashboard.panels import matches
from dashboard.selection import Selection
from warehouse.errors import SpendboardError

logger = logging.getLogger(__name__)

FindPage = Callable[[str | None], ModuleType | None]
WALL_KEYS = frozenset({"persona", "risk_band", "churn_band", "value_band", "city", "home_city",
                       "period", "compare"})  # fmt: skip


def register(app: Dash, context: Context, find_page: FindPage, stops: Sequence[shell.Stop]) -> None:
    """Attach the shell's callbacks."""
    _register_frame(app, context, find_page)
    _register_rail(app, context, find_page, stops)
    filtering.register(app, context)
    trust.register(app, context)
    app.clientside_callback(
        ClientsideFunction("spendboard", "theme"),
        Output(ids.THEME, "data"),
        Input(ids.URL, "id"),
    )
    app.clientside_callback(
        ClientsideFunction("spendboard", "title"),
        Input(ids.TITLE, "data"),
    )


def _register_frame(app: Dash, context: Context, find_page: FindPage) -> None:
    @app.callback(
        Output(ids.part(ids.FRAME, "head"), "children"),
        Output("content", "children"),
        Output(ids.GENERATION, "data"),
        Output(ids.TITLE, "data"),
        Output(ids.part(ids.FILTERS, "box"), "hidden"),
        Input(ids.URL, "pathname"),
    )
    def show_page(path: str | None) -> list[object]:
        if path is None:
            raise PreventUpdate
        page = find_page(path)
        if page is None:
            return [shell.head("Page not found"), not_found(path), None,
                    f"Page not found · {shell.BRAND}", True]  # fmt: skip
        title = f"{page.TITLE} · {shell.BRAND}"
        try:
            generation = context.reader.view().number
        except SpendboardError as error:
            logger.warning("no generation to show: %s", error)
            return [shell.head(page.TITLE), states.no_view(error), None, title, True]
        extras = page.head(context) if hasattr(page, "head") else shell.head(page.TITLE)
        hidden = not getattr(page, "FILTERS", True)
        return [extras, page.layout(context), generation, title, hidden]


def _register_rail(
    app: Dash, context: Context, find_page: FindPage, stops: Sequence[shell.Stop]
) -> None:
    @app.callback(
        Output(ids.RAIL, "children"),
        Input(ids.URL, "pathname"),
        Input(ids.URL, "search"),
        State(ids.GENERATION, "data"),
    )
    def show_rail(path: str | None, search: str | None, generation: int | None) -> list[object]:
        page = find_page(path)
        return shell.rail(stops, _stop_of(page, stops), _kept(context, search, generation))


def _stop_of(page: ModuleType | None, stops: Sequence[shell.Stop]) -> str | None:
    """The rail's entry of ``page``: its own, or the one whose path it lies under."""
    if page is None:
        return None
    own = [stop.path for stop in stops if matches(stop.path, page.PATH)[0]]
    above = [stop.path for stop in stops if stop.path != "/" and page.PATH.startswith(stop.path)]
    return (own or above or [None])[0]


def _kept(context: Context, search: str | None, generation: int | None) -> dict[str, str]:
    """What links to other pages, and to the wall, keep of the selection."""
    try:
        view = context.reader.view(generation)
    except SpendboardError:
        return {"pages": "", "wall": ""}
    selection = Selection.parse(search or "", view.vocabulary)
    others = dict.fromkeys(set(selection.pairs()) - WALL_KEYS)
    return {"pages": selection.meaning(), "wall": selection.replacing(**others).query()}


def not_found(path: str) -> html.Div:
    """Content of the page for an address that leads nowhere."""
    return states.State(
        "signpost-split",
        f"There is no page at {path[:80]}",
        "The address may be mistyped, or the page may have moved. "
        "The pages that exist are listed on the left.",
        (go("Go to the overview", "/", className="btn btn-quiet"),),
    ).component()
