"""Why a customer scores as she does: the reasons of the models, in words, with what each does."""

from dash import html

from dashboard import scoring
from dashboard.components import tables
from dashboard.components.states import State, nothing
from dashboard.panels import Ask, Shown
from dashboard.queries import customer as queries

_NOTE = (
    "These are reasons of the model, not causes: they say what it saw in the past, "
    "not what would make this customer act."
)
_ALONE = (
    " This model does not tell of itself: each effect is what the score loses with a typical "
    "customer's value instead, so they need not add up."
)


def reasons(ask: Ask, row: queries.Row) -> Shown | State:
    """The top reasons of expected spend and of churn risk; a sentence where there are none.

    The models are loaded when a first customer is asked for, which takes seconds once.
    """
    workspace = ask.context.reader.workspace
    found = scoring.reasons(ask.view, workspace, row["customer_id"])
    if isinstance(found, str):
        return nothing("No reasons", found, mark="question-circle")
    about = ask.view.vocabulary.about
    ahead = f", {about.horizon_days} days" if about.has_dates else ""
    titles = {"spend": f"Expected spend{ahead}", "churn": f"Churn risk{ahead}"}
    parts: list[object] = [
        html.Div(_table(ask, question, titles[question], why), className="table-scroll")
        for question, why in found.items()
    ]
    note = _NOTE + ("" if all(why.adds_up for why in found.values()) else _ALONE)
    return Shown(html.Div([*parts, html.P(note, className="table-note muted small")]))


def _table(ask: Ask, question: str, title: str, why: scoring.Why) -> html.Table:
    """Reason by reason from an average customer's score to this customer's."""
    formatter = ask.context.formatter

    def amount(value: float) -> str:
        if question == "churn":
            return formatter.percent(value)
        return formatter.money(value, 0 if abs(value) >= 10 else 2)

    def effect(reason: scoring.Reason) -> str:
        if reason.strength:
            return reason.strength
        text = formatter.points(reason.effect) if question == "churn" else amount(reason.effect)
        return f"+{text}" if reason.effect > 0 else text

    rows = [("A customer with average inputs", amount(why.base))] if why.adds_up else []
    code, symbol = f"{formatter.currency} ", formatter.symbol
    rows += [(reason.words.replace(code, symbol), effect(reason)) for reason in why.reasons]
    total = why.base + why.rest.effect + sum(reason.effect for reason in why.reasons)
    foot = None
    if why.adds_up:
        rows.append((why.rest.words, effect(why.rest)))
        foot = ("This customer's score", amount(total))
    heads = [tables.Column(title), tables.Column("Effect", True)]
    return tables.table(heads, rows, caption=f"Reasons: {title}", foot=foot)
