"""How much of the book sits with each customer: bands by quantiles of total spend.

This is exposure, not a verdict on the customer: "high" means that losing her would hurt.
"""

import pandas as pd

from analytics.bands import cut_points, described, levels
from warehouse.configuration import Risk

TOTAL = "monetary"


def score(frame: pd.DataFrame, quantiles: Risk, currency: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Risk bands of everybody with a transaction, and how they were made.

    Parameters
    ----------
    frame : a scoring frame; ``monetary`` is total spend net of refunds, and may be negative.
    quantiles : where the bands meet, from the settings.
    currency : three letters.

    Returns
    -------
    Rows of scores.risk (``customer_key``, ``customer_id``, ``risk_band``), and of
    scores.thresholds. Both are empty where nobody has a transaction.
    """
    known = frame[frame[TOTAL].notna()]
    if known.empty:
        return pd.DataFrame(), pd.DataFrame()
    total = known[TOTAL].to_numpy(dtype=float)
    cuts = cut_points(total, (quantiles.low, quantiles.high))
    why = [
        f"the {each * 100:g} % quantile of total spend" for each in (quantiles.low, quantiles.high)
    ]
    scores = known[["customer_key", "customer_id"]].assign(risk_band=levels(total, cuts))
    return scores, described("risk", f"Total spend in {currency}", cuts, why)
