"""Overview: how are we doing, and who makes the money."""

from pathlib import Path
from typing import Final

from dash import Dash, Input, html

from dashboard.components import one_person, spending, switch, trend_panel
from dashboard.components.bands import BANDS, bands
from dashboard.components.figure import figure_panel
from dashboard.components.key_figures import key_figures
from dashboard.components.links import go
from dashboard.components.nobody import is_nobody, nobody
from dashboard.components.panel import bare, panel
from dashboard.components.persona_table import persona_table
from dashboard.components.states import State, nothing
from dashboard.components.unscored import no_personas
from dashboard.context import Context
from dashboard.panels import Ask, Drawn, Panels, Shown
from dashboard.queries.held_lines import rankable
from dashboard.queries.segments import shares
from dashboard.wording import is_one_persons
from warehouse.shelf import load_command

TITLE = "Overview"
PATH = "/"
ICON = "layout-text-window-reverse"
GROUP = ""

GRAIN: Final = "trend-grain"
DIMENSION: Final = "spending-dimension"


def layout(context: Context) -> list[object]:
    """The page's frame; callbacks fill it. Without purchases, what needs them is left out."""
    view = context.reader.view()
    if is_one_persons(view.vocabulary.about):
        return _ledger(context)
    personas = panel("personas", "Personas", flush=True, bars=(16, 180))
    by_band = panel("bands", "Bands", flush=True, bars=(16, 160))
    if view.vocabulary.about.has_transactions:
        trend = figure_panel("trend", "Revenue", "Revenue over time", height=280)
        left: list[object] = [trend, personas]
        right: list[object] = [by_band]
        if rankable(view):
            right.insert(0, panel("spending", "Spent on", bars=(16, 240)))
    else:
        left, right = [personas], [no_purchases(context.reader.workspace.folder)]
        if BANDS.keys() & view.vocabulary.keys.keys():
            right.insert(0, by_band)
    return _page(left, right)


def _page(left: list[object], right: list[object]) -> list[object]:
    """The board above, the story at the left, what explains it at the right."""
    return [
        switch.store(GRAIN),
        switch.store(DIMENSION),
        bare("kpis", "Key figures", class_name="kpi-region", bars=(180,)),
        html.Div(
            [html.Div(left, className="c8 stack"), html.Div(right, className="c4 stack")],
            className="cols",
        ),
    ]


def _ledger(context: Context) -> list[object]:
    """The frame for the ledger of one person, who is no group and falls into no band."""
    view = context.reader.view()
    left: list[object] = []
    right: list[object] = []
    if view.vocabulary.about.has_dates:
        left.append(figure_panel("trend", "Spent", "Spent over time", height=280))
        left.append(panel("forecast", "Forecast", flush=True, bars=(16, 180)))
        right.append(panel("payments", "Recurring payments", flush=True, bars=(16, 160)))
    if rankable(view):
        right.insert(0, panel("spending", "Spent on", bars=(16, 240)))
    return _page(left, right)


def no_purchases(folder: Path) -> html.Section:
    """Says why the workspace has neither revenue nor trend, and how it gets them."""
    state = nothing(
        "No purchases are loaded",
        ["Revenue, trends and forecasts need them: ", html.Code(load_command(folder))],
    )
    title = html.Div(html.H2("Purchases"), className="panel-head")
    return html.Section([title, state.component()], className="panel")


def register(app: Dash, context: Context) -> None:
    """Attach the page's panels."""
    panels = Panels(app, context, PATH)
    panels.bare("kpis", key_figures)
    panels.figure("trend", _trend, extra=[Input(GRAIN, "data")], drill=True)
    panels.html("personas", _personas)
    panels.html(
        "spending", lambda ask: spending.shown(ask, DIMENSION), extra=[Input(DIMENSION, "data")]
    )
    panels.html("bands", bands)
    panels.html("forecast", one_person.forecast)
    panels.html("payments", one_person.payments)


def _trend(ask: Ask) -> Drawn | State:
    return nobody(ask) if is_nobody(ask) else trend_panel.drawn(ask, ask.selection, GRAIN)


def _personas(ask: Ask) -> Shown | State:
    if is_nobody(ask):
        return nobody(ask)
    found = shares(ask.view, ask.selection)
    if not any(share.persona for share in found):
        return no_personas(ask)
    formatter = ask.context.formatter
    groups = sum(1 for share in found if share.persona)
    customers = formatter.count(sum(share.customers for share in found))
    sub = f"{groups} group{'' if groups == 1 else 's'}, {customers} customers"
    return Shown(
        persona_table(ask, found), sub, aside=go("Compare segments", ask.href("/segments"))
    )
