"""Beside the risk bands: what high spending has in common, and what a purchase will amount to.

A step of a refresh, like the monthly forecast: made when models are made, when the thresholds in
the settings moved, and without dates every time.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import duckdb
import numpy as np
import pandas as pd

from analytics.amount_model import AmountModel
from analytics.amounts import Amounts, estimate
from analytics.bands import COLUMNS
from analytics.forecasting import Circumstances
from analytics.frames import KEYS, LABELS, finite
from analytics.high_spend import Cases, Told, tell_apart
from analytics.lines import NUMBERS, WORDS, Lines, amount_above, read_lines
from analytics.risk import TOTAL
from analytics.tables import add_scores, read_scores, write_scores
from warehouse.configuration import Settings
from warehouse.progress import Progress
from warehouse.titles import title_of

LINES, CUSTOMERS, AMOUNT = "high_spend", "high_spenders", "amount"
QUESTIONS: Final = (LINES, CUSTOMERS, AMOUNT)
MOST_CUSTOMERS: Final = 20_000
# A column that orders customers as their total spend does is that total by another name.
TWIN: Final = 0.95
_NOTHING: Final = "No number is better than a guess."


@dataclass(frozen=True)
class _Answer:
    """What is written down of one question; ``champion`` is None where there is no number."""

    question: str
    champion: str | None
    why: str
    note: str | None
    n_rows: int
    results: pd.DataFrame
    rules: pd.DataFrame


def kept_thresholds(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Rows of scores.thresholds that this step wrote: bands of customers leave them alone."""
    rows = read_scores(con, "thresholds")
    return rows[rows["question"].isin(QUESTIONS)]


def keep_risk(
    con: duckdb.DuckDBPyConnection,
    frame: pd.DataFrame,
    now: Circumstances,
    settings: Settings,
    *,
    anew: bool,
    progress: Progress,
) -> AmountModel | None:
    """Learn what tells high spending from the rest, and write it into ``scores``.

    Parameters
    ----------
    frame : features of the customers to learn from, see :func:`analytics.frames.scoring_frame`.
    anew : also where the thresholds are those of before.

    Returns
    -------
    What estimates the amount of a purchase; None where that of before still serves.
    """
    cut = amount_above(con, now.as_of, settings.risk.high_purchase)
    high = _high_total(con)
    thresholds = _thresholds(cut, high, settings)
    if not anew and _quantiles(kept_thresholds(con)) == _quantiles(thresholds):
        return None
    with progress.step("Looking for what tells high spending", len(QUESTIONS)) as advance:
        lines = read_lines(con, now.as_of, now.seed)
        if lines.frame.empty:
            _forget(con)
            return AmountModel(None, "There is no purchase to learn from.")
        of_lines = _answered(_lines(lines, cut), lines.drawn, now.seed)
        advance(1)
        of_customers = _answered(*_customers(frame, high, now.seed), now.seed)
        advance(1)
        found = estimate(lines, now.seed)
        advance(1)
    for question in (LINES, CUSTOMERS):
        mine = thresholds[thresholds["question"] == question]
        add_scores(con, "thresholds", {"question": question}, mine)
    for answer in (of_lines, of_customers, _of_amounts(found, lines)):
        _write(con, answer, now)
    write_scores(con, "amount_estimates", found.estimates)
    return found.model


def _forget(con: duckdb.DuckDBPyConnection) -> None:
    """Without a purchase nothing that was said of purchases before is true any more."""
    for question in QUESTIONS:
        for table in ("thresholds", "model_runs", "backtests", "risk_rules"):
            add_scores(con, table, {"question": question}, pd.DataFrame())
    write_scores(con, "amount_estimates", pd.DataFrame())


def _quantiles(thresholds: pd.DataFrame) -> set[str]:
    """What the thresholds say of the settings: amounts move with every purchase."""
    return {words.partition(" (")[2] for words in thresholds["words"]}


def _high_total(con: duckdb.DuckDBPyConnection) -> float:
    """Total spend above which a customer is of high exposure."""
    found = con.execute(
        "select max(lower) from scores.thresholds where question = 'risk' and band = 'high'"
    ).fetchall()[0][0]
    return np.inf if found is None else float(found)


