"""Score tables from a frame and the models that serve."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from analytics.bands import churn_bands, value_bands
from analytics.candidates import Model
from analytics.risk import score as risk_score
from analytics.situation import Situation
from warehouse.configuration import Settings

KEYS = ["customer_key", "customer_id"]


@dataclass
class Scores:
    """Rows of scores.* by table; a table that is missing here is left empty."""

    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    thresholds: list[pd.DataFrame] = field(default_factory=list)

    def add(self, table: str, rows: pd.DataFrame, thresholds: pd.DataFrame) -> None:
        """Put in one table with the cut points of its band."""
        self.tables[table] = rows
        self.thresholds.append(thresholds)


def buyers(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of a scoring frame that have a purchase; the others only returned something."""
    return frame[frame["frequency"] > 0].reset_index(drop=True)


def score(
    frame: pd.DataFrame,
    models: Mapping[str, Model],
    situation: Situation,
    settings: Settings,
) -> Scores:
    """Spend, churn and risk of everybody of whom there is something to say.

    Parameters
    ----------
    frame : a scoring frame with rates.
    models : by question; a question without a model has no rows.

    Returns
    -------
    Spend and churn of those who ever bought, risk of everybody with a transaction.
    """
    scores = Scores()
    bought = buyers(frame)
    keys = bought[KEYS]
    if "spend" in models and len(bought):
        expected = np.round(np.maximum(models["spend"].predict(bought), 0), 2)
        bands, cuts = value_bands(expected, settings.currency, situation.horizon_days)
        scores.add("spend", keys.assign(expected_spend=expected, value_band=bands), cuts)
    if "churn" in models and len(bought):
        risk = np.clip(models["churn"].predict(bought), 0, 1)
        bands, cuts = churn_bands(risk, settings.churn.high)
        scores.add("churn", keys.assign(churn_risk=risk, churn_band=bands), cuts)
    rows, cuts = risk_score(frame, settings.risk, settings.currency)
    if len(rows):
        scores.add("risk", rows, cuts)
    return scores
