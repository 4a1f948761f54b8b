"""What the models say of everybody: read in batches, so that memory does not grow with the shop.

Of each customer only a few numbers are kept until the end, because bands are cut at quantiles of
everybody's. No number depends on the size of a batch.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import pandas as pd

from analytics.bands import LEVELS, churn_cuts, value_cuts
from analytics.candidates import Model
from analytics.clusters import ClusterModel
from analytics.metrics import Array
from analytics.reconciliation import Reconciled
from analytics.risk import TOTAL, risk_cuts
from analytics.situation import Situation
from analytics.tables import Bands
from analytics.workers import at_once
from warehouse.configuration import Settings

KEYS = ["customer_key", "customer_id"]
# Customers read at a time, and at least so many for each thread.
BATCH = 200_000
LEAST_PART = 5_000
# At most so many at once: a dozen copies of a larger matrix come fresh from the system, page by
# page, and cost half as much again as what the models reckon.
PART = 32_000
# Digits beyond these depend on how a matrix was cut into pieces.
_DECIMALS = 12
_SAID = ("expected_spend", "upper_95", "churn_risk", "cluster", "pca_1", "pca_2")
_COLUMNS = ("customer_key", TOTAL, *_SAID)


@dataclass(frozen=True)
class Models:
    """What serves: a model for each question about the horizon that has one, and the clusters."""

    by_question: Mapping[str, Model] = field(default_factory=dict)
    clusters: ClusterModel | None = None


def buyers(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of a scoring frame that have a purchase; the others only returned something."""
    return frame[frame["frequency"] > 0].reset_index(drop=True)


def predicted(
    batches: Iterator[pd.DataFrame],
    models: Models,
    situation: Situation,
    workers: int,
    advance: Callable[[int], None],
) -> pd.DataFrame:
    """What the models say of everybody of whom there is something to say.

    Parameters
    ----------
    batches : scoring frames with rates, or parts of a customers table.
    workers : parts of a batch that are worked on at the same time.
    advance : told of every batch that is done.

    Returns
    -------
    DataFrame, one row per customer: ``customer_key``, and float64 columns that are NaN where there
    is no number. ``monetary``: total spend of everybody with a transaction. ``expected_spend``,
    ``upper_95`` and ``churn_risk``: of those who ever bought, or of everybody where labels of a
    customers table say what became of them. ``cluster``, ``pca_1``, ``pca_2``: of those who ever
    bought; of everybody in a customers table.
    """
    done: list[pd.DataFrame] = []
    with at_once(workers) as pool:
        for batch in batches:
            done += pool.map(
                lambda part: _predicted(part, models, situation), in_parts(batch, workers)
            )
            advance(1)
    return pd.concat(done, ignore_index=True) if done else pd.DataFrame(columns=list(_COLUMNS))


def in_parts(batch: pd.DataFrame, workers: int) -> list[pd.DataFrame]:
    """Rows of a batch that are worked on at once: a part for each worker, none of them large."""
    n_parts = max(1, min(workers, len(batch) // LEAST_PART), math.ceil(len(batch) / PART))
    ends = np.linspace(0, len(batch), n_parts + 1).astype(int)
    return [batch.iloc[a:b] for a, b in pairwise(ends)]


def _predicted(frame: pd.DataFrame, models: Models, situation: Situation) -> pd.DataFrame:
    """The same for one part."""
    found = pd.DataFrame({"customer_key": frame["customer_key"].to_numpy()})
    has_spend = situation.answers("risk")
    found[TOTAL] = frame[TOTAL].to_numpy(dtype=float) if has_spend else np.nan
    everybody = np.ones(len(frame), dtype=bool)
    is_buyer = frame["frequency"].to_numpy() > 0 if has_spend else everybody
    # Of those labels speak of, a purchase is not asked for.
    is_scored = everybody if situation.labels.labels else is_buyer
    bought = (frame if is_buyer.all() else frame[is_buyer]).reset_index(drop=True)
    scored = bought if is_scored is is_buyer else frame.reset_index(drop=True)
    said = answers_of(scored, models) if len(scored) else {}
    placed = _places(bought, models) if len(bought) else {}
    for column in _SAID:
        values = np.full(len(frame), np.nan)
        if column in said:
            values[is_scored] = said[column]
        elif column in placed:
            values[is_buyer] = placed[column]
        found[column] = values
    return found


def answers_of(frame: pd.DataFrame, models: Models) -> dict[str, Array]:
    """What the models of spend and churn say of each row, as it is stored."""
    said: dict[str, Array] = {}
    if "spend" in models.by_question:
        expected = models.by_question["spend"].predict(frame)
        said["expected_spend"] = np.round(np.maximum(expected, 0), 2)
        said["upper_95"] = np.round(upper_bounds(models.by_question["spend"], expected), 2)
    if "churn" in models.by_question:
        risk = np.clip(models.by_question["churn"].predict(frame), 0, 1)
        said["churn_risk"] = np.round(risk, _DECIMALS)
    return said


def _places(frame: pd.DataFrame, models: Models) -> dict[str, Array]:
    """The group of each row, and its place on the map."""
    if models.clusters is None:
        return {}
    placed = models.clusters.located(frame)
    said = {axis: np.round(placed[axis], _DECIMALS) for axis in ("pca_1", "pca_2")}
    return {"cluster": placed["cluster"].astype(float), **said}


def upper_bounds(model: Model, expected: Array) -> Array:
    """What customers of whom a model expects so much will hardly exceed; NaN if not known."""
    if isinstance(model, Reconciled):
        return model.bounds(expected)
    return np.full(len(expected), np.nan)


def banded(
    predictions: pd.DataFrame, situation: Situation, settings: Settings
) -> tuple[dict[str, str], list[pd.DataFrame]]:
    """The bands of spend, churn and risk.

    Returns
    -------
    SQL of each table's band by table, and the rows of scores.thresholds. A question of which
    nobody has a number is in neither.
    """

    def known(column: str) -> Array:
        values: Array = predictions[column].to_numpy(dtype=float)
        return values[~np.isnan(values)]

    bands, thresholds = {}, []
    expected, total = known("expected_spend"), known(TOTAL)
    if len(expected):
        cuts, rows = value_cuts(expected, settings.currency, situation.horizon_days)
        bands["spend"] = Bands(LEVELS, cuts).sql("expected_spend")
        thresholds.append(rows)
    if len(known("churn_risk")):
        cuts, rows = churn_cuts(settings.churn.high)
        bands["churn"] = Bands(("low", "high"), cuts, inclusive=False).sql("churn_risk")
        thresholds.append(rows)
    if len(total):
        cuts, rows = risk_cuts(total, settings.risk, settings.currency)
        bands["risk"] = Bands(LEVELS, cuts).sql(TOTAL)
        thresholds.append(rows)
    return bands, thresholds
