"""Spend by scikit-learn: least squares, ridge, a random forest, gradient boosting.

They are here because analysts know them and ask how they do. All of them impute what is missing
inside their pipeline, from the training windows alone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analytics.boosting import Fitting
from analytics.candidates import Model
from analytics.learning import Pool, meta, pool
from analytics.matrix import matrix
from analytics.metrics import Array

_PENALTIES = (10.0, 100.0, 1000.0, 10000.0)
# More rows a tree, or more trees, change a forest by less than the noise between origins.
_ROWS_OF_TREE, _TREES = 6_000, 30


@dataclass(frozen=True)
class Regressor:
    """A fitted pipeline on the features of a frame."""

    columns: list[str]
    pipeline: Any

    def predict(self, frame: pd.DataFrame) -> Array:
        """Expected spend; what would be negative is 0."""
        found = self.pipeline.predict(matrix(frame, self.columns))
        return np.asarray(np.maximum(found, 0), dtype=float)

    def parts(self) -> dict[str, object]:
        """The columns and the fitted pipeline."""
        return {"meta": {"columns": self.columns}, "pipeline": self.pipeline}


def restore(parts: Mapping[str, object]) -> Model:
    """The model from its saved parts."""
    return Regressor(pipeline=parts["pipeline"], **meta(parts))


def _fitted(
    make: Callable[[int, Fitting], Any],
) -> Callable[[Sequence[pd.DataFrame], Fitting], Model]:
    """A fit of what ``make`` returns for a number of rows, behind imputing and scaling."""

    def fit(frames: Sequence[pd.DataFrame], fitting: Fitting) -> Model:
        from sklearn.pipeline import make_pipeline

        known = pool(frames, fitting)
        before, prepared = fitting.once.of("prepared", [known], lambda: _prepared(known))
        model = make(len(known.target), fitting).fit(prepared, known.target)
        return Regressor(known.columns, make_pipeline(*before, model))

    return fit


def _prepared(known: Pool) -> tuple[list[Any], Array]:
    """What imputes and scales, fitted, and the features after both."""
    from sklearn.impute import SimpleImputer
    from sklearn.preprocessing import StandardScaler

    imputer, scaler = SimpleImputer(strategy="median", add_indicator=True), StandardScaler()
    prepared = scaler.fit_transform(imputer.fit_transform(known.features))
    return [imputer, scaler], prepared


def _least_squares(rows: int, fitting: Fitting) -> Any:  # noqa: ANN401
    from sklearn.linear_model import LinearRegression

    return LinearRegression()


def _ridge(rows: int, fitting: Fitting) -> Any:  # noqa: ANN401
    from sklearn.linear_model import RidgeCV

    return RidgeCV(alphas=_PENALTIES)


def _forest(rows: int, fitting: Fitting) -> Any:  # noqa: ANN401
    from sklearn.ensemble import RandomForestRegressor

    return RandomForestRegressor(
        n_estimators=_TREES,
        min_samples_leaf=15,
        max_features=1 / 3,
        max_samples=min(rows, _ROWS_OF_TREE),
        n_jobs=1,
        random_state=fitting.seed,
    )


def _gradient_boosting(rows: int, fitting: Fitting) -> Any:  # noqa: ANN401
    from sklearn.ensemble import HistGradientBoostingRegressor

    return HistGradientBoostingRegressor(
        max_iter=75,
        learning_rate=0.08,
        max_leaf_nodes=15,
        min_samples_leaf=40,
        l2_regularization=5.0,
        early_stopping=False,
        random_state=fitting.seed,
    )


fit_least_squares = _fitted(_least_squares)
fit_ridge = _fitted(_ridge)
fit_forest = _fitted(_forest)
fit_gradient_boosting = _fitted(_gradient_boosting)
