"""What came of earlier scores: every forecast is held against what happened once its time is over.

It reads labels of the customers that were scored, which are not those that models learn from.
"""

from datetime import date
from typing import Final

import duckdb
import numpy as np
import pandas as pd

from analytics.metrics import churn_metrics, spend_metrics
from analytics.tables import add_scores

LOWEST_RATIO, HIGHEST_RATIO = 0.8, 1.25
MOST_ECE: Final = 0.05


def keep(con: duckdb.DuckDBPyConnection, as_of: date | None) -> None:
    """Add to scores.realised the earlier scores whose horizon ended before the day of ``as_of``.

    The last day may still be incomplete, so it does not count. What is there already stays.
    """
    if as_of is None:
        return
    due = con.execute(
        """
        select distinct history.as_of, history.generation, history.horizon_days
        from scores.history as history
        left join scores.realised as realised using (as_of, generation)
        where
            realised.as_of is null
            and history.as_of + history.horizon_days < $as_of
        order by history.as_of, history.generation
        """,
        {"as_of": as_of},
    ).fetchall()
    for said_on, generation, horizon_days in due:
        of = {"as_of": said_on, "generation": generation}
        came = judged(_came(con, said_on, horizon_days))
        row = pd.DataFrame([{**of, "horizon_days": horizon_days, **came}])
        add_scores(con, "realised", of, row)


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


def judged(came: pd.DataFrame) -> dict[str, object]:
    """One row of scores.realised but for its keys.

    Parameters
    ----------
    came : ``expected_spend`` and ``spent`` in currency, ``churn_risk`` as a probability (either may
        be NaN), ``is_quiet`` 1 where a customer bought nothing.
    """
    found: dict[str, object] = {}
    spend = came[came["expected_spend"].notna()]
    found["n_spend"] = len(spend)
    if len(spend):
        metrics = spend_metrics(spend["spent"].to_numpy(), spend["expected_spend"].to_numpy())
        ratio = metrics["total_ratio"]
        found |= {
            "expected_spend": metrics["total_expected"],
            "actual_spend": metrics["total_actual"],
            "total_ratio": ratio,
            "ngini": metrics["ngini"],
        }
        if np.isfinite(ratio):
            found["spend_level"] = "as said" if LOWEST_RATIO <= ratio <= HIGHEST_RATIO else "off"
    churn = came[came["churn_risk"].notna()]
    found["n_churn"] = len(churn)
    if len(churn):
        metrics = churn_metrics(churn["is_quiet"].to_numpy(), churn["churn_risk"].to_numpy())
        found |= {
            "expected_churn": metrics["rate_expected"],
            "actual_churn": metrics["rate_actual"],
            "auc": metrics["auc"],
            "ece": metrics["ece"],
            "churn_level": "as said" if metrics["ece"] <= MOST_ECE else "off",
        }
    return found
