"""One persona: what makes this group different, and what to do about it."""

from typing import Any, Final
from urllib.parse import quote

from dash import Dash, Input, html

from dashboard.components import spending, switch, tables, trend_panel
from dashboard.components.figure import figure_panel
from dashboard.components.icons import icon
from dashboard.components.key_figures import key_figures
from dashboard.components.links import go
from dashboard.components.marks import mark
from dashboard.components.nobody import is_nobody, nobody
from dashboard.components.panel import bare, panel
from dashboard.components.persona_card import measure
from dashboard.components.states import State, nothing
from dashboard.context import Context
from dashboard.panels import Ask, Drawn, Panels, Shown
from dashboard.queries import apart
from dashboard.queries.averages import measured
from dashboard.queries.customers import digits
from dashboard.queries.customers import page as customers_page
from dashboard.queries.held import count
from dashboard.queries.held_lines import rankable
from dashboard.queries.segments import Persona, personas
from dashboard.reader import View

TITLE = "Segments"
PATH = "/segments/<slug>"
ICON = "people"
SCOPE = "persona"

GRAIN: Final = "segment-grain"
DIMENSION: Final = "segment-dimension"
FIRST: Final = 8
COLUMNS: Final = {
    "spend_in_period": "Spend in period",
    "recency_days": "Last purchase",
    "churn_risk": "Churn risk",
    "expected_spend": "Expected",
}
FEATURES: Final = 8


def heading(view: View, slug: str | None) -> str | None:
    """The persona's name; None for one that does not exist."""
    persona = personas(view).get(slug or "")
    return persona.title if persona else None


def layout(context: Context) -> list[object]:
    """The page's frame; callbacks fill it. Without purchases, what needs them is left out."""
    view = context.reader.view()
    left: list[object] = [
        panel("segment-apart", "What sets them apart", flush=True, bars=(16, 220)),
        panel("segment-first", "First customers", flush=True, bars=(16, 240)),
    ]
    right: list[object] = [panel("segment-action", "What to do", bars=(16, 100))]
    if view.vocabulary.about.has_transactions:
        label = "Revenue of this group over time"
        left.insert(1, figure_panel("segment-trend", "Revenue", label, height=240))
    if rankable(view):
        right.append(panel("segment-spending", "Spent on", bars=(16, 240)))
    return [
        switch.store(GRAIN),
        switch.store(DIMENSION),
        bare("segment-about", "Who they are", bars=(40,)),
        bare("segment-kpis", "Key figures", bars=(180,)),
        html.Div(
            [html.Div(left, className="c8 stack"), html.Div(right, className="c4 stack")],
            className="cols",
        ),
    ]


def register(app: Dash, context: Context) -> None:
    """Attach the page's panels."""
    panels = Panels(app, context, PATH, scope=SCOPE)
    panels.bare("segment-about", _about)
    panels.bare("segment-kpis", key_figures)
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
    said = html.Div([html.P(words, className="tag lead"), rule])
    return html.Div([said, back], className="about-segment")


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
    sub = "averages against those of the other selected customers, in standard deviations"
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
    """The biggest of the group, by spend or by the file's first column; each leads to her page."""
    if is_nobody(ask):
        return nobody(ask)
    columns = _columns(ask)
    first = next(iter(columns), None)
    ordered = ask.selection.replacing(sort=f"-{first}" if first else None, columns=None, page=None)
    rows = []
    for row in customers_page(ask.view, ordered, list(columns), 0, FIRST):
        identifier = str(row["customer_id"])
        href = ask.href(f"/customers/{quote(identifier, safe='')}")
        name = go(row.get("name") or identifier, href, className="row-link who")
        rows.append([name, *(_words(column, row[column], ask) for column in columns)])
    heads = [tables.Column("Customer")] + [
        tables.Column(title, True, "strong" if name == first else "")
        for name, title in columns.items()
    ]
    number = ask.context.formatter.count(count(ask.view, ask.selection))
    see = go(f"See all {number}", ask.href("/customers", sort=f"-{first}" if first else None))
    sub = f"by {columns[first][:1].lower()}{columns[first][1:]}" if first else None
    return Shown(tables.table(heads, rows, caption="First customers of the group"), sub, aside=see)


def _columns(ask: Ask) -> dict[str, str]:
    """Columns worth showing with their titles: those that the data have, the order's own first."""
    known = ask.view.vocabulary
    if known.about.has_transactions:
        return {name: title for name, title in COLUMNS.items() if name in known.keys}
    return {key.name: key.title for key in measured(ask.view)[:4] if key.name in known.columns}


def _words(column: str, value: Any, ask: Ask) -> str:  # noqa: ANN401 - the column decides
    """A value in the unit of its column."""
    formatter = ask.context.formatter
    if column == "recency_days":
        if value == 0:
            return "last day"
        return formatter.number(None) if value is None else f"{formatter.days(value)} ago"
    if column == "churn_risk":
        return formatter.percent(value, 0)
    unit = ask.view.vocabulary.columns[column].unit
    if unit == "currency":
        return formatter.money(value, 2)
    # The same decimals down a column of the file's own.
    places = digits(ask.view)
    if column in places:
        return formatter.number(value, places[column])
    return measure(None if value is None else float(value), unit, formatter)
