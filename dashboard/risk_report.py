"""``spendboard report risk`` and ``report exposure``: where the exposure is, and what marks it."""

from collections.abc import Sequence
from typing import Any, Final

from rich.console import Console
from rich.markup import escape

from dashboard.formatting import Formatter
from dashboard.printing import Row, plain_records, records, share, stdout, text_table
from dashboard.queries import risk
from dashboard.reader import View

# What people read on a screen; JSON has all of them.
MOST_VALUES: Final = 20
_DIMENSIONS: Final = {
    "city": ("Cities", "city"),
    "merchant": ("Merchants", "merchant"),
    "country": ("Countries", "country"),
    "account_id": ("Accounts", "account"),
}
_RULES: Final = {
    "high_spend": ("Which purchases are high", "purchases"),
    "high_spenders": ("Which customers are of high exposure", "customers"),
}
_UNSCORED: Final = (
    "There are no risk bands: they take purchases that name a customer, and a `spendboard refresh`."
)
_NOWHERE: Final = "No purchase names a city, a merchant or a country."


def as_json(view: View, name: str) -> dict[str, Any]:
    """The report for machines; ``name`` is ``risk`` or ``exposure``."""
    answer: dict[str, Any] = {
        "schema": 1,
        "report": name,
        "generation": view.number,
        "currency": view.manifest.currency,
    }
    if name == "exposure":
        return answer | {
            "concentration": plain_records(risk.concentration(view)),
            "rows": plain_records(risk.exposure(view)),
        }
    high = plain_records(risk.high_purchases(view))
    return answer | {
        "bands": plain_records(risk.risk_bands(view)),
        "high_purchases": high[0] if high else None,
        "questions": {row.pop("question"): row for row in plain_records(risk.risk_runs(view))},
        "rules": plain_records(risk.risk_rules(view)),
        "amount_estimates": plain_records(risk.amount_estimates(view)),
    }


def show(view: View, name: str) -> None:
    """Print the report for people."""
    console, words = stdout(), Formatter(view.manifest.currency)
    if name == "exposure":
        _exposure(view, words, console)
    else:
        _risk(view, words, console)


def _risk(view: View, words: Formatter, console: Console) -> None:
    bands = records(risk.risk_bands(view))
    if bands:
        columns = ("band", "what it means", "customers", "total spend", "share")
        table = text_table("Exposure by total spend", columns, left=2)
        for row in bands:
            table.add_row(
                row["band"], escape(row["words"]), words.count(row["n_customers"]),
                words.money(row["monetary"], 2), share(row["share"], words),
            )  # fmt: skip
        console.print(table)
    else:
        console.print(_UNSCORED)
    runs = {row["question"]: row for row in records(risk.risk_runs(view))}
    rules = records(risk.risk_rules(view))
    for question in [name for name in _RULES if name in runs]:
        console.print()
        if question == "high_spend":
            _high_purchases(view, words, console)
        mine = [row for row in rules if row["question"] == question]
        _rules(runs[question], mine, words, console)
    if "amount" in runs:
        console.print()
        _amounts(runs["amount"], records(risk.amount_estimates(view)), words, console)


def _high_purchases(view: View, words: Formatter, console: Console) -> None:
    for row in records(risk.high_purchases(view)):
        console.print(
            f"High purchases: {escape(row['words'])} {words.count(row['n_lines'])} of them make"
            f" {share(row['share_of_spend'], words)} of all spend of customers."
        )


def _rules(run: Row, rules: Sequence[Row], words: Formatter, console: Console) -> None:
    """The rules, with what they are worth: how often they held, also where nobody had looked."""
    title, cases = _RULES[run["question"]]
    if not rules:
        console.print(f"{title}: {escape(run['note'] or run['why'])}", soft_wrap=True)
        return
    columns = ("rule", "high", cases, f"high of unseen {cases}", f"unseen {cases}")
    table = text_table(title, columns, left=1)
    for row in rules:
        table.add_row(
            escape(row["rule"]), share(row["share_high"], words), words.count(row["n"]),
            share(row["share_high_unseen"], words), words.count(row["n_unseen"]),
        )  # fmt: skip
    console.print(table)
    console.print(escape(run["note"] or ""), style="dim", soft_wrap=True)


def _amounts(run: Row, estimates: Sequence[Row], words: Formatter, console: Console) -> None:
    """What a purchase is expected to amount to, by merchant, city and account."""
    console.print("What a purchase will amount to", style="bold")
    console.print(escape(run["why"] if run["champion"] else run["note"]), soft_wrap=True)
    if run["champion"] == "mean":
        console.print(f"Expected of every purchase: {words.money(estimates[0]['estimate'], 2)}")
        return
    for dimension, (title, name) in _DIMENSIONS.items():
        mine = [row for row in estimates if row["dimension"] == dimension]
        if not mine:
            continue
        table = text_table(title, (name, "expected", "mean", "purchases"), left=1)
        for row in mine[:MOST_VALUES]:
            table.add_row(
                escape(row["value"]), words.money(row["estimate"], 2),
                words.money(row["mean_amount"], 2), words.count(row["n_lines"]),
            )  # fmt: skip
        console.print(table)
        _cut(len(mine), title, console)


def _exposure(view: View, words: Formatter, console: Console) -> None:
    rows = records(risk.exposure(view))
    if not rows:
        console.print(_NOWHERE)
    for place in records(risk.concentration(view)):
        title, name = _DIMENSIONS[place["dimension"]]
        mine = [row for row in rows if row["dimension"] == place["dimension"]]
        columns = (name, "spend", "share", "customers", "purchases", "its largest customer",
                   "held by high exposure")  # fmt: skip
        table = text_table(title, columns, left=1)
        for row in mine[:MOST_VALUES]:
            table.add_row(
                escape(row["value"] or "not said"), words.money(row["spend"], 2),
                share(row["share"], words), words.count(row["n_customers"]),
                words.count(row["n_lines"]), share(row["top_customer_share"], words),
                share(row["high_risk_share"], words),
            )  # fmt: skip
        console.print(table)
        console.print(_concentration(place, words))
        _cut(len(mine), title, console)
        console.print()


def _concentration(place: Row, words: Formatter) -> str:
    """``5 in all: the largest holds 28 %, the largest five 100 %; HHI 0.22``."""
    top, top5 = (share(place[name], words) for name in ("top_share", "top5_share"))
    said = (
        f"{words.count(place['n_values'])} in all: the largest holds {top}, the largest five"
        f" {top5}; HHI {words.number(place['hhi'], 3)} (1 is one alone,"
        f" {words.number(1 / place['n_values'], 3)} would be all alike)"
    )
    if place["not_said_share"]:
        said += f"; {share(place['not_said_share'], words)} of spend does not say"
    return said


def _cut(n: int, title: str, console: Console) -> None:
    if n > MOST_VALUES:
        console.print(f"{MOST_VALUES} of {n:,} {title.lower()} are shown; --json has all.")
