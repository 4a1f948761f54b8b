"""Repeated k-fold validation: every customer is foretold by models that did not see her label."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold

from analytics.boosting import Fitting
from analytics.inputs import Inputs
from analytics.metrics import Array, Metrics, calibration_error, churn_metrics, spend_metrics
from analytics.table_candidates import Recipe
from analytics.table_models import Fitted, TableModel
from analytics.workers import at_once

FOLDS: Final = 5
# More labels than this are divided once only: their folds are large enough to tell.
_REPEATED_UP_TO: Final = 20_000
_REPETITIONS: Final = 2
# Amounts are spread evenly over the folds by so many groups.
_STRATA: Final = 5

Split = tuple[NDArray[np.intp], NDArray[np.intp]]


@dataclass(frozen=True)
class Table:
    """Customers with a label.

    Parameters
    ----------
    keys : customer keys, ascending.
    frame : raw columns, a row a customer.
    target : 1 and 0, or money.
    """

    question: str
    keys: NDArray[np.int64]
    frame: pd.DataFrame
    target: Array

    def splits(self, seed: int) -> list[Split]:
        """Rows to learn from and rows to judge by: five folds, and again, evenly by label."""
        strata = self.target
        if self.question == "spend":
            place = pd.Series(self.target).rank(method="first").to_numpy() - 1
            strata = place * _STRATA // len(self.target)
        found: list[Split] = []
        for again in range(_REPETITIONS if len(self.target) <= _REPEATED_UP_TO else 1):
            divided = StratifiedKFold(FOLDS, shuffle=True, random_state=seed + again)
            found += divided.split(np.zeros(len(strata)), strata)
        return found


def validate(
    table: Table,
    recipes: Sequence[Recipe],
    inputs: Inputs,
    fitting: Fitting,
    *,
    workers: int,
    advance: Callable[[int], None],
) -> pd.DataFrame:
    """Test every candidate on every fold.

    The calibration error is that of all folds of a repetition together: a fold alone is too small.

    Returns
    -------
    DataFrame: candidate, fold (from 1), metric, value.
    """
    splits = table.splits(fitting.seed)
    typed = inputs.typed(table.frame)

    def test(recipe: Recipe, split: Split) -> Array:
        learn, judge = split
        fitted = recipe.fit(inputs, typed.iloc[learn], table.target[learn], fitting)
        advance(1)
        return fitted.predict(typed.iloc[judge])

    with at_once(workers) as pool:
        waiting = [[pool.submit(test, recipe, split) for split in splits] for recipe in recipes]
        said = [[each.result() for each in row] for row in waiting]
    rows = [
        (recipe.name, number + 1, metric, value)
        for recipe, found in zip(recipes, said, strict=True)
        for number, metrics in enumerate(_judged(table, splits, found))
        for metric, value in metrics.items()
    ]
    return pd.DataFrame(rows, columns=["candidate", "fold", "metric", "value"])


def _judged(table: Table, splits: Sequence[Split], said: Sequence[Array]) -> list[Metrics]:
    """Metrics of one candidate, by fold."""
    target = table.target
    measure = churn_metrics if table.question == "churn" else spend_metrics
    found = [measure(target[rows], told) for (_, rows), told in zip(splits, said, strict=True)]
    if table.question == "churn":
        for start in range(0, len(splits), FOLDS):
            mine = slice(start, start + FOLDS)
            rows = np.concatenate([rows for _, rows in splits[mine]])
            error = calibration_error(target[rows], np.concatenate(said[mine]))
            for metrics in found[mine]:
                metrics["ece"] = error
    return found


def fit_all(table: Table, recipe: Recipe, inputs: Inputs, fitting: Fitting) -> TableModel:
    """The model that serves: fitted on all labels, and once without each fold."""
    typed = inputs.typed(table.frame)

    def fit(rows: NDArray[np.intp]) -> Fitted:
        return recipe.fit(inputs, typed.iloc[rows], table.target[rows], fitting)

    splits = table.splits(fitting.seed)[:FOLDS]
    fold = np.zeros(len(table.target), dtype=np.int64)
    for number, (_, judge) in enumerate(splits):
        fold[judge] = number
    folds = tuple(fit(learn) for learn, _ in splits)
    return TableModel(inputs, fit(np.arange(len(fold))), folds, table.keys, fold)
