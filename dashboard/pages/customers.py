"""Customers page: who exactly. A list over any number of customers, page by page."""

import logging
import secrets
from typing import Any, Final

from dash import ClientsideFunction, Dash, Input, Output, State, html, no_update
from dash.exceptions import PreventUpdate
from flask import abort
from werkzeug.exceptions import HTTPException

from dashboard import ids
from dashboard.components import columns_menu
from dashboard.components import customer_grid as grids
from dashboard.components.nobody import nobody
from dashboard.components.panel import bare
from dashboard.components.states import failed
from dashboard.context import Context
from dashboard.panels import GONE, Ask, Panels, matches
from dashboard.queries import customers as queries
from dashboard.queries.customer import personas
from dashboard.queries.held import count
from dashboard.reader import GenerationGone
from dashboard.selection import Selection
from dashboard.theme import theme
from warehouse.errors import SpendboardError

logger = logging.getLogger(__name__)

TITLE = "Customers"
PATH = "/customers"
ICON = "list-ul"
GROUP = "Customers"
ROWS: Final = "customers-rows"


def layout(context: Context) -> html.Section:
    """The page before any data are in it."""
    return html.Section(
        [
            html.Div(
                [
                    bare("customers-head", "Number and order of the customers"),
                    columns_menu.closed(),
                ],
                className="toolbar",
            ),
            bare(ROWS, "What prevents the list", bars=()),
            html.Div(grids.grid(), className="grid-box", id="customers-box"),
            html.Div(
                [
                    html.Span(id="rows-shown"),  # the grid's script writes into it
                    bare("customers-foot", "Who may be contacted", class_name="push", bars=(12,)),
                ],
                className="grid-foot",
            ),
        ],
        id="customers",
        className="panel grow",
        **{"aria-label": "Customers"},
    )


def register(app: Dash, context: Context) -> None:
    """Attach the page's panels and the grid's source of rows."""
    panels = Panels(app, context, PATH)
    panels.bare("customers-head", _head)
    panels.bare("columns", columns_menu.entries)
    panels.bare("customers-foot", _foot)
    panels.bare(ROWS, _instead)
    _register_columns(app, context)
    _register_rows(app, context)
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("spendboardGrid", "ask"),
        Output("customers-box", "title"),
        Input(ids.URL, "search"),
        Input(ids.part(ROWS, "retry"), "data"),
        prevent_initial_call=True,
    )


def _head(ask: Ask) -> list[object]:
    """How many, and in which order."""
    number = count(ask.view, ask.selection)
    words = [
        html.B(ask.context.formatter.count(number)),
        " customer" if number == 1 else " customers",
    ]
    return [
        html.Span(words, className="nowrap"),
        html.Span(grids.order_in_words(ask.selection), className="muted small clip"),
    ]


def _foot(ask: Ask) -> object:
    """Who may be contacted, where the data say so."""
    number = count(ask.view, ask.selection)
    may = queries.reachable(ask.view, ask.selection)
    if may is None or not number:
        return None
    formatter = ask.context.formatter
    words = f"{formatter.count(may)} may be contacted"
    if number > may:
        words += f"; {formatter.count(number - may)} without consent or address stay out of"
        words += " contact lists"
    return words


def _instead(ask: Ask) -> object:
    """What stands in place of the rows where there are none."""
    if count(ask.view, ask.selection):
        return []
    return nobody(ask)


def _register_columns(app: Dash, context: Context) -> None:
    @app.callback(
        Output(grids.NAME, "columnDefs"),
        Input(ids.URL, "search"),
        State(ids.URL, "pathname"),
        State(ids.GENERATION, "data"),
    )
    def show_columns(search: str | None, path: str | None, generation: int | None) -> Any:  # noqa: ANN401
        try:
            ask = _asked(context, search, path, generation)
        except SpendboardError as error:  # the panels say it
            raise PreventUpdate from error
        return grids.definitions(ask, queries.shown(ask.selection, ask.view.vocabulary))


def _register_rows(app: Dash, context: Context) -> None:
    @app.callback(
        Output(grids.NAME, "getRowsResponse"),
        Output(ids.part(ROWS, "body"), "children", allow_duplicate=True),
        Input(grids.NAME, "getRowsRequest"),
        State(ids.URL, "search"),
        State(ids.URL, "pathname"),
        State(ids.GENERATION, "data"),
        prevent_initial_call=True,
    )
    def send_rows(
        wanted: dict[str, Any] | None,
        search: str | None,
        path: str | None,
        generation: int | None,
    ) -> Any:  # noqa: ANN401 - a response or no_update
        if not wanted:
            return no_update, no_update
        try:
            ask = _asked(context, search, path, generation)
            return _rows(ask, int(wanted["startRow"]), int(wanted["endRow"])), no_update
        except (HTTPException, PreventUpdate):
            raise
        except Exception:
            identifier = f"{secrets.token_hex(2)}-{secrets.token_hex(1)}"
            logger.exception("rows of %s failed, error %s", grids.NAME, identifier)
            message = failed(identifier, ROWS, "These rows could not be read").component()
            return no_update, message


def _asked(context: Context, search: str | None, path: str | None, generation: int | None) -> Ask:
    """The grid's question, as panels ask theirs."""
    if not matches(PATH, path)[0]:
        raise PreventUpdate
    try:
        view = context.reader.view(generation)
    except GenerationGone:
        abort(GONE, "this page was drawn from data that are gone; load it anew")
    return Ask(
        context, view, Selection.parse(search or "", view.vocabulary), PATH, None, theme(None)
    )


def _rows(ask: Ask, start: int, stop: int) -> dict[str, object]:
    """One block of rows, and how many there are in all."""
    names = queries.shown(ask.selection, ask.view.vocabulary)
    cards = {card["persona"]: card for card in personas(ask.view)}
    digits = queries.digits(ask.view)
    key = ("rows", ask.selection.query(), start, stop)
    found = ask.view.cached(key, lambda: queries.page(ask.view, ask.selection, names, start, stop))
    return {
        "rowData": [grids.cells(row, ask, cards, digits) for row in found],
        "rowCount": count(ask.view, ask.selection),
    }
