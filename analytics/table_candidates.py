"""Who competes to foretell the labels of a customer table.

Each candidate is one pipeline from raw columns to a number. Settings are those of common use, the
same for every table; only penalties are searched, within the rows that a fit may see.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import Pipeline

from analytics.boosting import Fitting
from analytics.churn import Calibration, calibrate
from analytics.encoding import encoder, owners
from analytics.inputs import Inputs
from analytics.metrics import Array
from analytics.penalties import set_penalty
from analytics.table_models import Fitted
from warehouse.titles import SPEND_MODEL_TITLES

# More rows a tree change a forest by less than the noise between folds.
_TREES, _ROWS_OF_TREE = 100, 6_000
_BOOSTED: Final = 75
_PENALTIES: Final = (0.1, 1.0, 10.0, 100.0, 1000.0)
_SEARCHED, _SMALLEST_INVERSE, _LARGEST_INVERSE = 6, 1e-3, 10.0
# Folds within a training set: for the search, and for the calibration.
_INNER_FOLDS: Final = 3
# More rows than this do not change which penalty is best.
_ROWS_OF_SEARCH, _RARE_OF_SEARCH = 8_000, 100
# Rows of a leaf, of the forests and of boosted trees.
_LEAF, _BOOSTED_LEAF = 5, 20


@dataclass(frozen=True)
class Recipe:
    """One candidate.

    Parameters
    ----------
    name, title : on the leaderboard, and for people.
    make : the model, for so many rows, from a seed.
    is_risk : it foretells churn, not money.
    tamed, scaled : what it wants of its numbers, see :func:`analytics.encoding.encoder`.
    searched : what its penalty is searched in, at random.
    calibrated : its probabilities are put right by a line, learnt out of fold.
    """

    name: str
    title: str
    make: Callable[[int, int], Any]
    is_risk: bool
    tamed: bool = False
    scaled: bool = False
    searched: Callable[[], Any] | None = None
    calibrated: bool = False

    def fit(self, inputs: Inputs, typed: pd.DataFrame, target: Array, fitting: Fitting) -> Fitted:
        """Fit on typed columns; ``target`` is 0 and 1, both of them, or money."""
        pipeline = Pipeline(
            [
                ("encode", encoder(inputs, tamed=self.tamed, scaled=self.scaled)),
                ("model", self.make(len(target), fitting.seed)),
            ]
        )
        inner = StratifiedKFold(_INNER_FOLDS, shuffle=True, random_state=fitting.seed)
        if self.searched is not None:
            rows = _some(target, fitting.seed)
            set_penalty(
                pipeline,
                typed.iloc[rows],
                target[rows],
                list(inner.split(rows, target[rows])),
                penalties=self.searched(),
                n=_SEARCHED,
                seed=fitting.seed,
            )
        line = None
        if self.calibrated:
            held_out = cross_val_predict(
                clone(pipeline), typed, target, cv=inner, method="predict_proba"
            )
            line = calibrate(np.asarray(held_out[:, 1], dtype=float), target)
        return _finished(pipeline.fit(typed, target), line, typed, is_risk=self.is_risk)


def _finished(
    pipeline: Pipeline, line: Calibration | None, typed: pd.DataFrame, *, is_risk: bool
) -> Fitted:
    """The fit, with what its contributions are measured from."""
    typical = {
        str(name): typed[name].mode().iloc[0]
        if typed[name].dtype == object
        else typed[name].median()
        for name in typed
    }
    centre = pipeline["encode"].transform(typed).mean(axis=0)
    line = line or (Calibration() if is_risk else None)
    return Fitted(pipeline, line, centre, owners(pipeline), typical)


def _some(target: Array, seed: int) -> NDArray[np.intp]:
    """Places of at most ``_ROWS_OF_SEARCH`` rows, among them enough of the rarer outcome."""
    order = np.random.default_rng(seed).permutation(len(target))
    is_rare = target[order] == (target.mean() <= 0.5)
    enough = order[is_rare][:_RARE_OF_SEARCH]
    others = order[~np.isin(order, enough)]
    return np.sort(np.concatenate([enough, others[: _ROWS_OF_SEARCH - len(enough)]]))


def _rate(rows: int, seed: int) -> Any:  # noqa: ANN401
    from sklearn.dummy import DummyClassifier

    return DummyClassifier(strategy="prior")


def _logistic(rows: int, seed: int) -> Any:  # noqa: ANN401
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(solver="newton-cholesky", max_iter=500)


def _inverse_penalties() -> Any:  # noqa: ANN401
    from scipy.stats import loguniform

    return loguniform(_SMALLEST_INVERSE, _LARGEST_INVERSE)


def _risk_forest(rows: int, seed: int) -> Any:  # noqa: ANN401
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(
        _TREES,
        min_samples_leaf=_LEAF,
        max_samples=min(rows, _ROWS_OF_TREE),
        n_jobs=1,
        random_state=seed,
    )


def _boosted(kind: str, seed: int) -> Any:  # noqa: ANN401
    import lightgbm

    return getattr(lightgbm, kind)(
        n_estimators=_BOOSTED,
        learning_rate=0.08,
        num_leaves=7,
        min_child_samples=_BOOSTED_LEAF,
        colsample_bytree=0.7,
        reg_lambda=5.0,
        deterministic=True,
        force_row_wise=True,
        n_jobs=1,
        random_state=seed,
        verbose=-1,
    )


def _zero(rows: int, seed: int) -> Any:  # noqa: ANN401
    from sklearn.dummy import DummyRegressor

    return DummyRegressor(strategy="constant", constant=0.0)


def _mean(rows: int, seed: int) -> Any:  # noqa: ANN401
    from sklearn.dummy import DummyRegressor

    return DummyRegressor(strategy="mean")


def _least_squares(rows: int, seed: int) -> Any:  # noqa: ANN401
    from sklearn.linear_model import LinearRegression

    return LinearRegression()


def _ridge(rows: int, seed: int) -> Any:  # noqa: ANN401
    from sklearn.linear_model import RidgeCV

    return RidgeCV(alphas=_PENALTIES)


def _money_forest(rows: int, seed: int) -> Any:  # noqa: ANN401
    from sklearn.ensemble import RandomForestRegressor

    return RandomForestRegressor(
        _TREES,
        min_samples_leaf=_LEAF,
        max_features=1 / 3,
        max_samples=min(rows, _ROWS_OF_TREE),
        n_jobs=1,
        random_state=seed,
    )


def _gradient_boosting(rows: int, seed: int) -> Any:  # noqa: ANN401
    from sklearn.ensemble import HistGradientBoostingRegressor

    return HistGradientBoostingRegressor(
        max_iter=_BOOSTED,
        learning_rate=0.08,
        max_leaf_nodes=15,
        min_samples_leaf=_BOOSTED_LEAF,
        l2_regularization=5.0,
        early_stopping=False,
        random_state=seed,
    )


def recipes(question: str) -> Sequence[Recipe]:
    """The candidates of ``churn`` or of ``spend``."""
    if question == "churn":
        return (
            Recipe("base_rate", "the churn rate", _rate, is_risk=True),
            Recipe("logistic", "logistic regression", _logistic, is_risk=True, tamed=True,
                   scaled=True, searched=_inverse_penalties, calibrated=True),
            Recipe("random_forest", "the random forest", _risk_forest, is_risk=True,
                   calibrated=True),
            Recipe("lightgbm", "LightGBM", lambda rows, seed: _boosted("LGBMClassifier", seed),
                   is_risk=True, calibrated=True),
        )  # fmt: skip
    called = SPEND_MODEL_TITLES
    return (
        Recipe("zero", called["zero"], _zero, is_risk=False),
        Recipe("mean", called["mean"], _mean, is_risk=False),
        Recipe("linear", called["linear"], _least_squares, is_risk=False, scaled=True),
        Recipe("ridge", called["ridge"], _ridge, is_risk=False, scaled=True),
        Recipe("random_forest", called["random_forest"], _money_forest, is_risk=False),
        Recipe("gradient_boosting", called["gradient_boosting"], _gradient_boosting,
               is_risk=False),
        Recipe("lightgbm", called["lightgbm"], lambda rows, seed: _boosted("LGBMRegressor", seed),
               is_risk=False),
    )  # fmt: skip
