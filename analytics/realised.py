"""What came of earlier scores: every forecast is held against what happened once its time is over.

It reads labels of the customers that were scored, which are not those that models learn from.
"""

from datetime import date
from typing import Any, Final

import duckdb
import numpy as np
import pandas as pd

from analytics.metrics import (
    Array,
    calibration_error,
    calibration_error_by_chance,
    churn_metrics,
    normalised_gini,
)
from analytics.tables import add_scores, read_scores

LOWEST_RATIO, HIGHEST_RATIO = 0.8, 1.25
MOST_ECE: Final = 0.05
# With fewer of them a total or a calibration error is large by chance alone.
LEAST_CUSTOMERS: Final = 200
LEAST_BUYERS: Final = 100
# So many standard deviations are no chance any more.
_BEYOND_CHANCE: Final = 3.0


def keep(con: duckdb.DuckDBPyConnection, as_of: date | None) -> None:
    """Bring scores.realised up to date with what is loaded.

    Judged are the scores of scores.history whose horizon ended before the day of ``as_of``, and
    before the last day with a purchase: days that were never loaded tell nothing, and the last one
    may still be incomplete. Where other lines came since, they are judged again.
    """
    last = con.execute(
        "select max(purchased_on) from core.transactions where kind = 'purchase' and amount > 0"
    ).fetchall()[0][0]
    if as_of is None or last is None:
        return
    con.execute("delete from scores.realised where as_of + horizon_days >= $last", {"last": last})
    due = con.execute(
        """
        select distinct as_of, generation, horizon_days
        from scores.history
        where as_of + horizon_days < $until
        order by as_of, generation
        """,
        {"until": min(as_of, last)},
    ).fetchall()
    known = read_scores(con, "realised")
    for said_on, generation, horizon_days in due:
        now = judged(_came(con, said_on, horizon_days))
        before = known[
            (known["as_of"] == pd.Timestamp(said_on)) & (known["generation"] == generation)
        ]
        if len(before) and _is_same(before.iloc[0].to_dict(), now):
            continue
        of = {"as_of": said_on, "generation": generation}
        row = pd.DataFrame([{**of, "horizon_days": horizon_days, **now}])
        add_scores(con, "realised", of, row)


def _is_same(before: dict[Any, Any], now: dict[str, Any]) -> bool:
    """Whether a row says what is found now, but for the last digits."""
    numbers = [name for name, value in now.items() if not isinstance(value, str | None)]
    words = [name for name in now if name not in numbers]
    return all(before[name] == now[name] for name in words) and bool(
        np.allclose(
            [float(before[name]) for name in numbers],
            [float(now[name]) for name in numbers],
            equal_nan=True,
        )
    )


def _came(con: duckdb.DuckDBPyConnection, said_on: date, horizon_days: int) -> pd.DataFrame:
    """Scores of that day beside what became of each customer."""
    return con.execute(
        """
        select
            history.expected_spend::double as expected_spend,
            history.churn_risk,
            greatest(coalesce(spent.future_spend, 0), 0)::double as spent,
            (not again.purchased_again)::double as is_quiet
        from scores.history as history
        join labels.future_spend($said_on, $days) as spent using (customer_key)
        join labels.purchased_again($said_on, $days) as again using (customer_key)
        where history.as_of = $said_on
        order by history.customer_key
        """,
        {"said_on": said_on, "days": horizon_days},
    ).df()


def judged(came: pd.DataFrame) -> dict[str, Any]:
    """One row of scores.realised but for its keys.

    Parameters
    ----------
    came : ``expected_spend`` and ``spent`` in currency, ``churn_risk`` as a probability (either may
        be NaN), ``is_quiet`` 1 where a customer bought nothing.
    """
    found = _counted(came)
    if found["n_spend"]:
        spent, expected = _known(came, "spent", "expected_spend")
        found["ngini"] = normalised_gini(spent, expected)
    if found["n_churn"]:
        found["auc"] = churn_metrics(*_known(came, "is_quiet", "churn_risk"))["auc"]
    return found


def _counted(came: pd.DataFrame) -> dict[str, Any]:
    """What tells whether it was as said."""
    spent, expected = _known(came, "spent", "expected_spend")
    quiet, risk = _known(came, "is_quiet", "churn_risk")
    found: dict[str, Any] = {"n_spend": len(spent), "n_churn": len(risk)}
    if len(spent):
        total = float(spent.sum())
        found |= {
            "expected_spend": float(expected.sum()),
            "actual_spend": total,
            "total_ratio": float(expected.sum()) / total if total else np.nan,
            "spend_level": _spend_level(spent, expected),
        }
    if len(risk):
        found |= {
            "expected_churn": float(risk.mean()),
            "actual_churn": float(quiet.mean()),
            "ece": calibration_error(quiet, risk),
            "churn_level": _churn_level(quiet, risk),
        }
    return found


def _known(came: pd.DataFrame, what: str, said: str) -> tuple[Array, Array]:
    """What came and what was said, of those of whom anything was said."""
    some = came[came[said].notna()]
    return some[what].to_numpy(dtype=float), some[said].to_numpy(dtype=float)


def _spend_level(spent: Array, expected: Array) -> str | None:
    """``few`` where too few bought, or the total is off by no more than single customers bring."""
    total = float(spent.sum())
    if not total:
        return None
    if np.count_nonzero(spent) < LEAST_BUYERS:
        return "few"
    if LOWEST_RATIO <= float(expected.sum()) / total <= HIGHEST_RATIO:
        return "as said"
    error = spent - expected
    by_chance = _BEYOND_CHANCE * float(np.sqrt(np.sum(error**2)))
    return "off" if abs(float(error.sum())) > by_chance else "few"


def _churn_level(quiet: Array, risk: Array) -> str:
    """``few`` where there are few customers, or risks that are exactly right might err as much."""
    if len(risk) < LEAST_CUSTOMERS:
        return "few"
    error = calibration_error(quiet, risk)
    if error <= MOST_ECE:
        return "as said"
    mean, deviation = calibration_error_by_chance(risk)
    return "off" if error > mean + _BEYOND_CHANCE * deviation else "few"
