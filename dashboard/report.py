"""``spendboard report``: where the money goes, as tables for people and JSON for machines."""

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Final

from babel.dates import get_day_names, get_month_names
from rich.console import Console
from rich.markup import escape

from dashboard.formatting import MISSING, Formatter, in_short
from dashboard.printing import Row, change, plain_records, records, share, stdout, text_table
from dashboard.queries import money
from dashboard.reader import View

if TYPE_CHECKING:
    import pandas as pd

MONTHS: Final = 3
# What people read on a screen; JSON has all of them.
MOST_PAYMENTS: Final = 50
_SHADES: Final = " ░▒▓█"
Frames = dict[str, "pd.DataFrame"]


def _frames(view: View, name: str, months: int | None) -> Frames:
    """The frames of a report by the name they have in JSON."""
    if name == "monthly":
        return {"rows": money.monthly_categories(view, months=months)}
    if name == "recurring":
        found = money.recurring_payments(view, most=None)
        return {"rows": found.drop(columns="n_found")}
    if name == "forecast":
        return {"rows": money.monthly_forecasts(view)}
    if name == "payment-modes":
        return {"rows": money.payment_modes(view)}
    return {
        "months": money.months_and_years(view),
        "weekday_hours": money.weekdays_and_hours(view),
    }


def as_json(view: View, name: str, months: int | None = None) -> dict[str, object]:
    """The report for machines: money and ratios as numbers, days in ISO, null for unknown.

    Parameters
    ----------
    name : ``monthly``, ``recurring``, ``seasons``, ``forecast`` or ``payment-modes``.
    months : how many of the latest months the monthly report covers; None for all.
    """
    answer: dict[str, object] = {
        "schema": 1,
        "report": name,
        "generation": view.number,
        "currency": view.manifest.currency,
    }
    return answer | {
        key: plain_records(frame) for key, frame in _frames(view, name, months).items()
    }


def show(view: View, name: str, months: int = MONTHS) -> None:
    """Print the report for people on stdout; parameters as of :func:`as_json`."""
    console = stdout()
    rows = {key: records(frame) for key, frame in _frames(view, name, months).items()}
    if not any(rows.values()):
        console.print(_NOTHING[name])
        return
    _SHOW[name](rows, Formatter(view.manifest.currency), console)


def _monthly(rows: dict[str, list[Row]], words: Formatter, console: Console) -> None:
    by_month: dict[date, list[Row]] = {}
    for row in rows["rows"]:
        by_month.setdefault(row["month"], []).append(row)
    for month, cells in by_month.items():
        partial = ", not all of its days" if cells[0]["is_partial"] else ""
        sold = [row for row in cells if row["n_transactions"]]
        table = text_table(f"{_month(month.month)} {month.year}{partial}", _MONTHLY, left=1)
        for row in sold:
            table.add_row(*_month_cells(row, words))
        total = [sum(row[name] for row in cells) for name in ("spend", "refunds", "net")]
        table.add_row("in all", *(words.money(value, 2) for value in total), style="bold")
        console.print(table)
        idle = [_category(row) for row in cells if not row["n_transactions"]]
        if idle:
            console.print(f"nothing in: {', '.join(idle)}", style="dim", soft_wrap=True)
        console.print()


_MONTHLY: Final = ("category", "spend", "refunds", "net", "share", "on month before",
                   "on year before", "lines", "customers")  # fmt: skip


def _month_cells(row: Row, words: Formatter) -> tuple[str, ...]:
    """One category in one month, in the order of the columns."""
    return (
        _category(row),
        words.money(row["spend"], 2),
        words.money(row["refunds"], 2),
        words.money(row["net"], 2),
        share(row["share_of_month"], words),
        change(row["change_to_month_before"], words),
        change(row["change_to_year_before"], words),
        words.count(row["n_transactions"]),
        words.count(row["n_customers"]),
    )


def _category(row: Row) -> str:
    return _shown(row["category"] or "without a category")


def _shown(name: str) -> str:
    """A name from the data for a table: one line, and none of it markup."""
    return escape(in_short(name))


def _recurring(rows: dict[str, list[Row]], words: Formatter, console: Console) -> None:
    found = rows["rows"]
    several = len({row["customer_id"] for row in found}) > 1
    names = ["payee", *(["customer"] if several else []), "period", "status", "last paid",
             "next due", "amount", "a year", "payments", "confidence"]  # fmt: skip
    table = text_table("Recurring payments", names, left=4 + several)
    for row in found[:MOST_PAYMENTS]:
        table.add_row(
            _shown(row["payee"]),
            *([_shown(row["customer_id"])] if several else []),
            row["period"],
            row["status"],
            words.date(row["last_paid_on"]),
            words.date(row["next_due_on"]),
            words.money(row["typical_amount"], 2),
            words.money(row["yearly_amount"], 2),
            words.count(row["n_payments"]),
            words.percent(row["confidence"], 0),
        )
    console.print(table)
    active = [row["yearly_amount"] for row in found if row["status"] == "active"]
    console.print(
        f"{words.count(len(active))} of {words.count(len(found))} are active:"
        f" {words.money(sum(active), 2)} a year"
    )
    if len(found) > MOST_PAYMENTS:
        console.print(f"The {MOST_PAYMENTS} dearest of {len(found):,} are shown; --json has all.")


