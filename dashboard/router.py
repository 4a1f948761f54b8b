"""From the path to a page: the frame of every view, the rail, and the document's title."""

import logging
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType

from dash import Dash, Input, Output, State, html
from dash.exceptions import PreventUpdate

from dashboard import filtering, ids
from dashboard.components import shell, states, trust
from dashboard.components.links import go
from dashboard.context import Context
from dashboard.panels import in_browser, matches, scoped
from dashboard.reader import View
from dashboard.routes import wall
from dashboard.selection import Selection
from dashboard.wording import is_one_persons
from warehouse.errors import SpendboardError

logger = logging.getLogger(__name__)

FindPage = Callable[[str | None], ModuleType | None]


def scopes(find_page: FindPage) -> Callable[[str], Mapping[str, str]]:
    """What a path says of the selection: ``/segments/loyal`` means its persona."""

    def scope_of(path: str) -> Mapping[str, str]:
        page = find_page(path)
        key = getattr(page, "SCOPE", None)
        value = matches(page.PATH, path)[1] if page is not None else None
        return {key: value} if key and value else {}

    return scope_of


def register(app: Dash, context: Context, find_page: FindPage, stops: Sequence[shell.Stop]) -> None:
    """Attach the shell's callbacks."""
    scope_of = scopes(find_page)
    _register_frame(app, context, find_page)
    _register_rail(app, context, find_page, stops)
    filtering.register(app, context, scope_of)
    trust.register(app, context)
    in_browser(app, "theme", Output(ids.THEME, "data"), Input(ids.URL, "id"))
    in_browser(app, "title", Input(ids.TITLE, "data"))
    in_browser(app, "tell", Input(ids.part(ids.FILTERS, "body"), "children"))


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
            return _missing(path)
        try:
            view = context.reader.view()
        except SpendboardError as error:
            logger.warning("no generation to show: %s", error)
            title = f"{page.TITLE} · {shell.BRAND}"
            return [shell.head(page.TITLE), states.no_view(error), None, title, True]
        heading = _heading(page, view, path)
        if heading is None:
            return _missing(path)
        title = " · ".join(dict.fromkeys([heading, page.TITLE, shell.BRAND]))
        head = page.head(context) if hasattr(page, "head") else shell.head(heading)
        hidden = not getattr(page, "FILTERS", True)
        return [head, page.layout(context), view.number, title, hidden]


def _heading(page: ModuleType, view: View, path: str) -> str | None:
    """The page's h1: its title, or what it calls its parameter; None where that is unknown."""
    if not hasattr(page, "heading"):
        return str(page.TITLE)
    heading: str | None = page.heading(view, matches(page.PATH, path)[1])
    return heading


def exists(context: Context, page: ModuleType | None, path: str) -> bool:
    """Whether ``path`` leads to something; without any data nobody can tell, and it does."""
    if page is None:
        return False
    try:
        return _heading(page, context.reader.view(), path) is not None
    except SpendboardError:
        return True


def _missing(path: str) -> list[object]:
    title = f"Page not found · {shell.BRAND}"
    return [shell.head("Page not found"), not_found(path), None, title, True]


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
        fixed = scopes(find_page)(path or "/")
        kept = _kept(context, search, generation, fixed)
        return shell.rail(_useful(context, generation, stops), _stop_of(page, stops), kept)


def _stop_of(page: ModuleType | None, stops: Sequence[shell.Stop]) -> str | None:
    """The rail's entry of ``page``: its own, or the one whose path it lies under."""
    if page is None:
        return None
    own = [stop.path for stop in stops if matches(stop.path, page.PATH)[0]]
    above = [stop.path for stop in stops if stop.path != "/" and page.PATH.startswith(stop.path)]
    return next(iter([*own, *above]), None)


def _useful(
    context: Context, generation: int | None, stops: Sequence[shell.Stop]
) -> list[shell.Stop]:
    """The pages that have something to show: nobody compares the one person of a ledger."""
    try:
        is_ledger = is_one_persons(context.reader.view(generation).vocabulary.about)
    except SpendboardError:
        is_ledger = False
    return [stop for stop in stops if not (is_ledger and stop.compares)]


def _kept(
    context: Context, search: str | None, generation: int | None, fixed: Mapping[str, str]
) -> dict[str, str]:
    """What links to other pages, and to the wall, keep of the selection."""
    try:
        view = context.reader.view(generation)
    except SpendboardError:
        return {"pages": "", "wall": ""}
    selection = scoped(Selection.parse(search or "", view.vocabulary), fixed)
    others = dict.fromkeys(set(selection.pairs()) - wall.KEYS)
    return {"pages": selection.meaning(), "wall": selection.replacing(**others).query()}


def not_found(path: str) -> html.Div:
    """Content of the page for an address that leads nowhere."""
    return states.State(
        "signpost-split",
        f"There is no page at {path[:80]}",
        "The address may be mistyped, or the page may have moved. The menu lists what exists.",
        (go("Go to the overview", "/", className="btn btn-quiet"),),
    ).component(2)