def _thresholds(cut: float, high: float, settings: Settings) -> pd.DataFrame:
    """When a purchase and a customer count as high, in words: rows of scores.thresholds.

    Parameters
    ----------
    cut, high : the amount and the total spend, in currency; infinite where there is none.
    """
    share = f"about {settings.risk.high_purchase * 100:g} % of the purchases are no larger"
    where = f"{settings.currency} ({share})"
    rows = [
        (LINES, "low", None, cut, f"A purchase of up to {cut:,.2f} {where}."),
        (LINES, "high", cut, None, f"A purchase above {cut:,.2f} {where}."),
    ]
    if np.isfinite(high):
        share = f"about {settings.risk.high * 100:g} % of the customers spent no more"
        words = f"A total spend above {high:,.2f} {settings.currency} ({share})."
        rows.append((CUSTOMERS, "high", high, None, words))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _lines(lines: Lines, cut: float) -> Cases:
    """Purchases of customers, by what they say of themselves."""
    frame = lines.frame[lines.frame["customer_key"].notna()].reset_index(drop=True)
    return Cases(
        LINES,
        frame,
        lines.known(WORDS),
        lines.known(NUMBERS),
        (frame["amount"] > cut).to_numpy().astype(float),
        frame["customer_key"].to_numpy(),
    )


def _customers(frame: pd.DataFrame, high: float, seed: int) -> tuple[Cases, str]:
    """Customers by what they do, whatever it costs; and what is said of the columns left out.

    Parameters
    ----------
    high : total spend above which a customer is of high exposure.
    """
    known = frame[frame[TOTAL].notna()] if TOTAL in frame else frame.assign(**{TOTAL: 0.0}).head(0)
    if len(known) > MOST_CUSTOMERS:
        known = known.sample(MOST_CUSTOMERS, random_state=seed)
    known = known.reset_index(drop=True)
    total = known[TOTAL].to_numpy(dtype=float)
    told = known.select_dtypes("number").columns
    numbers = finite(known, [str(name) for name in told if name not in (*KEYS, *LABELS)])
    plain = [
        name for name in map(str, numbers.columns)
        if not _is_money(name) and numbers[name].notna().mean() >= 0.5
        and numbers[name].nunique() > 1
    ]  # fmt: skip
    of_total = numbers[plain].rank().corrwith(pd.Series(total).rank()).abs()
    twins = [name for name in plain if of_total[name] > TWIN]
    note = f" Left out as twins of total spend: {', '.join(twins)}." if twins else ""
    columns = [name for name in plain if name not in twins]
    is_high = (total > high).astype(float)
    keys = known["customer_key"].to_numpy()
    return Cases(CUSTOMERS, numbers[columns], [], columns, is_high, keys), note


def _is_money(name: str) -> bool:
    """Whether a column is an amount: what it says of total spend goes without saying."""
    return title_of(name)[1] == "currency" or "spend" in name


def _answered(cases: Cases, note: str, seed: int) -> _Answer:
    """What tells high from the rest, or why nothing can."""
    missing = cases.missing()
    n = len(cases.frame)
    if missing:
        return _Answer(cases.question, None, _NOTHING, missing, n, pd.DataFrame(), pd.DataFrame())
    told = tell_apart(cases, seed)
    said = f"{_fidelity(told)}{note}".strip()
    return _Answer(cases.question, told.champion, told.why, said, n, told.results, told.rules)


def _fidelity(told: Told) -> str:
    if told.rules.empty:
        return "No rule of a tree holds better than the plain rate."
    return (
        f"Tree and logistic regression agree on {told.fidelity:.0%} of the unseen cases whether "
        "high is more or less likely than on average."
    )


def _of_amounts(found: Amounts, lines: Lines) -> _Answer:
    n = len(lines.frame)
    if found.champion is None:
        return _Answer(AMOUNT, None, _NOTHING, found.why, n, pd.DataFrame(), pd.DataFrame())
    note = lines.drawn.strip() or None
    return _Answer(AMOUNT, found.champion, found.why, note, n, found.results, pd.DataFrame())


def _write(con: duckdb.DuckDBPyConnection, answer: _Answer, now: Circumstances) -> None:
    """One question in model_runs, backtests and risk_rules."""
    mine = {"question": answer.question}
    run = {
        **mine,
        "model_id": f"{answer.question}-{now.number:06d}",
        "champion": answer.champion,
        "why": answer.why,
        "as_of": now.as_of,
        "trained_on": None,
        "n_rows": answer.n_rows,
        "horizon_days": None,
        "enough_history": answer.champion is not None,
        "note": answer.note,
        "created_at": datetime.now(UTC).replace(tzinfo=None),
    }
    add_scores(con, "model_runs", mine, pd.DataFrame([run]))
    results = answer.results
    if len(results):
        results = results.assign(**mine, is_champion=results["candidate"] == answer.champion)
    add_scores(con, "backtests", mine, results)
    add_scores(con, "risk_rules", mine, answer.rules)
