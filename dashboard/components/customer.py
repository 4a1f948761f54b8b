"""Parts of one customer's page: title, score tiles, sentences, profile, lists."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final
from urllib.parse import quote

from dash import html

from dashboard.components import marks
from dashboard.components.icons import icon
from dashboard.components.links import address, go
from dashboard.formatting import MISSING, Formatter
from dashboard.vocabulary import Column, Vocabulary

Row = Mapping[str, Any]


def customer_path(customer_id: str) -> str:
    """Address of a customer's page; an id may hold anything, slashes and quotes included."""
    if customer_id in (".", ".."):  # browsers would read them as folders, however encoded
        return address("/customers", f"customer_id={customer_id}")
    return f"/customers/{quote(customer_id, safe='')}"


def customer_link(row: Row, query: str = "") -> html.A:
    """A customer's name, or her id where there is none, leading to her page."""
    text = row["name"] or row["customer_id"]
    path = customer_path(row["customer_id"])
    return go(text, path if "?" in path else address(path, query), className="who")


@dataclass(frozen=True)
class Tile:
    """One score: label, value, an optional place on a scale from 0 to 1, a note in words."""

    label: str
    value: object
    note: object
    share: float | None = None
    tone: str = ""


def tiles(items: Iterable[Tile]) -> list[html.Div]:
    """The row of scores."""
    return [
        html.Div(
            [
                html.Div(item.label, className="kpi-label"),
                html.Div(item.value, className=f"kpi-value {item.tone}".strip()),
                html.Div() if item.share is None else scale(item.share),
                html.Div(item.note, className="kpi-note"),
            ],
            className="score",
        )
        for item in items
    ]


def scale(share: float) -> html.Div:
    """A line from 0 to 1 with a tick at ``share``."""
    tick = html.U(style={"left": f"calc({min(1.0, max(0.0, share)) * 100:.1f}% - 1px)"})
    return html.Div(tick, className="span", **{"aria-hidden": "true"})


def large_band(name: str | None) -> object:
    """The band of exposure in the size of a score; it is no judgement, so it has no colour."""
    if name is None:
        return html.Span(MISSING, className="muted")
    step, _ = marks.LEVELS.get(name, (0, ""))
    return html.Span([marks.level(step, "large"), name.capitalize()], className="tag")


def contact(row: Row) -> html.Span | None:
    """Whether she may be contacted, as a pill; nothing where consent is unknown."""
    if row.get("suppressed"):
        return html.Span([icon("slash-circle"), "Suppressed"], className="pill")
    if row.get("consent") is None:
        return None
    if row["consent"]:
        return html.Span([icon("check2"), "May be contacted"], className="pill good")
    return html.Span([icon("slash-circle"), "No consent"], className="pill")


def pairs(items: Iterable[tuple[str, object]]) -> html.Dl:
    """Names and values, one pair a line."""
    lines: list[object] = []
    for name, value in items:
        lines += [html.Dt(name), html.Dd(value)]
    return html.Dl(lines, className="facts ruled")


def sentences(lines: Sequence[object]) -> html.Ul:
    """Facts in words, one a line."""
    return html.Ul([html.Li(line) for line in lines], className="says")


def in_words(row: Row, formatter: Formatter) -> list[str]:
    """What her features say, as sentences; what is not known is left out.

    >>> in_words({"frequency": 0, "recency_days": None}, Formatter("EUR"))
    ['No order yet.']
    """
    made = [_orders(row, formatter), _amounts(row, formatter), _variety(row, formatter)]
    promotion, refunded = row.get("promo_usage_ratio"), row.get("refund_ratio")
    if promotion and promotion >= 0.005:
        made.append(f"{formatter.percent(promotion, 0)} bought on promotion.")
    if refunded and refunded >= 0.005:
        made.append(f"{formatter.percent(refunded, 0)} of the amount came back as refunds.")
    return [sentence for sentence in made if sentence]


def _orders(row: Row, formatter: Formatter) -> str:
    orders, gap = row.get("frequency"), row.get("mean_gap_days")
    if orders is None:
        return ""
    if not orders:
        return "No order yet."
    first = formatter.date(row.get("first_purchased_on"))
    since = "" if first == MISSING else f", the first on {first}"
    if orders == 1:
        return f"One order{'' if first == MISSING else f', on {first}'}."
    usual = "" if gap is None else f", usually {formatter.days(round(gap))} apart"
    return f"{formatter.count(orders)} orders{usual}{since}."


def _amounts(row: Row, formatter: Formatter) -> str:
    average, largest = row.get("avg_order_value"), row.get("max_order_value")
    if average is None:
        return ""
    tail = "" if largest is None else f", the largest {formatter.money(largest, 2)}"
    # Refunds under an order's own id are in its total; those under another one are not.
    apart = ", before separate refunds" if row.get("refund_ratio") else ""
    return f"An average order is {formatter.money(average, 2)}{tail}{apart}."


def _variety(row: Row, formatter: Formatter) -> str:
    number, top = row.get("n_categories"), row.get("top_category")
    if not number or top is None:
        return ""
    if number == 1:
        return f"Buys in one category: {top}."
    share = row.get("top_category_share")
    part = "" if share is None else f" ({formatter.percent(share, 0)})"
    return f"Buys in {formatter.count(number)} categories, mostly {top}{part}."


OF_A_PERSON: Final = (
    "email", "phone", "age", "gender", "home_city", "home_country", "location", "opening_balance",
    "credit_limit", "support_tickets",
)  # fmt: skip


def profile_items(
    row: Row, vocabulary: Vocabulary, formatter: Formatter, digits: Mapping[str, int]
) -> list[tuple[str, object]]:
    """What the customers file says of her; what it leaves open is left out.

    ``digits`` are the decimals of the file's own numbers.
    """
    shown = [vocabulary.columns[name] for name in OF_A_PERSON if name in vocabulary.columns]
    shown += [column for column in vocabulary.columns.values() if column.is_attribute]
    return [
        (
            column.title,
            value_in_words(row[column.name], column, formatter, digits.get(column.name)),
        )
        for column in shown
        if row[column.name] is not None
    ]


def value_in_words(
    value: object, column: Column, formatter: Formatter, digits: int | None = None
) -> str:
    """One value of a list of customers, worded by the unit of its column.

    ``digits`` are the decimals of a number without a unit; ``None`` takes as many as it has.
    """
    if value is None or value != value:  # noqa: PLR0124 - NaN is the value that differs from itself
        return MISSING
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, date):
        return formatter.date(value)
    if not isinstance(value, int | float | Decimal):
        return str(value)
    words = {
        "currency": lambda: formatter.money(value, 2),
        "ratio": lambda: formatter.percent(value),
        "days": lambda: formatter.days(round(value)),
        "coordinate": lambda: formatter.number(value, 2),
    }
    if column.unit in words:
        return words[column.unit]()
    return formatter.exact(value, 2) if digits is None else formatter.number(value, digits)


def habit_items(habits: Row) -> list[tuple[str, object]]:
    """What her purchases say of her."""
    named = (
        ("merchant", "Favourite merchant"),
        ("category", "Favourite category"),
        ("product", "Favourite product"),
        ("payment_method", "Pays by"),
        ("city", "Buys in"),
        ("country", "Country of purchase"),
    )
    return [(title, habits[name]) for name, title in named if habits[name] is not None]
