"""Columns that alone nearly say the label: its twins, which may know what they should not."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from analytics.inputs import Inputs
from analytics.metrics import Array, spearman

LEAST_CORRELATION: Final = 0.95
LEAST_AUC: Final = 0.98
_FOLDS: Final = 5


@dataclass(frozen=True)
class Twin:
    """A column that alone tells the label: by correlation of money, or by AUC of churn."""

    name: str
    measure: str
    value: float

    @property
    def words(self) -> str:
        """``last_month_spend (correlation .978)``."""
        return f"{self.name} ({self.measure} {self.value:.3f})".replace(" 0.", " .")


def twins(question: str, inputs: Inputs, typed: pd.DataFrame, target: Array) -> list[Twin]:
    """The columns with an absolute correlation of at least .95, or an AUC of at least .98.

    A category counts with the mean label of its level, of other customers; so does whether a column
    is filled at all. Correlations are the larger of Pearson's and Spearman's.
    """
    measure, least = (
        ("AUC", LEAST_AUC) if question == "churn" else ("correlation", LEAST_CORRELATION)
    )
    tell = _auc if question == "churn" else _correlation
    found = []
    for place, each in enumerate(inputs.inputs):
        values = typed[f"x{place}"]
        if each.kind == "category":
            told = [_mean_of_others(values, target)]
        else:
            filled = values.fillna(values.median()).fillna(0)
            told = [filled.to_numpy(dtype=float), values.notna().astype(float).to_numpy()]
        best = max(tell(one, target) for one in told)
        if best >= least:
            found.append(Twin(each.name, measure, best))
    return sorted(found, key=lambda twin: -twin.value)


def _auc(values: Array, target: Array) -> float:
    from sklearn.metrics import roc_auc_score

    found = float(roc_auc_score(target, values))
    return max(found, 1 - found)


def _correlation(values: Array, target: Array) -> float:
    if not np.ptp(values):
        return 0.0
    return max(abs(float(np.corrcoef(values, target)[0, 1])), abs(spearman(values, target)))


def _mean_of_others(levels: "pd.Series[Any]", target: Array) -> Array:
    """The mean label of each customer's level, from the folds that she is not in."""
    fold = np.arange(len(target)) % _FOLDS
    label = pd.Series(target, index=levels.index)
    found = np.full(len(target), float(target.mean()))
    for each in range(_FOLDS):
        mine = fold == each
        means = label[~mine].groupby(levels[~mine]).mean()
        found[mine] = levels[mine].map(means).fillna(float(target.mean())).to_numpy(dtype=float)
    return found
