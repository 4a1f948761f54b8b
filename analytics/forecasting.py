"""The monthly forecast as a step of a refresh: made when there is news, and never forgotten."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

import duckdb
import pandas as pd

from analytics.forecast import Forecast, forecast
from analytics.forecasters import FORECASTERS
from analytics.months import Months, read_months
from analytics.tables import add_scores
from warehouse.progress import Progress

QUESTION: Final = "forecast"


@dataclass(frozen=True)
class Circumstances:
    """Of one refresh: its as-of date, the generation it makes, and the seed of the settings."""

    as_of: date | None
    number: int
    seed: int


def keep_forecast(
    con: duckdb.DuckDBPyConnection, now: Circumstances, *, anew: bool, progress: Progress
) -> None:
    """Forecast the coming months and write that into ``scores``, beside the earlier forecasts.

    Parameters
    ----------
    anew : also where the last forecast saw the same months: its tests were removed, or the models
        were made anew.
    """
    _forget_gone(con, now.as_of)
    months = read_months(con, now.as_of)
    if not anew and _known(con, months):
        return
    with progress.step("Forecasting the months", len(FORECASTERS)) as advance:
        found = forecast(months, now.seed, advance)
    mine = {"question": QUESTION}
    runs = pd.DataFrame([_run(found, now)])
    add_scores(con, "model_runs", mine, runs)
    tested = found.results.assign(
        question=QUESTION,
        is_champion=found.results["candidate"] == found.champion if len(found.results) else [],
    )
    add_scores(con, "backtests", mine, tested)
    if now.as_of is not None:
        # What was said as of this day is said anew; what was said before stays.
        add_scores(con, "forecasts", {"as_of": now.as_of}, found.rows.assign(as_of=now.as_of))


def _forget_gone(con: duckdb.DuckDBPyConnection, as_of: date | None) -> None:
    """Remove what was said of lines that were taken out again: as the latest, it would hold."""
    con.execute(
        """
        delete from scores.forecasts
        where as_of > greatest(
            $as_of::date,
            (
                select max(purchased_on) from core.transactions
                where kind in ('purchase', 'refund')
            )
        )
        """,
        {"as_of": as_of},
    )


def _known(con: duckdb.DuckDBPyConnection, months: Months) -> bool:
    """Whether the last forecast already began behind these months."""
    first = con.execute(
        "select min(month) from scores.forecasts"
        " where as_of = (select max(as_of) from scores.forecasts)"
    ).fetchall()[0][0]
    if first is None or not len(months):
        return False
    return bool((months.values.index[-1] + pd.DateOffset(months=1)).date() == first)


def _run(found: Forecast, now: Circumstances) -> dict[str, object]:
    """The row of scores.model_runs."""
    return {
        "model_id": f"{QUESTION}-{now.number:06d}",
        "question": QUESTION,
        "champion": found.champion,
        "why": found.why,
        "as_of": now.as_of,
        "trained_on": f"{found.n_months} whole months" if found.champion else None,
        "n_rows": found.n_months,
        "horizon_days": None,
        "enough_history": not found.results.empty,
        "note": found.note,
        "created_at": datetime.now(UTC).replace(tzinfo=None),
    }
