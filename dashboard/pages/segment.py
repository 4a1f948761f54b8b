"""One persona: what makes this group different, and what to do about it."""

from typing import Any, Final
from urllib.parse import quote

from dash import Dash, Input, html

from dashboard.components import kpi_board, spending, switch, tables, trend_panel
from dashboard.components.figure import figure_panel
from dashboard.components.icons import icon
from dashboard.components.links import go
from dashboard.components.marks import mark
from dashboard.components.nobody import is_nobody, nobody
from dashboard.components.panel import bare, panel
from dashboard.components.persona_card import measure
from dashboard.components.states import State, nothing
from dashboard.context import Context
from dashboard.panels import Ask, Drawn, Panels, Shown
from dashboard.queries import apart, kpis
from dashboard.queries.customers import page as customers_page
from dashboard.queries.segments import Persona, personas
from dashboard.queries.selected import count
from dashboard.reader import View

TITLE = "Segments"
PATH = "/segments/<slug>"
ICON = "people"
SCOPE = "persona"

GRAIN: Final = "segment-grain"
DIMENSION: Final = "segment-dimension"
FIRST: Final = 8
COLUMNS: Final = {
    "recency_days": "Last purchase",
    "churn_risk": "Churn risk",
    "expected_spend": "Expected",
    "spend_in_period": "Spend in period",
}
FEATURES: Final = 8


def heading(view: View, slug: str | None) -> str | None:
    """The persona's name; None for one that does not exist."""
    persona = personas(view).get(slug or "")
    return persona.title if persona else None


def layout(context: Context) -> list[object]:
    """The page's frame; callbacks fill it."""
    del context
    left = html.Div(
        [
            panel("segment-apart", "What sets them apart", flush=True, bars=(16, 220)),
            figure_panel("segment-trend", "Revenue", "Revenue of this group over time",
                         height=240),
            panel("segment-first", "First customers", flush=True, bars=(16, 240)),
        ],
        className="c8 stack",
    )  # fmt: skip
    right = html.Div(
        [
            panel("segment-action", "What to do", bars=(16, 100)),
            panel("segment-spending", "Spent on", bars=(16, 240)),
        ],
        className="c4 stack",
    )
    return [
        switch.store(GRAIN),
        switch.store(DIMENSION),
        bare("segment-about", "Who they are", bars=(40,)),
        bare("segment-kpis", "Key figures", bars=(180,)),
        html.Div([left, right], className="cols"),
    ]


def register(app: Dash, context: Context) -> None:
    """Attach the page's panels."""
    panels = Panels(app, context, PATH, scope=SCOPE)
    panels.bare("segment-about", _about)
    panels.bare("segment-kpis", _kpis)
    panels.html("segment-apart", _apart)
    panels.html("segment-action", _action)
    panels.figure("segment-trend", _trend, extra=[Input(GRAIN, "data")], drill=True)
    panels.html(
        "segment-spending",
        lambda ask: spending.shown(ask, DIMENSION),
        extra=[Input(DIMENSION, "data")],
    )
    panels.html("segment-first", _first)


def _persona(ask: Ask) -> Persona:
    return personas(ask.view)[ask.parameter or ""]


def _about(ask: Ask) -> object:
    """The definition in words."""
    persona = _persona(ask)
    back = go([icon("arrow-left"), "All segments"], ask.href("/segments", persona=None),
              className="small")  # fmt: skip
    words: list[object] = [mark(persona.mark), html.B(persona.description)]
    rule = html.P(f"Found by: {persona.rule}", className="small muted") if persona.rule else None
    return html.Div([html.P(words, className="tag lead"), rule, back], className="about-segment")


def _kpis(ask: Ask) -> object:
    if is_nobody(ask):
        return html.Div(nobody(ask).component(), className="panel")
    made = kpis.board(ask.view, ask.selection, ask.context.settings)
    return kpi_board.board(made, ask.context.formatter)


def _apart(ask: Ask) -> Shown | State:
    if is_nobody(ask):
        return nobody(ask)
    others = ask.selection.replacing(persona=None)
    found = apart.apart(ask.view, ask.selection, others)[:FEATURES]
    if not found:
        return nothing(
            "Nothing to compare with",
            "Everybody in this selection belongs to the group.",
            mark="people",
        )
    most = max(abs(difference.z) for difference in found)
    rows = [_difference(ask, difference, most) for difference in found]
    sub = "against the other selected customers, in standard deviations"
    return Shown(html.Ul(rows, className="reasons"), sub)


def _difference(ask: Ask, difference: apart.Difference, most: float) -> html.Li:
    formatter = ask.context.formatter
    inside = measure(difference.inside, difference.unit, formatter)
    outside = measure(difference.outside, difference.unit, formatter)
    side = "up" if difference.z > 0 else "down"
    width = f"{abs(difference.z) / most * 50:.1f}%"
    return html.Li(
        [
            html.Span([html.B(difference.title, className="medium"), f" {inside}",
                       html.Span(f", others {outside}", className="muted")]),
            html.Span(html.I(className=side, style={"width": width}), className="push-bar",
                      **{"aria-hidden": "true"}),
            html.Span(formatter.signed(difference.z, 1), className="num strong"),
        ]
    )  # fmt: skip


def _action(ask: Ask) -> object:
    persona = _persona(ask)
    number = count(ask.view, ask.selection)
    words = ask.context.formatter.count(number)
    parts: list[object] = [
        html.H3(persona.action, className="action-title"),
        html.P(persona.action_detail, className="small"),
    ]
    if number:
        see = go(f"See all {words}", ask.href("/customers"), className="btn btn-quiet")
        parts.append(html.Div(see, className="btn-row mt"))
    return html.Div(parts)


def _trend(ask: Ask) -> Drawn | State:
    return nobody(ask) if is_nobody(ask) else trend_panel.drawn(ask, ask.selection, GRAIN)


def _first(ask: Ask) -> Shown | State:
    """The biggest spenders of the group, each a link to her page."""
    if is_nobody(ask):
        return nobody(ask)
    ordered = ask.selection.replacing(sort="-spend_in_period", columns=None, page=None)
    columns = [name for name in COLUMNS if name in ask.view.vocabulary.columns]
    rows = []
    for row in customers_page(ask.view, ordered, columns, 0, FIRST):
        identifier = str(row["customer_id"])
        href = ask.href(f"/customers/{quote(identifier, safe='')}")
        name = go(row.get("name") or identifier, href, className="row-link who")
        rows.append([name, *(_words(column, row[column], ask) for column in columns)])
    heads = [tables.Column("Customer")] + [
        tables.Column(COLUMNS[name], True, "strong" if name == "spend_in_period" else "")
        for name in columns
    ]
    number = ask.context.formatter.count(count(ask.view, ask.selection))
    see = go(f"See all {number}", ask.href("/customers", sort="-spend_in_period"))
    sub = "by spend in the period" if "spend_in_period" in columns else None
    return Shown(tables.table(heads, rows, caption="First customers of the group"), sub, aside=see)


def _words(column: str, value: Any, ask: Ask) -> str:  # noqa: ANN401 - the column decides
    """A value of one of :data:`COLUMNS`."""
    formatter = ask.context.formatter
    if column == "recency_days":
        return formatter.number(None) if value is None else f"{formatter.days(value)} ago"
    if column == "churn_risk":
        return formatter.percent(value, 0)
    return formatter.money(value, 2)
