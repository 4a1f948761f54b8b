"""Overview: how are we doing, and who makes the money."""

from typing import Final

from dash import Dash, Input, html

from dashboard.components import spending, switch, trend_panel
from dashboard.components.figure import figure_panel
from dashboard.components.key_figures import key_figures
from dashboard.components.links import go
from dashboard.components.marks import band, bar
from dashboard.components.nobody import is_nobody, nobody
from dashboard.components.panel import bare, panel
from dashboard.components.persona_table import persona_table
from dashboard.components.states import State, nothing
from dashboard.components.unscored import no_bands, no_personas
from dashboard.context import Context
from dashboard.formatting import Formatter
from dashboard.panels import Ask, Drawn, Panels, Shown
from dashboard.queries.facets import Facet, facets
from dashboard.queries.ranking import rankable
from dashboard.queries.segments import shares
from dashboard.vocabulary import NONE

TITLE = "Overview"
PATH = "/"
ICON = "layout-text-window-reverse"
GROUP = ""

GRAIN: Final = "trend-grain"
DIMENSION: Final = "spending-dimension"
BANDS: Final = {"churn_band": "Churn band", "value_band": "Value band", "risk_band": "Risk band"}
RISK_WORDS: Final = "exposure by total spend"


def layout(context: Context) -> list[object]:
    """The page's frame; callbacks fill it. Without purchases, what needs them is left out."""
    view = context.reader.view()
    personas = panel("personas", "Personas", flush=True, bars=(16, 180))
    bands = panel("bands", "Bands", flush=True, bars=(16, 160))
    if view.vocabulary.about.has_transactions:
        trend = figure_panel("trend", "Revenue", "Revenue over time", height=280)
        left: list[object] = [trend, personas]
        right: list[object] = [bands]
        if rankable(view):
            right.insert(0, panel("spending", "Spent on", bars=(16, 240)))
    else:
        left, right = [personas], [no_purchases()]
        if BANDS.keys() & view.vocabulary.keys.keys():
            right.insert(0, bands)
    return [
        switch.store(GRAIN),
        switch.store(DIMENSION),
        bare("kpis", "Key figures", class_name="kpi-region", bars=(180,)),
        html.Div(
            [html.Div(left, className="c8 stack"), html.Div(right, className="c4 stack")],
            className="cols",
        ),
    ]


def no_purchases() -> html.Section:
    """Says why there is neither revenue nor trend, and how to get them."""
    state = nothing(
        "No purchases are loaded",
        ["Revenue, trends and forecasts need them: ", html.Code("spendboard load orders.csv")],
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
    panels.html("bands", _bands)


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


def _bands(ask: Ask) -> Shown | State:
    if is_nobody(ask):
        return nobody(ask)
    keys = ask.view.vocabulary.keys
    found = {name: facets(ask.view, ask.selection, keys[name]) for name in BANDS if name in keys}
    if not found:
        return no_bands(ask)
    rows = [html.Tbody(_band(ask, name, values)) for name, values in found.items()]
    caption = html.Caption("Customers by band", className="visually-hidden")
    return Shown(html.Table([caption, *rows], className="table-q bands"))


def _band(ask: Ask, name: str, values: list[Facet]) -> list[object]:
    """Rows of one band, highest first; a click narrows to it, a second one widens."""
    total = sum(facet.customers for facet in values) or 1
    present = ask.selection.pairs().get(name)
    formatter = ask.context.formatter
    title: list[object] = [BANDS[name]]
    if name == "risk_band":
        title.append(html.Span(f", {RISK_WORDS}", className="muted"))
    rows: list[object] = [html.Tr(html.Th(title, colSpan=3, scope="rowgroup"))]
    known = [facet for facet in values if facet.slug != NONE]
    for facet in [*reversed(known), *(f for f in values if f.slug == NONE)]:
        active = present == facet.slug
        link = go(
            band(facet.slug, is_judged=name != "value_band")
            if facet.slug != "none"
            else facet.title,
            ask.href(**{name: None if active else facet.slug}),
            className="row-link",
            **({"aria-current": "true"} if active else {}),
        )
        share = facet.customers / total
        cells = [html.Th(link, scope="row"), html.Td(bar(share, 0)),
                 html.Td([formatter.count(facet.customers),
                          html.Span(_percent(share, formatter), className="muted share")],
                         className="num")]  # fmt: skip
        rows.append(html.Tr(cells))
    return rows


def _percent(share: float, formatter: Formatter) -> str:
    """A share without decimals, unless that would make nobody out of a few."""
    return formatter.percent(share, 1 if 0 < share < 0.01 else 0)
