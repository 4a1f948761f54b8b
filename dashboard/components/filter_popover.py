"""The "+ Filter" popover: one control for every key that the data can answer."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from dash import dcc, html

from dashboard import ids
from dashboard.components.icons import icon
from dashboard.drafts import ends_of
from dashboard.panels import Ask
from dashboard.queries.facets import extents, facets
from dashboard.reader import View
from dashboard.vocabulary import Key

NAME: Final = "filter-popover"
APPLY: Final = "filter-apply"
TYPED: Final = "filter-q"
CHOICE: Final = "filter-choice"  # number of the choice that the controls hold now
COUNT: Final = "filter-count"  # words for the button, and the number of the choice they are of
WAITING: Final = "Show customers"
# Asked for most; the rest follows under "More columns" in the order of the vocabulary.
FIRST: Final = (
    "persona", "risk_band", "churn_band", "value_band", "city", "category", "merchant",
    "payment_method", "monetary", "recency_days",
)  # fmt: skip
# Text is searched for, the map's coordinates are drawn on the map, the cluster is the persona.
LEFT_OUT: Final = frozenset({"pca_1", "pca_2", "cluster", "customer_id", "name", "email", "phone"})
SHORT: Final = 12  # at most this many values stand as a list of boxes
LISTED: Final = 100  # as many are offered by a searched menu at once


def closed() -> html.Details:
    """The button and the empty popover, filled when it is opened."""
    return html.Details(
        [
            html.Summary(
                [icon("plus-lg"), "Filter"],
                className="btn btn-ghost",
                id=ids.part(NAME, "open"),
                n_clicks=0,
            ),
            html.Div(
                [
                    html.Div(
                        html.P("Counting customers", className="muted small menu-wait"),
                        id=ids.part(NAME, "body"),
                    ),
                    dcc.Store(id=ids.part(NAME, "retry")),
                ],
                className="menu-pop wide",
                id=NAME,
            ),
        ],
        className="menu",
        id="filter-menu",
    )


def offered(view: View) -> list[Key]:
    """Keys that the popover offers, the most asked for first."""
    keys = view.vocabulary.keys
    first = [keys[name] for name in FIRST if name in keys]
    rest = [key for name, key in keys.items() if name not in FIRST and name not in LEFT_OUT]
    return first + [key for key in rest if key.kind != "text"]


def content(ask: Ask) -> list[object]:
    """The opened popover."""
    present = ask.selection.pairs()
    keys = [key for key in offered(ask.view) if key.name not in ask.fixed]
    first = [key for key in keys if key.name in FIRST]
    rest = [key for key in keys if key.name not in FIRST]
    groups: list[object] = [_group(ask, key, present.get(key.name)) for key in first]
    if rest:
        more = [_group(ask, key, present.get(key.name)) for key in rest]
        groups.append(html.Div("More columns", className="menu-head"))
        groups.extend(more)
    search = html.Label(
        [
            html.Span("Customer name or id"),
            dcc.Input(id=TYPED, type="search", value=present.get("q", ""),
                      className="form-control", autoComplete="off", maxLength=200),
        ],
        className="filter-search",
    )  # fmt: skip
    foot = html.Div(
        [
            html.Button(WAITING, id=APPLY, type="submit", n_clicks=0,
                        className="btn btn-primary push", **{"aria-busy": "true"}),
            dcc.Store(id=CHOICE),
            dcc.Store(id=COUNT),
        ],
        className="menu-foot",
    )  # fmt: skip
    body = html.Div([search, *groups], className="menu-scroll")
    return [html.Form([body, foot], **{"data-plain": "true"})]


def _group(ask: Ask, key: Key, present: str | None) -> html.Details:
    """One key: its name, what is asked of it now, and its control when it is unfolded."""
    control = (
        _choices(ask, key, present) if key.kind in ("choice", "flag") else _span(ask, key, present)
    )
    return html.Details(
        [
            html.Summary(
                [
                    html.Span(key.title),
                    html.Span(_present(ask, key), className="muted clip push"),
                    icon("chevron-down"),
                ]
            ),
            html.Div(control, className="filter-control"),
        ],
        className="filter-group",
        open=present is not None,
        **{"data-key": key.name},
    )


def _present(ask: Ask, key: Key) -> str:
    """What the selection asks of ``key`` now, in the words of its chip."""
    chips = ask.selection.chips()
    return next((chip.text for chip in chips if chip.key == key.name), "")


def _choices(ask: Ask, key: Key, present: str | None) -> list[object]:
    """Boxes to tick; above a dozen values a field that finds them."""
    excluded = (present or "").startswith("!")
    chosen = [item for item in (present or "").removeprefix("!").split(",") if item]
    control: list[object] = []
    if len(key.choices) > SHORT:
        control.append(
            dcc.Input(
                id={"type": "filter-find", "key": key.name},
                type="search",
                placeholder=f"Find one of {ask.context.formatter.count(key.n_values)}",
                className="form-control",
                autoComplete="off",
                maxLength=100,
            )
        )
    control.append(
        dcc.Checklist(
            id={"type": "filter-any", "key": key.name},
            options=options(ask, key, "", chosen),
            value=chosen,
            className="checks",
        )
    )
    control.append(
        dcc.Checklist(
            id={"type": "filter-not", "key": key.name},
            options=[{"label": "Leave these out instead", "value": "not"}],
            value=["not"] if excluded else [],
            className="checks leave-out",
        )
    )
    return control


def options(ask: Ask, key: Key, find: str, chosen: Sequence[str]) -> list[dict[str, object]]:
    """Values as boxes: the chosen ones first, then those that hold ``find``, with their counts."""
    found = facets(ask.view, ask.selection, key, find.strip())
    needle = find.strip().casefold()
    shown = found
    if len(found) > SHORT:
        first = [f for f in found if f.slug in chosen]
        rest = [f for f in found if f.slug not in chosen and needle in f.title.casefold()]
        shown = [*first, *rest[:LISTED]]
    return [
        {
            "value": f.slug,
            "label": html.Span(
                [
                    html.Span(f.title, className="clip"),
                    html.Span(ask.context.formatter.count(f.customers), className="muted push"),
                ],
                className="check-label",
            ),
            "search": f.title,
        }
        for f in shown
    ]


def _span(ask: Ask, key: Key, present: str | None) -> list[object]:
    """From and to; what is asked beyond one range stays as the address says it."""
    low, high = ends_of(key, present)
    extent = extents(ask.view).get(key.name)
    fields = [
        html.Label(
            [
                html.Span(f"{words}{_unit(ask, key)}"),
                dcc.Input(
                    id={"type": f"filter-{side}", "key": key.name},
                    type="date" if key.kind == "date" else "text",
                    inputMode=None if key.kind == "date" else "decimal",
                    value=value,
                    placeholder=edge,
                    className="form-control",
                    autoComplete="off",
                    maxLength=24,
                ),
            ]
        )
        for side, words, value, edge in (
            ("low", "From", low, _edge(key, extent[0] if extent else None)),
            ("high", "To", high, _edge(key, extent[1] if extent else None)),
        )
    ]
    return [html.Div(fields, className="filter-span")]


def _unit(ask: Ask, key: Key) -> str:
    words = {
        "ratio": ", %",
        "currency": f", {ask.context.formatter.symbol.strip()}",
        "days": ", days",
    }
    return words.get(key.unit, "")


def _edge(key: Key, value: object) -> str:
    """Smallest or largest value in the data, as a hint inside the field."""
    if value is None or isinstance(value, date):
        return ""
    number = Decimal(str(value)) * (100 if key.unit == "ratio" else 1)
    return f"{number.quantize(Decimal('0.01')).normalize():f}"
