"""Overview: how are we doing, and who makes the money."""

from decimal import Decimal
from typing import Final

from dash import Dash, Input, html

from dashboard.components import kpi_board, switch, trend_panel
from dashboard.components.figure import figure_panel
from dashboard.components.links import go
from dashboard.components.nobody import is_nobody, nobody
from dashboard.components.panel import bare, panel
from dashboard.components.persona_table import persona_table
from dashboard.components.ranking import Line, ranking
from dashboard.components.states import State, nothing
from dashboard.context import Context
from dashboard.panels import Ask, Drawn, Panels, Shown
from dashboard.queries import kpis
from dashboard.queries.facets import Facet, facets
from dashboard.queries.ranking import Rank, rankable
from dashboard.queries.ranking import ranking as ranked
from dashboard.queries.segments import shares

TITLE = "Overview"
PATH = "/"
ICON = "layout-text-window-reverse"
GROUP = ""

GRAIN: Final = "trend-grain"
DIMENSION: Final = "spending-dimension"
MOST_TABS: Final = 3
BANDS: Final = {"churn_band": "Churn band", "value_band": "Value band", "risk_band": "Risk band"}
RISK_WORDS: Final = "exposure by total spend"


def layout(context: Context) -> list[object]:
    """The page's frame; callbacks fill it."""
    del context
    left = html.Div(
        [
            figure_panel("trend", "Revenue", "Revenue over time", height=280),
            panel("personas", "Personas", flush=True, bars=(16, 180)),
        ],
        className="c8 stack",
    )
    right = html.Div(
        [
            panel("spending", "Where it is spent", bars=(16, 240)),
            panel("bands", "Bands", bars=(16, 160)),
        ],
        className="c4 stack",
    )
    return [
        switch.store(GRAIN),
        switch.store(DIMENSION),
        bare("kpis", "Key figures", class_name="kpi-region", bars=(180,)),
        html.Div([left, right], className="cols"),
    ]


def register(app: Dash, context: Context) -> None:
    """Attach the page's panels."""
    panels = Panels(app, context, PATH)
    panels.bare("kpis", _kpis)
    panels.figure("trend", _trend, extra=[Input(GRAIN, "data")], drill=True)
    panels.html("personas", _personas)
    panels.html("spending", _spending, extra=[Input(DIMENSION, "data")])
    panels.html("bands", _bands)


def _kpis(ask: Ask) -> object:
    made = kpis.board(ask.view, ask.selection, ask.context.settings)
    if is_nobody(ask):
        return html.Div(nobody(ask).component(), className="panel")
    return kpi_board.board(made, ask.context.formatter)


def _trend(ask: Ask) -> Drawn | State:
    return nobody(ask) if is_nobody(ask) else trend_panel.drawn(ask, ask.selection, GRAIN)


def _personas(ask: Ask) -> Shown | State:
    if is_nobody(ask):
        return nobody(ask)
    found = shares(ask.view, ask.selection)
    if not any(share.persona for share in found):
        return nothing(
            "No personas yet",
            ["They are found when the customers are scored: ", html.Code("spendboard refresh")],
            mark="people",
        )
    formatter = ask.context.formatter
    groups = sum(1 for share in found if share.persona)
    customers = formatter.count(sum(share.customers for share in found))
    sub = f"{groups} group{'' if groups == 1 else 's'}, {customers} customers"
    return Shown(
        persona_table(ask, found), sub, aside=go("Compare segments", ask.href("/segments"))
    )


def _spending(ask: Ask) -> Shown | State:
    if is_nobody(ask):
        return nobody(ask)
    dimensions = rankable(ask.view)[:MOST_TABS]
    if not dimensions:
        return nothing(
            "Nothing to break down",
            "The purchases carry neither merchants nor categories nor products.",
        )
    chosen = ask.values[0] if ask.values[0] in dimensions else dimensions[0]
    keys = ask.view.vocabulary.keys
    titles = {name: keys[name].title for name in dimensions}
    aside = switch.switch(DIMENSION, titles, chosen, "Break down by") if len(titles) > 1 else None
    ranks = ranked(ask.view, ask.selection, chosen)
    if not ranks:
        return nothing("No purchase in this period", "Choose a longer period above.")
    return Shown(ranking(rank_lines(ask, chosen, ranks)), aside=aside)


def rank_lines(ask: Ask, dimension: str, ranks: list[Rank]) -> list[Line]:
    """Ranks as bars; a click narrows the purchases to the value, a second one widens them."""
    formatter = ask.context.formatter
    total = sum((rank.revenue for rank in ranks), Decimal(0))
    most = max((rank.revenue for rank in ranks if rank.slug), default=Decimal(0))
    present = ask.selection.pairs().get(dimension)
    lines = []
    for rank in ranks:
        share = f"{formatter.percent(rank.revenue / total)} of revenue" if total > 0 else ""
        change = trend_panel.moved(rank.revenue, rank.before, formatter)
        note = f"{share}, {change}" if rank.before is not None else share
        length = float(rank.revenue / most) if most > 0 else 0.0
        if rank.slug is None:
            lines.append(Line("All others", formatter.money(rank.revenue), min(length, 1), note))
            continue
        active = present == rank.slug
        href = ask.href(**{dimension: None if active else rank.slug})
        amount = formatter.money(rank.revenue)
        lines.append(Line(rank.title or "", amount, length, note, href, active))
    return lines


def _bands(ask: Ask) -> Shown | State:
    if is_nobody(ask):
        return nobody(ask)
    keys = ask.view.vocabulary.keys
    found = {name: facets(ask.view, ask.selection, keys[name]) for name in BANDS if name in keys}
    if not found:
        return nothing(
            "No bands yet",
            ["They are set when the customers are scored: ", html.Code("spendboard refresh")],
            mark="bar-chart-steps",
        )
    return Shown(html.Div([_band(ask, name, values) for name, values in found.items()]))


def _band(ask: Ask, name: str, values: list[Facet]) -> html.Div:
    total = sum(facet.customers for facet in values) or 1
    present = ask.selection.pairs().get(name)
    formatter = ask.context.formatter
    lines = [
        Line(
            facet.title,
            formatter.count(facet.customers),
            facet.customers / total,
            formatter.percent(facet.customers / total, 0),
            ask.href(**{name: None if present == facet.slug else facet.slug}),
            present == facet.slug,
        )
        for facet in reversed(values)
    ]
    words = RISK_WORDS if name == "risk_band" else ""
    head = html.H3([BANDS[name], html.Span(words, className="muted")], className="ranking-head")
    return html.Div([head, ranking(lines)])
