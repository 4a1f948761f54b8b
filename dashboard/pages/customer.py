"""Customer page: who is this, what does she buy, how does she score."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from dash import Dash, Input, html

from dashboard import ids
from dashboard.components import customer as parts
from dashboard.components import marks, tables
from dashboard.components.customer_orders import ABSENT, orders, recent
from dashboard.components.customer_reasons import reasons
from dashboard.components.customer_scores import scores
from dashboard.components.figure import figure_panel
from dashboard.components.icons import icon
from dashboard.components.links import address, go
from dashboard.components.panel import bare, panel
from dashboard.components.shell import menu_button
from dashboard.components.states import State, nothing
from dashboard.components.unscored import without_groups
from dashboard.context import Context
from dashboard.formatting import MISSING
from dashboard.panels import Ask, Panels, Shown
from dashboard.queries import customer as queries
from dashboard.queries.customers import digits as digits_of

TITLE = "Customer"
PATH = "/customers/<customer_id>"
ICON = "person"
FILTERS = False
SIMILAR: Final = 6
SCORES: Final = ("churn_risk", "expected_spend")


def head(context: Context) -> list[object]:
    """The page head is the customer's own: filled like a panel."""
    return [menu_button(), bare("customer-title", "Customer", class_name="customer-title")]


def layout(context: Context) -> list[object]:
    """The page before any data are in it; what a table of customers cannot fill is left out."""
    vocabulary = context.reader.view().vocabulary
    has_purchases = vocabulary.about.has_transactions
    left: list[object] = []
    right: list[object] = [panel("customer-persona", "Persona")]
    if has_purchases:
        name = "Orders of this customer in time"
        left.append(figure_panel("customer-orders", "Orders", name, height=260))
    if has_purchases or vocabulary.keys.keys() & set(SCORES):
        left.append(panel("customer-reasons", "Why these scores", flush=True, bars=(36,) * 5))
    if has_purchases:
        left.append(panel("customer-recent", "Latest orders", flush=True, bars=(36, 36, 36)))
        right.append(panel("customer-words", "In words"))
    left.append(panel("customer-similar", "Similar customers", flush=True, bars=(36, 36)))
    right.append(panel("customer-profile", "Profile"))
    return [
        bare("customer-scores", "Scores", class_name="panel scores-box", bars=(14, 38, 14)),
        html.Div(
            [html.Div(left, className="c8 stack"), html.Div(right, className="c4 stack")],
            className="cols",
        ),
    ]


def register(app: Dash, context: Context) -> None:
    """Attach the page's panels."""
    panels = Panels(app, context, PATH)
    panels.bare("customer-title", _title)
    panels.bare("customer-scores", _known(scores, _unknown))
    panels.figure("customer-orders", _known(orders))
    # After the scores: whoever asks first for reasons waits for the models to be loaded.
    scored = Input(ids.part("customer-scores", "body"), "children")
    panels.html("customer-reasons", _known(reasons), extra=[scored])
    panels.html("customer-recent", _known(recent))
    panels.html("customer-similar", _known(_similar))
    panels.html("customer-persona", _known(_persona))
    panels.html("customer-words", _known(_words))
    panels.html("customer-profile", _known(_profile))


def _row(ask: Ask) -> queries.Row | None:
    """The customer that the address names; all panels ask for her, one query answers."""
    wanted = ask.parameter or ""
    return ask.view.cached(("customer", wanted), lambda: queries.profile(ask.view, wanted))


def _known(
    body: Callable[[Ask, queries.Row], Any], otherwise: Callable[[Ask], State] | None = None
) -> Callable[[Ask], Any]:
    """``body`` for a customer who exists; one panel says it where she does not."""

    def fill(ask: Ask) -> Any:  # noqa: ANN401 - what a panel shows
        row = _row(ask)
        if row is not None:
            return body(ask, row)
        return (otherwise or (lambda _: nothing("Nothing to show", "No such customer.")))(ask)

    return fill


def _unknown(ask: Ask) -> State:
    """No such customer: perhaps one of these was meant."""
    wanted = ask.parameter or ""
    query = ask.selection.query()
    near = queries.nearest(ask.view, wanted)
    listed: list[object] = ["Ids that look like it: "] if near else ["No id looks like it."]
    for place, row in enumerate(near):
        name = f" ({row['name']})" if row["name"] else ""
        link = parts.customer_link({**row, "name": row["customer_id"]}, query)
        listed += [", " if place else "", link, name]
    everybody = go(
        [icon("list-ul"), "All customers"], address("/customers", query), className="btn btn-quiet"
    )
    return State(
        "person-x", f"There is no customer “{wanted[:60]}”", listed, (everybody,), kind="unknown"
    )


