"""The ledger of one person on the Overview: its forecast by category, its recurring payments."""

from typing import Any, Final

from dashboard.components import html, tables
from dashboard.components.states import State, nothing
from dashboard.formatting import MISSING, Formatter
from dashboard.panels import Ask, Shown
from dashboard.queries.money import served_by
from dashboard.queries.one_person import age, forecasts, interval, recurring

MOST: Final = 8  # rows of either table; what is beyond them is counted
Row = dict[str, Any]


def forecast(ask: Ask) -> Shown | State:
    """The months to come by category; they add up to the total."""
    rows = forecasts(ask.view)
    if not rows:
        return nothing("No month to come is forecast", "A refresh does it: spendboard refresh")
    money = ask.context.formatter.money
    months = list(dict.fromkeys(row["month"] for row in rows))
    by_series: dict[tuple[str, str | None], list[Row]] = {}
    for row in rows:  # in the order of the first month, the highest first
        by_series.setdefault((row["series"], row["category"]), []).append(row)
    total = by_series.pop(("total", None), None)
    listed = [found for found in by_series.values() if found[0]["expected"] > 0][:MOST]
    left = [found for found in by_series.values() if found not in listed]
    cells: list[list[object]] = [
        [_title(found[0]), *(money(row["expected"]) for row in found), _interval(ask, found[0])]
        for found in listed
    ]
    if left:
        sums = [sum(found[at]["expected"] for found in left) for at in range(len(months))]
        cells.append([f"{len(left)} more", *map(money, sums), ""])
    heads = [tables.Column("Category")]
    classes = ["strong", "", *("wide-only" for _ in months[2:])]
    heads += [tables.Column(f"{month:%b %Y}", True, name)
              for month, name in zip(months, classes, strict=False)]  # fmt: skip
    heads.append(tables.Column(f"90 % interval, {months[0]:%b}", True, "wide-only"))
    foot = None
    if total:
        foot = ["In all", *(money(row["expected"]) for row in total), _interval(ask, total[0])]
    made = tables.table(heads, cells, caption="Forecast by category", foot=foot)
    since = age(ask.view, rows, ask.context.formatter)
    parts = listed[0][0] if listed else rows[0]
    by = served_by(parts["model"], (total or [parts])[0]["model"])
    say = f"Forecast {by}{f', {since}' if since else ''}."
    return Shown(made, "of the whole ledger, whatever the filters say", say=say)


def _title(row: Row) -> str:
    """What a series is called."""
    if row["series"] == "others":
        return "The smallest categories together"
    return row["category"] or "Without a category"


def _interval(ask: Ask, row: Row) -> html.Span:
    return html.Span(interval(row, ask.context.formatter) or MISSING, className="muted")


def payments(ask: Ask) -> Shown | State:
    """What is paid again and again, the next one first."""
    rows = recurring(ask.view)
    if not rows:
        return nothing("Nothing is paid again and again", "No payment keeps a period.")
    formatter = ask.context.formatter
    heads = [tables.Column("Payee", class_name="wraps"), tables.Column("Next due", True),
             tables.Column("Amount", True, "strong")]  # fmt: skip
    cells = [
        [
            html.Span([row["payee"], html.Span(f", {row['period']}", className="muted")]),
            _due(row, formatter),
            formatter.money(row["typical_amount"], 2),
        ]
        for row in rows[:MOST]
    ]
    sub = f"{len(rows)} still paid" if len(rows) <= MOST else f"{MOST} of {len(rows)} still paid"
    sub += ", whatever the filters say"
    return Shown(tables.table(heads, cells, caption="Recurring payments"), sub)


def _due(row: Row, formatter: Formatter) -> str:
    """The day of the next payment; one that did not come is not to be waited for as if it had."""
    day = formatter.date(row["next_due_on"])
    return f"overdue since {day}" if row["status"] == "overdue" else day
