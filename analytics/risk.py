"""How much of the book sits with each customer: bands by quantiles of total spend.

This is exposure, not a verdict on the customer: "high" means that losing her would hurt.
"""

import pandas as pd

from analytics.bands import cut_points, described
from analytics.metrics import Array
from warehouse.configuration import Risk

TOTAL = "monetary"


def risk_cuts(total: Array, quantiles: Risk, currency: str) -> tuple[list[float], pd.DataFrame]:
    """Where risk bands are cut, and the rows of scores.thresholds.

    Parameters
    ----------
    total : spend net of refunds of everybody with a transaction; it may be negative.
    quantiles : where the bands meet, from the settings.
    currency : three letters.
    """
    cuts = cut_points(total, (quantiles.low, quantiles.high))
    why = [
        f"about {each * 100:g} % of the customers spent no more"
        for each in (quantiles.low, quantiles.high)
    ]
    return cuts, described("risk", f"Total spend in {currency}", cuts, why)
