"""What a part of the map holds: its numbers, what sets it apart, and what the axes mean."""

from collections.abc import Mapping
from typing import Final

from dash import html

from dashboard.components import marks
from dashboard.components.cloud import without_area
from dashboard.components.icons import icon
from dashboard.components.links import go
from dashboard.components.nobody import nobody
from dashboard.components.states import State, nothing
from dashboard.components.unscored import without_groups
from dashboard.formatting import Formatter
from dashboard.panels import Ask, Shown
from dashboard.queries import map as queries
from dashboard.queries.apart import Difference, apart
from dashboard.queries.customer import personas
from dashboard.queries.held import count
from dashboard.selection import Selection
from dashboard.theme import hue

MOST: Final = 6  # differences that are listed


def _outer(ask: Ask) -> Selection:
    """What the selection is a part of: without its area, or everybody where there is none."""
    if ask.selection.box or ask.selection.lasso:
        return without_area(ask.selection)
    return ask.selection.everybody()


def facts_of(ask: Ask) -> Shown | State:
    """The Selection panel: who is in the area, or how to choose one."""
    if ask.selection.is_everybody:
        return Shown(_starts(ask))
    found = queries.facts(ask.view, ask.selection)
    if not found.n:
        return nobody(ask)
    formatter = ask.context.formatter
    whole = formatter.count(count(ask.view, _outer(ask)))
    number = formatter.count(found.n)
    has_area = bool(ask.selection.box or ask.selection.lasso)
    clear = go("Clear", ask.href(box=None, lasso=None), className="btn btn-ghost")
    see = go(
        f"See {number} customer{'' if found.n == 1 else 's'}",
        ask.href("/customers"),
        className="btn btn-primary",
    )
    body = html.Div(
        [
            html.Div(
                [
                    html.B(number, className="big"),
                    html.Span(f"of {whole} customers", className="muted"),
                ],
                className="lead-row",
            ),
            *_mix(ask, found.n),
            _facts(ask, found),
            html.Div(see, className="btn-row"),
        ],
        className="stack gaps",
    )
    return Shown(body, aside=clear if has_area else None)


def _starts(ask: Ask) -> html.Div:
    """Nobody is chosen: draw, or begin with the middle of a group, which needs no mouse."""
    links = []
    for card in personas(ask.view):
        box = queries.middle_of(ask.view, card["persona"])
        if box is not None:
            words = [marks.mark(card["mark"]), card["title"]]
            links.append(html.Li(go(words, ask.href(box=box), className="menu-item start")))
    parts: list[object] = [
        html.P("Drag over the map to select customers, then see who they are here.")
    ]
    if links:
        parts += [html.P("Or begin with the middle half of a group:"), html.Ul(links)]
    return html.Div(parts, className="starts")


def _mix(ask: Ask, total: int) -> list[object]:
    """Personas of the selection as one bar, and the same in words."""
    counts = queries.group_counts(ask.view, ask.selection, "persona")
    cards = [card for card in personas(ask.view) if counts.get(card["persona"])]
    if not cards or not total:
        return []
    cards.sort(key=lambda card: (-counts[card["persona"]], card["mark"]))
    parts = [
        html.I(
            style={
                "flex": str(counts[card["persona"]]),
                "background": f"var(--{hue(card['mark'])})",
            }
        )
        for card in cards
    ]
    words = [
        html.Span(
            [
                marks.mark(card["mark"]),
                card["title"],
                html.B(ask.context.formatter.count(counts[card["persona"]])),
            ]
        )
        for card in cards
    ]
    return [
        html.Div(parts, className="mix", **{"aria-hidden": "true"}),
        html.Div(words, className="key-row"),
    ]


