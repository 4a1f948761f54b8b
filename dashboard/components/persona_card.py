"""A persona as a card: mark and name, one sentence, three facts, what to do, and the way in."""

from decimal import Decimal

from dash import html

from dashboard.components.links import go
from dashboard.components.marks import mark
from dashboard.formatting import Formatter
from dashboard.panels import Ask
from dashboard.queries.segments import Cell, Persona, Share

Fact = tuple[str, str]


def persona_card(
    ask: Ask, share: Share, total: int, cells: list[Cell], width: str = "c4"
) -> html.Article:
    """Card of one persona of the selection.

    Parameters
    ----------
    share : its part of the selection; it has a persona.
    total : customers of the selection.
    cells : its profile, for facts where no purchases tell any.
    width : grid class.
    """
    persona = share.persona
    assert persona is not None
    name = f"card-{persona.slug}"
    return html.Article(
        [
            _head(ask, share, total, name),
            html.P(persona.description, className="say"),
            _facts(facts(ask, share, cells)),
            _action(ask, persona),
        ],
        className=f"panel persona {width}",
        **{"aria-labelledby": name, "data-persona": persona.slug},
    )


def _head(ask: Ask, share: Share, total: int, name: str) -> html.Div:
    """Mark, name, and how much of the selection it is."""
    assert share.persona is not None
    part = ask.context.formatter.percent(share.customers / total if total else None)
    title = [mark(share.persona.mark), html.H3(share.persona.title, id=name)]
    return html.Div(
        [
            html.Div(title, className="tag persona-name"),
            html.Span(f"{part} of selection", className="micro muted push"),
        ],
        className="persona-head",
    )


def _action(ask: Ask, persona: Persona) -> html.Div:
    """What to do, and the way to the persona's own page."""
    words = [
        html.Div(persona.action, className="strong"),
        html.Div(persona.action_detail, className="muted"),
    ]
    button = go(
        ["Open", html.Span(f" {persona.title}", className="visually-hidden")],
        ask.href(f"/segments/{persona.slug}", persona=None),
        className="btn btn-quiet push",
    )
    return html.Div([html.Div(words), button], className="act")


def _facts(found: list[Fact]) -> html.Dl:
    return html.Dl(
        [html.Div([html.Dt(title), html.Dd(value)]) for title, value in found],
        className="facts-row",
    )


def facts(ask: Ask, share: Share, cells: list[Cell]) -> list[Fact]:
    """Customers, spend of each and churn risk; without purchases what sets the persona apart.

    The sentence above them tells medians, these are means: they say so.
    """
    formatter = ask.context.formatter
    found = [("Customers", formatter.count(share.customers))]
    if ask.view.vocabulary.about.has_transactions:
        each = share.revenue / share.customers if share.customers else None
        found.append((f"Spend each{period_words(ask)}", _each(each, formatter)))
    if share.churn_risk is not None:
        found.append(("Churn risk", formatter.percent(share.churn_risk, 0)))
    told = {"churn_risk"} if share.churn_risk is not None else set()
    known = [cell for cell in cells if cell.z is not None and cell.mean is not None
             and cell.feature not in told]  # fmt: skip
    for cell in sorted(known, key=lambda c: -abs(c.z or 0)):
        if len(found) >= 3:
            break
        title = cell.title if cell.unit == "ratio" else f"{cell.title}, average"
        found.append((title, measure(cell.mean, cell.unit, formatter)))
    return found


def _each(value: Decimal | None, formatter: Formatter) -> str:
    small = value is not None and abs(value) < 100
    return formatter.money(value, 2 if small else 0)


def period_words(ask: Ask) -> str:
    """``, 90 days``: the period where it is one of the usual ones."""
    preset = ask.selection.lens.period.preset
    return f", {preset.removesuffix('d')} days" if preset else ""


def measure(value: float | None, unit: str, formatter: Formatter, like: float | None = None) -> str:
    """A feature's mean in its unit, with as many decimals as ``like`` would have, if given."""
    if value is None:
        return formatter.number(None)
    size = abs(value if like is None else like)
    if unit == "currency":
        return formatter.money(value, 2 if size < 100 else 0)
    if unit == "ratio":
        return formatter.percent(value)
    if unit == "days":
        return f"{formatter.number(value)} days"
    return formatter.number(value, 0 if size >= 100 else 1 if size >= 1 else 2)
