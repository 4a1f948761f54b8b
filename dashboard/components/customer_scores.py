"""The row of scores on a customer's page, each with its scale or threshold in words."""

from datetime import date

from dash import html

from dashboard.components import customer as parts
from dashboard.formatting import MISSING
from dashboard.panels import Ask
from dashboard.queries import customer as queries
from dashboard.queries.customers import digits as digits_of
from dashboard.queries.kpis import short_of
from dashboard.queries.segments import too_little

_TILES = 4


def scores(ask: Ask, row: queries.Row) -> html.Div:
    """Churn risk, expected spend, risk band and spend; what the data cannot say is left out."""
    about = ask.view.vocabulary.about
    if not about.has_transactions:
        scored = [_churn(ask, row)] if row["churn_risk"] is not None else []
        scored += [_expected(ask, row)] if row["expected_spend"] is not None else []
        typical = [] if scored and row["persona"] is None else _typical(ask, row)
        tiles = [*scored, *typical[: _TILES - len(scored)]]
        return html.Div(parts.tiles(tiles), className="scores")
    words = queries.threshold(ask.view, "risk", row["risk_band"])
    exposure: list[object] = ["not scored yet"]
    if row["risk_band"] is not None:
        # Without the share of customers that made the cut: the amount says it.
        cut = _bare(words).partition(" (")[0]
        exposure = [cut, html.Br(), "Exposure by total spend, no risk of leaving"]
    tiles = [
        _churn(ask, row),
        _expected(ask, row),
        parts.Tile("Risk band", parts.large_band(row["risk_band"]), exposure),
        _spent(ask, row, about.as_of),
    ]
    return html.Div(parts.tiles(tiles), className="scores")


def _churn(ask: Ask, row: queries.Row) -> parts.Tile:
    about, formatter = ask.view.vocabulary.about, ask.context.formatter
    words = queries.threshold(ask.view, "churn", row["churn_band"])
    band = (row["churn_band"] or "").capitalize() or _unscored(ask, row, "churn_risk")
    note = f"{band}: {_bare(words)[:1].lower()}{_bare(words)[1:]}" if words else band
    return parts.Tile(
        f"Churn risk, next {about.horizon_days} days" if about.has_dates else "Churn risk",
        formatter.percent(row["churn_risk"], 0),
        note,
        row["churn_risk"],
    )


def _expected(ask: Ask, row: queries.Row) -> parts.Tile:
    about, formatter = ask.view.vocabulary.about, ask.context.formatter
    above = queries.rank(ask.view, row["expected_spend"])
    note: list[object] = [_unscored(ask, row, "expected_spend")]
    if above is not None:
        # Rounded down: nobody is expected to spend more than all customers.
        part = int(100 * above)
        note = [f"more than {part} % of customers" if part else "among the lowest of all customers"]
        if row["upper_95"] is not None:
            most = formatter.money(row["upper_95"], 2)
            note += [html.Br(), f"at most {most} with 95 % probability"]
    return parts.Tile(
        f"Expected spend, {about.horizon_days} days" if about.has_dates else "Expected spend",
        formatter.money(row["expected_spend"], 2),
        note,
        above,
    )


def _unscored(ask: Ask, row: queries.Row, name: str) -> str:
    """Why there is no score: too little history, nothing bought, or no refresh that knew her."""
    short = ask.view.vocabulary.withheld.get(name)
    if short:
        return short_of(short)
    if row["frequency"] == 0 and ask.view.vocabulary.about.scores_as_of is not None:
        return "no purchase to score by"
    return "not scored yet"


def _spent(ask: Ask, row: queries.Row, as_of: date | None) -> parts.Tile:
    """Spend of the last year; of all time where the purchases have no dates."""
    formatter = ask.context.formatter
    if as_of is None or not ask.view.vocabulary.about.has_dates:
        orders, spend, label = row["frequency"], row["monetary"], "Spent in total"
    else:
        spend, orders = queries.year(ask.view, row["customer_key"], as_of)
        label = "Spent, 365 days"
    note = f"{formatter.count(orders)} order{'' if orders == 1 else 's'}"
    if orders:
        # Not the average order of the words below, which is that of orders with a positive total.
        note += f", {formatter.money(spend / orders, 2)} each after refunds"
    return parts.Tile(label, formatter.money(spend, 2), note)


def _typical(ask: Ask, row: queries.Row) -> list[parts.Tile]:
    """Without purchases: what sets the customer's persona apart, and where she stands in it."""
    formatter, columns = ask.context.formatter, ask.view.vocabulary.columns
    digits = digits_of(ask.view)
    card = queries.persona(ask.view, row["persona"])
    if card is None:
        why = too_little(ask.view) or "not scored yet: run spendboard refresh"
        return [parts.Tile("Scores", MISSING, why)]

    def words(value: object, name: str) -> str:
        return parts.value_in_words(value, columns[name], formatter, digits.get(name))

    return [
        parts.Tile(
            found["title"],
            words(row[found["feature"]], found["feature"]),
            f"{card['title']} on average: {words(found['mean'], found['feature'])}",
        )
        for found in queries.telling(ask.view, row["persona"], 4)
    ]


def _bare(words: str | None) -> str:
    """A threshold's sentence as a note: without its full stop."""
    return (words or "").rstrip(".")