def _facts(ask: Ask, found: queries.Facts) -> html.Dl:
    formatter, about = ask.context.formatter, ask.view.vocabulary.about
    items: list[tuple[str, str]] = []
    if found.expected_spend is not None:
        each = f"{formatter.money(found.expected_spend, 2)} each"
        items.append((f"Expected spend, {about.horizon_days} days", each))
    if found.churn_risk is not None:
        items.append(("Churn risk, average", formatter.percent(found.churn_risk, 0)))
    if found.revenue is not None:
        period = ask.selection.lens.period
        span = "in total" if period.is_all else "in the period"
        words = f", {period.preset[:-1]} days" if period.preset else f" {span}"
        items.append((f"Revenue{words}", formatter.money(found.revenue)))
    if found.reachable is not None:
        share = formatter.percent(found.reachable / found.n, 0)
        items.append(("Reachable", f"{formatter.count(found.reachable)} ({share})"))
    lines: list[object] = []
    for name, value in items:
        lines += [html.Dt(name), html.Dd(value)]
    return html.Dl(lines, className="facts ruled")


def differences(ask: Ask) -> Shown | State:
    """How the selection differs from the rest, feature by feature."""
    if ask.selection.is_everybody:
        return nothing(
            "Nothing is selected",
            "Select customers to see how they differ from the rest.",
            mark="bounding-box",
        )
    inner, outer = ask.selection, _outer(ask)
    inside, whole = count(ask.view, inner), count(ask.view, outer)
    if not inside:
        return nobody(ask)
    if inside == whole:
        return nothing("Everybody is in the selection", "There is no rest to compare with.",
                       mark="bounding-box")  # fmt: skip
    formatter = ask.context.formatter
    found = apart(ask.view, inner, outer)[:MOST]
    if not found:
        why = "Features are known after a refresh."
        return without_groups(ask, "Nothing to compare", why, "bounding-box")
    longest = max(abs(difference.z) for difference in found) or 1.0
    rows = [
        _row(d.title, d.z / longest, formatter.signed(d.z, 2), _means(d, formatter)) for d in found
    ]
    return Shown(
        html.Ul(rows, className="reasons loads"),
        sub=f"against the other {formatter.count(whole - inside)}",
        say=f"{found[0].title}: {_means(found[0], formatter)}.",
    )


def _means(difference: Difference, formatter: Formatter) -> str:
    """``16.9 on average, the others 9.8``."""
    inside, outside = (
        _mean(value, difference.unit, formatter)
        for value in (difference.inside, difference.outside)
    )
    return f"{inside} on average, the others {outside}"


def _mean(value: float, unit: str, formatter: Formatter) -> str:
    if unit == "currency":
        return formatter.money(value, 2)
    if unit == "ratio":
        return formatter.percent(value, 0)
    return formatter.days(round(value)) if unit == "days" else formatter.number(value, 1)


def _row(title: str, share: float, text: str, more: str = "") -> html.Li:
    """A name, a bar from the centre line, a signed number."""
    way = "up" if share >= 0 else "down"
    bar = html.I(className=way, style={"width": f"{abs(share) * 50:.1f}%"})
    return html.Li(
        [
            html.Span(title, title=more or None),
            html.Div(bar, className="push-bar", **{"aria-hidden": "true"}),
            html.Span(text, className="num"),
        ]
    )


def axes_in_words(ask: Ask) -> Shown | State:
    """What each axis is made of."""
    axes = queries.axes(ask.view)
    if not axes:
        return without_groups(ask, "No axes", "They are found by a refresh.", "arrows-move")
    formatter = ask.context.formatter
    ways: Mapping[int, str] = {0: "arrow-right", 1: "arrow-up"}
    columns = []
    for place, axis in enumerate(axes):
        longest = max((abs(weight) for _, weight in axis.loadings), default=1.0) or 1.0
        rows = [
            _row(title, weight / longest, formatter.signed(weight, 2))
            for title, weight in axis.loadings
        ]
        name = html.H3(
            [
                html.Span([icon(ways[place]), axis.title]),
                html.Span(f"{formatter.percent(float(axis.share), 0)} of the differences",
                          className="muted"),
            ],
            className="axis-name",
        )  # fmt: skip
        columns.append(html.Div([name, html.Ul(rows, className="reasons loads")]))
    return Shown(html.Div(columns, className="axes"))
