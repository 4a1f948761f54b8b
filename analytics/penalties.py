"""Which penalty is best: a randomised search that prepares the rows of each fold once.

It draws, tests and chooses as scikit-learn's RandomizedSearchCV does, which would fill gaps and
scale anew for every penalty.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.metrics import Array

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

Folds = Sequence[tuple[NDArray[np.intp], NDArray[np.intp]]]


def set_penalty(
    pipeline: "Pipeline",
    rows: pd.DataFrame,
    target: Array,
    folds: Folds,
    *,
    penalties: Any,  # noqa: ANN401 - a distribution of scipy
    n: int,
    seed: int,
) -> None:
    """Give the last step of ``pipeline``, a logistic regression, the C of the lowest log loss.

    Parameters
    ----------
    pipeline : unfitted; what stands before the last step is fitted anew for each fold.
    rows, target : what to learn from, 0 or 1 a row.
    folds : rows to learn from, and rows to judge by.
    penalties : that ``n`` values of C are drawn from.
    """
    from sklearn.base import clone
    from sklearn.metrics import log_loss
    from sklearn.model_selection import ParameterSampler

    tried = list(ParameterSampler({"C": penalties}, n, random_state=seed))
    losses = np.empty((len(tried), len(folds)))
    for place, (learn, judge) in enumerate(folds):
        before = clone(pipeline[:-1])
        learnt = before.fit_transform(rows.iloc[learn], target[learn])
        judged = before.transform(rows.iloc[judge])
        for number, parameters in enumerate(tried):
            fitted = clone(pipeline[-1]).set_params(**parameters).fit(learnt, target[learn])
            risk = fitted.predict_proba(judged)[:, 1]
            losses[number, place] = log_loss(target[judge], risk, labels=[0, 1])
    pipeline[-1].set_params(**tried[int(losses.mean(axis=1).argmin())])