def _seasons(rows: dict[str, list[Row]], words: Formatter, console: Console) -> None:
    months = {(row["year"], row["month"]): row for row in rows["months"]}
    numbers = range(1, 13)
    table = text_table(
        "Months against the average month (1.00); a month that is not whole in brackets",
        ["year", *(_month(number)[:3] for number in numbers)],
        left=1,
    )
    for year in sorted({year for year, _ in months}):
        table.add_row(str(year), *(_index(months.get((year, n)), words) for n in numbers))
    console.print(table)
    if not rows["weekday_hours"]:
        console.print("\nNo purchase has a time of day.")
        return
    cells = {(row["weekday"], row["hour"]): row["spend"] for row in rows["weekday_hours"]}
    most = max(cells.values())
    console.print(f"\nSpend by weekday and hour; the darkest hour is {words.money(most, 2)}")
    days = get_day_names("abbreviated", locale="en")
    console.print("     " + "".join(f"{hour:<3d}" for hour in range(24)))
    for weekday in range(1, 8):
        shades = "".join(_shade(cells[weekday, hour], most) * 2 + " " for hour in range(24))
        console.print(f"{days[weekday - 1]:<4} {shades}")


def _shade(value: float, most: float) -> str:
    """A blank for nothing, else one of four shades."""
    return _SHADES[min(4, 1 + int(value * 4 / most))] if value else _SHADES[0]


def _index(row: Row | None, words: Formatter) -> str:
    if row is None:
        return ""
    if row["is_partial"]:
        return f"({words.money(row['spend'], compact=True)})"
    return words.number(row["seasonal_index"], 2)


def _payment_modes(rows: dict[str, list[Row]], words: Formatter, console: Console) -> None:
    columns = ("payment method", "spend", "share", "refunds", "orders", "customers",
               "average order")  # fmt: skip
    table = text_table("Payment modes", columns, left=1)
    for row in rows["rows"]:
        table.add_row(
            _shown(row["payment_method"] or "not said"),
            words.money(row["spend"], 2),
            share(row["share"], words),
            words.money(row["refunds"], 2),
            words.count(row["n_orders"]),
            words.count(row["n_customers"]),
            words.money(row["avg_order"], 2),
        )
    console.print(table)


def _forecast(rows: dict[str, list[Row]], words: Formatter, console: Console) -> None:
    found = rows["rows"]
    months = sorted({row["month"] for row in found})
    names = [f"{_month(month.month)} {month.year}" for month in months]
    without = dict.fromkeys(_shown(_series(row)) for row in found if row["upper"] is None)
    has_some = any(row["upper"] is not None for row in found)
    title = f"Forecast as of {words.date(found[0]['as_of'])}"
    table = text_table(
        f"{title}, with 90 % intervals" if has_some else title, ["category", *names], left=1
    )
    # By what a series is, not by its name: a category may be called "in all".
    by_series: dict[tuple[str, str | None, str], dict[date, str]] = {}
    for row in found:
        key = (row["series"], row["category"], _series(row))
        by_series.setdefault(key, {})[row["month"]] = _expected(row, words)
    for (*_, name), cells in by_series.items():
        table.add_row(_shown(name), *(cells.get(month, MISSING) for month in months))
    console.print(table)
    if without:
        # Steps that are further ahead were tested at fewer months.
        which = ", ".join(without) if has_some else "any series"
        console.print(
            f"No interval where the tests hold fewer than nine errors: {which}.", soft_wrap=True
        )
    console.print(
        f"Who made it: {_makers(found)} (`spendboard models` has the tests).", soft_wrap=True
    )


def _makers(rows: list[Row]) -> str:
    """Who made the categories and the total."""
    total = next((row["model"] for row in rows if row["series"] == "total"), rows[0]["model"])
    parts = next((row["model"] for row in rows if row["series"] != "total"), total)
    return money.served_by(parts, total)


def _series(row: Row) -> str:
    if row["series"] == "category":
        return str(row["category"] or "without a category")
    return "in all" if row["series"] == "total" else "all others"


def _expected(row: Row, words: Formatter) -> str:
    """``120.00 (90.00 to 150.00)``."""
    value = words.money(row["expected"], 2)
    if row["upper"] is None:
        return value
    return f"{value} ({words.money(row['lower'], 2)} to {words.money(row['upper'], 2)})"


def _month(number: int) -> str:
    """``February``."""
    return str(get_month_names("wide", locale="en")[number])


_SHOW: Final[dict[str, Callable[[dict[str, list[Row]], Formatter, Console], None]]] = {
    "monthly": _monthly,
    "recurring": _recurring,
    "seasons": _seasons,
    "payment-modes": _payment_modes,
    "forecast": _forecast,
}
REPORTS: Final = tuple(_SHOW)
_NOTHING: Final = {
    "monthly": "No purchase has a date, so there are no months.",
    "recurring": "No payment recurs: it takes three of them to one payee, in equal steps.",
    "seasons": "No purchase has a date, so there are no seasons.",
    "payment-modes": "There is no purchase.",
    "forecast": "There is no forecast: `spendboard refresh` makes it, from three whole months on.",
}
