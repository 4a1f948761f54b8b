"""Map page: what does the landscape of customers look like, and who is in this part of it."""

from typing import Any, Final

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html
from dash.exceptions import PreventUpdate
from flask import abort

from dashboard import ids
from dashboard.components import cloud, switch
from dashboard.components.area import axes_in_words, differences, facts_of
from dashboard.components.customer import customer_path
from dashboard.components.figure import figure_panel
from dashboard.components.panel import panel
from dashboard.context import Context
from dashboard.panels import GONE, Panels
from dashboard.queries import map as queries
from dashboard.reader import GenerationGone, View
from dashboard.selection import Selection

TITLE = "Map"
PATH = "/map"
ICON = "bullseye"
GROUP = "Customers"
COMPARES = True
DRAWN: Final = "map-drawn"  # the area just drawn, as the URL writes it


def layout(context: Context) -> list[object]:
    """The page before any data are in it."""
    del context
    left = html.Div(
        [
            figure_panel(
                "cloud",
                "Customer map",
                "Customers by how they buy; those who buy alike lie near each other",
                height=460,
                doubleClick="reset",
            ),
            panel("axes", "What the axes mean", bars=(16, 120)),
        ],
        className="c8 stack",
    )
    right = html.Div(
        [panel("chosen", "Selection", bars=(32, 120)), panel("apart", "What sets it apart")],
        className="c4 stack",
    )
    return [
        switch.store(cloud.SHADE),
        switch.store(cloud.TOOL),
        dcc.Store(id=DRAWN),
        html.Div([left, right], className="cols"),
    ]


def register(app: Dash, context: Context) -> None:
    """Attach the page's panels, and what drawing and clicking do."""
    panels = Panels(app, context, PATH)
    chosen = [Input(cloud.SHADE, "data"), Input(cloud.TOOL, "data")]
    panels.figure("cloud", cloud.drawn, extra=chosen)
    panels.html("axes", axes_in_words)
    panels.html("chosen", facts_of)
    panels.html("apart", differences)
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("spendboardMap", "area"),
        Output(DRAWN, "data"),
        Input(ids.graph("cloud"), "selectedData"),
        prevent_initial_call=True,
    )
    _register_drawing(app, context)
    _register_click(app, context)


def _register_drawing(app: Dash, context: Context) -> None:
    @app.callback(
        Output(ids.URL, "search", allow_duplicate=True),
        Input(DRAWN, "data"),
        State(ids.URL, "search"),
        State(ids.GENERATION, "data"),
        prevent_initial_call=True,
    )
    def select_area(area: dict[str, str] | None, search: str | None, generation: int | None) -> str:
        if not area:
            raise PreventUpdate
        selection = Selection.parse(search or "", _view(context, generation).vocabulary)
        keys = {"box": area.get("box"), "lasso": area.get("lasso"), "page": None}
        query = selection.replacing(**keys).query()
        return f"?{query}" if query else ""


def _register_click(app: Dash, context: Context) -> None:
    @app.callback(
        Output(ids.URL, "pathname", allow_duplicate=True),
        Output(ids.graph("cloud"), "clickData"),
        Input(ids.graph("cloud"), "clickData"),
        State(ids.GENERATION, "data"),
        prevent_initial_call=True,
    )
    def open_customer(click: dict[str, Any] | None, generation: int | None) -> tuple[str, None]:
        if not click or not click.get("points"):
            raise PreventUpdate
        key = click["points"][0].get("customdata")
        found = queries.customer_id(_view(context, generation), key)
        if found is None:
            raise PreventUpdate
        return customer_path(found), None


def _view(context: Context, generation: int | None) -> View:
    try:
        return context.reader.view(generation)
    except GenerationGone:
        abort(GONE, "this page was drawn from data that are gone; load it anew")
