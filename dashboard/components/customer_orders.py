"""When a customer ordered: the timeline, the same as a table, and the latest orders."""

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Final

from dash import html

from dashboard.components import tables
from dashboard.components.states import State, nothing
from dashboard.figures.customer import MANY, Silence, by_month, timeline
from dashboard.formatting import MISSING, Formatter
from dashboard.panels import Ask, Drawn, Shown
from dashboard.queries import customer as queries

if TYPE_CHECKING:
    import pandas as pd

RECENT: Final = 8
# Said once, by the timeline; the other panels about purchases then leave (50-customer.css).
ABSENT: Final = State("inbox", "No purchases in these data", "", kind="absent")
LONG: Final = 30  # [days] a silence worth shading where no usual gap is known


def orders(ask: Ask, row: queries.Row) -> Drawn | State:
    """The timeline; says what is missing where purchases, their dates or orders are."""
    about, formatter = ask.view.vocabulary.about, ask.context.formatter
    if not about.has_transactions:
        return nothing(
            "No purchases in these data",
            "This workspace holds a table of customers without transactions.",
            mark="calendar-x",
        )
    if not about.has_dates:
        return nothing(
            "The purchases have no dates",
            "A timeline needs the day of each purchase; this ledger has none.",
            mark="calendar-x",
        )
    found = queries.orders(ask.view, row["customer_key"])
    if found.empty:
        return nothing("No order yet", "Known from a customers file only.", mark="calendar-x")
    if not found["revenue"].any():
        return nothing(
            f"Every day adds up to {formatter.money(0, 2)}",
            "What was bought came back on the day it was bought, or nothing was paid for it.",
            mark="arrow-left-right",
        )
    silence = _silence(row, about.as_of, formatter)
    total = formatter.money(float(found["revenue"].sum()), 2)
    summed = f", summed by {'month' if len(found) > MANY else 'day'}"
    number = row["frequency"]
    many = f"{formatter.count(number)} order{'' if number == 1 else 's'}"
    return Drawn(
        timeline(found, silence, ask.theme, word=worded_amount(formatter), until=about.as_of),
        _finding(row, formatter),
        lambda: _order_table(found, formatter),
        sub=f"{many}, {total}{summed}",
    )


def worded_amount(formatter: Formatter) -> Callable[[float], str]:
    """Words an amount of the axis: in cents where it has any, so that no two marks read alike."""
    return lambda value: formatter.money(value, 0 if float(value).is_integer() else 2)


def _silence(row: queries.Row, as_of: date | None, formatter: Formatter) -> Silence | None:
    """The span to shade: only a silence that is longer than this customer's usual one."""
    last, days, gap = row["last_purchased_on"], row["recency_days"], row.get("mean_gap_days")
    if last is None or as_of is None or not days or days <= (gap or LONG):
        return None
    usual = "" if gap is None else f"<br>usual gap: {formatter.days(round(gap))}"
    return Silence(last, as_of, f"{formatter.days(days)} of silence{usual}")


def _finding(row: queries.Row, formatter: Formatter) -> str:
    days, gap = row["recency_days"], row.get("mean_gap_days")
    if days is None:
        return "No purchase yet, refunds only."
    ago = "on the last day of the data" if days == 0 else f"{formatter.days(days)} ago"
    if gap is None:
        return f"The last order was {ago}."
    return f"The last order was {ago}; usually there are {formatter.days(round(gap))} between two."


def _order_table(orders: "pd.DataFrame", formatter: Formatter) -> html.Table:
    """The figure as a table: a line a stem, newest first."""
    monthly = len(orders) > MANY
    shown = (by_month(orders) if monthly else orders).iloc[::-1]
    rows = [
        (formatter.date(day.date()), formatter.money(revenue, 2))
        for day, revenue in zip(shown["purchased_on"], shown["revenue"], strict=True)
    ]
    heads = [tables.Column("Month from" if monthly else "Day"), tables.Column("Amount", True)]
    return tables.table(heads, rows, caption="Orders in time")


def recent(ask: Ask, row: queries.Row) -> Shown | State:
    """The latest orders as a table."""
    formatter = ask.context.formatter
    if not ask.view.vocabulary.about.has_transactions:
        return ABSENT
    rows = queries.recent(ask.view, row["customer_key"], RECENT)
    if not rows:
        return nothing("No order yet", "Known from a customers file only.")
    cells = [
        (
            formatter.date(order["purchased_on"]),
            _what(order, formatter),
            formatter.count(order["lines"]),
            formatter.money(order["amount"], 2),
        )
        for order in rows
    ]
    heads = [
        tables.Column("Day", class_name="nowrap"),
        tables.Column("What"),
        tables.Column("Lines", True),
        tables.Column("Amount", True, "strong"),
    ]
    listed = tables.table(heads, cells, caption="The latest orders, newest first")
    sub = f"the last {formatter.count(len(rows))}" if len(rows) > 1 else None
    return Shown(html.Div(listed, className="table-scroll"), sub=sub)


def _what(order: queries.Row, formatter: Formatter) -> str:
    """``Shoes, Books, Garden and 2 more``."""
    if not order["what"]:
        return MISSING
    more = f" and {formatter.count(order['more'])} more" if order["more"] else ""
    return ", ".join(order["what"]) + more
