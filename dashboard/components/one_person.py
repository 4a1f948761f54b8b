"""The ledger of one person on the Overview: its forecast by category, its recurring payments."""

from typing import Any, Final

from dashboard.components import html, tables
from dashboard.components.states import State, nothing
from dashboard.formatting import MISSING
from dashboard.panels import Ask, Shown
from dashboard.queries.one_person import forecasts, interval, recurring

MOST: Final = 8  # rows of either table; what is beyond them is counted
Row = dict[str, Any]


def forecast(ask: Ask) -> Shown | State:
    """The months to come by category; they add up to the total."""
    rows = forecasts(ask.view)
    if not rows:
        return nothing("No forecast yet", "A refresh makes one: spendboard refresh")
    money = ask.context.formatter.money
    months = list(dict.fromkeys(row["month"] for row in rows))
    by_series: dict[str, list[Row]] = {}
    for row in rows:  # in the order of the first month, the highest first
        by_series.setdefault(_title(row), []).append(row)
    total = by_series.pop(_title({"series": "total"}), None)
    shown = {title: found for title, found in by_series.items() if found[0]["expected"] > 0}
    listed = dict(list(shown.items())[:MOST])
    left = [found for title, found in by_series.items() if title not in listed]
    cells: list[list[object]] = [
        [title, *(money(row["expected"]) for row in found), _interval(ask, found[0])]
        for title, found in listed.items()
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
    return Shown(made, "of the whole ledger, whatever the filters say")


def _title(row: Row) -> str:
    """What a series is called."""
    names = {"total": "In all", "others": "The smallest categories together"}
    return names.get(row["series"]) or row["category"] or "Without a category"


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
            formatter.date(row["next_due_on"]),
            formatter.money(row["typical_amount"], 2),
        ]
        for row in rows[:MOST]
    ]
    sub = f"{len(rows)} still paid" if len(rows) <= MOST else f"{MOST} of {len(rows)} still paid"
    return Shown(tables.table(heads, cells, caption="Recurring payments"), sub)