def _title(ask: Ask) -> object:
    row = _row(ask)
    back = address("/customers", ask.selection.query())
    crumbs: list[object] = [go("Customers", back)]
    if row is None:
        return [html.Div([_crumbs(crumbs), html.H1("Unknown customer")])]
    place = queries.place(ask.view, ask.selection, row["customer_id"])
    if place:
        formatter = ask.context.formatter
        crumbs.append(f" / row {formatter.count(place.row)} of {formatter.count(place.total)}")
    name: list[Any] = [html.H1(row["name"] or row["customer_id"])]
    if row["name"]:
        name.append(html.Span(row["customer_id"], className="muted small"))
    card = queries.persona(ask.view, row["persona"])
    if card:
        name.append(marks.tag(card["mark"], card["title"]))
    if row["risk_band"]:
        name.append(marks.band(row["risk_band"], "risk_band", "exposure"))
    contact = parts.contact(row)
    if contact:
        name.append(contact)
    return [
        html.Div([_crumbs(crumbs), html.Div(name, className="title-row")]),
        html.Div([*_neighbours(ask, place), _copy()], className="btn-row push wide-only"),
    ]


def _crumbs(items: Sequence[object]) -> html.Nav:
    return html.Nav(items, className="crumbs", **{"aria-label": "You are here"})


def _neighbours(ask: Ask, place: queries.Place | None) -> list[object]:
    """Links to the customers above and below in the list that this page was opened from."""
    if place is None:
        return []
    query = ask.selection.query()
    made: list[object] = []
    for other, name, words in (
        (place.before, "chevron-left", "Previous customer"),
        (place.after, "chevron-right", "Next customer"),
    ):
        if other is not None:
            href = address(parts.customer_path(other), query)
            made.append(go(icon(name), href, className="btn btn-quiet",
                           title=words, **{"aria-label": words}))  # fmt: skip
    return made


def _copy() -> html.Button:
    label = html.Span("Copy link", **{"data-label": "true"})
    return html.Button([icon("link-45deg"), label], type="button", className="btn btn-quiet",
                       **{"data-copy": "true"})  # fmt: skip


def _similar(ask: Ask, row: queries.Row) -> Shown | State:
    vocabulary = ask.view.vocabulary
    names = [
        name
        for name in dict.fromkeys((*SCORES, *vocabulary.columns))
        if name in vocabulary.keys and (name in SCORES or vocabulary.columns[name].is_attribute)
    ][:2]
    rows = queries.similar(ask.view, row["customer_key"], names, SIMILAR)
    if not rows:
        why = "Similar customers are known after a refresh."
        return without_groups(ask, "Not on the map", why, "map")
    cards = {card["persona"]: card for card in queries.personas(ask.view)}
    digits, query = digits_of(ask.view), ask.selection.replacing(page=None).query()
    cells = [
        (
            parts.customer_link(other, query),
            _tag(cards.get(other["persona"])),
            *(_measured(ask, other, name, digits.get(name)) for name in names),
        )
        for other in rows
    ]
    heads = [tables.Column("Customer"), tables.Column("Persona")]
    heads += [tables.Column(vocabulary.columns[name].title, True) for name in names]
    listed = tables.table(heads, cells, caption="Customers nearest on the map")
    return Shown(html.Div(listed, className="table-scroll"), sub="nearest on the map")


def _measured(ask: Ask, row: queries.Row, name: str, digits: int | None) -> str:
    """A value of a similar customer; the churn risk as in the tile above."""
    formatter = ask.context.formatter
    if name == "churn_risk":
        return formatter.percent(row[name], 0)
    return parts.value_in_words(row[name], ask.view.vocabulary.columns[name], formatter, digits)


def _tag(card: queries.Row | None) -> object:
    return marks.tag(card["mark"], card["title"]) if card else MISSING


def _persona(ask: Ask, row: queries.Row) -> Shown | State:
    card = queries.persona(ask.view, row["persona"])
    if card is None:
        if row["frequency"] == 0 and ask.view.vocabulary.about.scores_as_of is not None:
            return nothing("No persona", "Groups are made of those who bought.", mark="people")
        return without_groups(ask, "No persona", "Personas are found by a refresh.", "people")
    formatter = ask.context.formatter
    group = ask.selection.everybody().replacing(persona=card["persona"])
    others = address("/customers", group.query())
    number = formatter.count(card["n_customers"])
    body = html.Div(
        [
            html.P(card["description"]),
            html.Div(
                [
                    icon("lightbulb"),
                    html.Div([html.B(card["action"]), html.Small(card["action_detail"])]),
                ],
                className="act",
            ),
            go(f"All {number} in {card['title']}", others),
        ],
        className="card-words",
    )
    return Shown(body, sub=marks.tag(card["mark"], card["title"]))


def _words(ask: Ask, row: queries.Row) -> Shown | State:
    lines = parts.in_words(row, ask.context.formatter)
    if not lines:
        return ABSENT
    return Shown(parts.sentences(lines))


def _profile(ask: Ask, row: queries.Row) -> Shown | State:
    items = parts.profile_items(
        row, ask.view.vocabulary, ask.context.formatter, digits_of(ask.view)
    )
    if ask.view.vocabulary.about.has_transactions:
        items += parts.habit_items(queries.habits(ask.view, row["customer_key"]))
    if not items:
        return nothing("Nothing is known", "Only purchases were loaded.", mark="person")
    return Shown(parts.pairs(items))
