"""The row of scores on a customer's page, each with its scale or threshold in words."""

from datetime import date

from dash import html

from dashboard.components import customer as parts
from dashboard.formatting import Formatter
from dashboard.panels import Ask
from dashboard.queries import customer as queries


def scores(ask: Ask, row: queries.Row) -> html.Div:
    """Churn risk, expected spend, risk band and spend; what the data cannot say is left out."""
    about, formatter = ask.view.vocabulary.about, ask.context.formatter
    tiles = []
    if about.has_transactions:
        tiles += [_churn(ask, row), _expected(ask, row)]
    words = queries.threshold(ask.view, "risk", row["risk_band"])
    exposure: list[object] = ["not scored yet"]
    if row["risk_band"] is not None:
        exposure = [_bare(words), html.Br(), "Exposure: how much of the book sits here"]
    tiles.append(parts.Tile("Risk band", parts.large_band(row["risk_band"]), exposure))
    tiles += _spent(ask, row, about.as_of) if about.has_transactions else _balances(row, formatter)
    return html.Div(parts.tiles(tiles), className="scores")


def _churn(ask: Ask, row: queries.Row) -> parts.Tile:
    about, formatter = ask.view.vocabulary.about, ask.context.formatter
    words = queries.threshold(ask.view, "churn", row["churn_band"])
    band = row["churn_band"].capitalize() if row["churn_band"] else "not scored yet"
    note = f"{band}: {_bare(words)[:1].lower()}{_bare(words)[1:]}" if words else band
    return parts.Tile(
        f"Churn risk, next {about.horizon_days} days",
        formatter.percent(row["churn_risk"], 0),
        note,
        row["churn_risk"],
    )


def _expected(ask: Ask, row: queries.Row) -> parts.Tile:
    about, formatter = ask.view.vocabulary.about, ask.context.formatter
    above = queries.rank(ask.view, row["expected_spend"])
    note = (
        "not scored yet"
        if above is None
        else f"more than {formatter.percent(above, 0)} of customers"
    )
    return parts.Tile(
        f"Expected spend, {about.horizon_days} days",
        formatter.money(row["expected_spend"], 2),
        note,
        above,
    )


def _spent(ask: Ask, row: queries.Row, as_of: date | None) -> list[parts.Tile]:
    """Spend of the last year; of all time where the purchases have no dates."""
    formatter = ask.context.formatter
    if as_of is None or not ask.view.vocabulary.about.has_dates:
        orders, spend, label = row["frequency"], row["monetary"], "Spent in total"
    else:
        spend, orders = queries.year(ask.view, row["customer_key"], as_of)
        label = "Spent, 365 days"
    note = f"{formatter.count(orders)} order{'' if orders == 1 else 's'}"
    if orders:
        note += f", average {formatter.money(spend / orders, 2)}"
    return [parts.Tile(label, formatter.money(spend, 2), note)]


def _balances(row: queries.Row, formatter: Formatter) -> list[parts.Tile]:
    """What a table of customers knows of money instead of purchases."""
    named = (("credit_limit", "Credit limit"), ("opening_balance", "Balance"))
    return [
        parts.Tile(title, formatter.money(row[name], 2), "from the customers file")
        for name, title in named
        if row.get(name) is not None
    ]


def _bare(words: str | None) -> str:
    """A threshold's sentence as a note: without its full stop."""
    return (words or "").rstrip(".")
