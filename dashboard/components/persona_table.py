"""The personas of a selection as a table; each row narrows the selection to its customers."""

from decimal import Decimal

from dashboard.components import html, tables
from dashboard.components.links import go
from dashboard.components.marks import bar, tag
from dashboard.components.trend_panel import moved
from dashboard.panels import Ask
from dashboard.period import is_outside
from dashboard.queries.segments import Share


def narrowed(ask: Ask, slug: str) -> tuple[str, bool]:
    """Where a click on ``slug`` leads: to it, or back to all when it is the only one already."""
    active = ask.selection.pairs().get("persona") == slug
    return ask.href(persona=None if active else slug), active


def persona_table(ask: Ask, found: list[Share]) -> html.Table:
    """Customers, share of revenue, revenue and churn risk by persona."""
    formatter = ask.context.formatter
    has_before = any(share.before is not None for share in found)
    about = ask.view.vocabulary.about
    has_money = about.has_transactions and not is_outside(ask.selection.spans()[0], about)
    columns = [tables.Column("Persona"), tables.Column("Customers", True)]
    if has_money:
        columns += [
            tables.Column("Share of revenue", class_name="wide-only"),
            tables.Column("Revenue", True, "strong"),
        ]
        if has_before:
            columns.append(tables.Column("Change", True, "wide-only"))
    else:
        columns.append(tables.Column("Share of customers", class_name="wide-only"))
    has_churn = any(share.churn_risk is not None for share in found)
    if has_churn:
        columns.append(tables.Column("Churn risk", True))
    most = max([share.revenue for share in found] + [Decimal(0)])
    biggest = max(share.customers for share in found)
    rows = []
    for share in found:
        cells: list[object] = [_name(ask, share), formatter.count(share.customers)]
        if has_money:
            length = float(share.revenue / most) if most > 0 else 0.0
            cells += [bar(length, share.persona.mark if share.persona else 0),
                      formatter.money(share.revenue)]  # fmt: skip
            if has_before:
                cells.append(html.Span(moved(share.revenue, share.before, formatter),
                                       className="muted"))  # fmt: skip
        else:
            mark = share.persona.mark if share.persona else 0
            cells.append(bar(share.customers / biggest, mark))
        if has_churn:
            cells.append(formatter.percent(share.churn_risk, 0))
        rows.append(cells)
    return tables.table(columns, rows, caption="Customers and revenue by persona")


def _name(ask: Ask, share: Share) -> object:
    if share.persona is None:
        href, active = narrowed(ask, "none")
        words: object = html.Span("Without a persona", className="muted")
    else:
        href, active = narrowed(ask, share.persona.slug)
        words = tag(share.persona.mark, share.persona.title)
    extra = {"aria-current": "true"} if active else {}
    return go(words, href, className="row-link", **extra)
