"""Spend by two linear models: the probability of buying, times the amount of those who buy.

Both see signed logarithms of the features, and what BG/NBD says of each customer. Few parameters
and tame tails: it holds its own where there are too few customers for trees.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analytics.boosting import Fitting
from analytics.candidates import Model
from analytics.learning import Constant, meta, pool, scale_to_total
from analytics.matrix import matrix, signed_log
from analytics.metrics import Array

_INVERSE_PENALTY = 0.1
_PENALTIES = (1.0, 10.0, 100.0, 1000.0)
_LEAST_BUYERS = 20


@dataclass(frozen=True)
class LinearHurdle:
    """A logistic and a ridge regression.

    ``largest`` caps the amount at the largest of the training windows: beyond it a straight line
    on a log scale knows nothing. ``scale`` restores the total of the training windows.
    """

    columns: list[str]
    buys: Any
    value: Any
    largest: float
    scale: float

    def predict(self, frame: pd.DataFrame) -> Array:
        """Expected spend."""
        features = signed_log(matrix(frame, self.columns))
        return _hurdled(self.buys, self.value, features, self.largest) * self.scale

    def parts(self) -> dict[str, object]:
        """The columns, both numbers and the fitted pipelines."""
        described = {"columns": self.columns, "largest": self.largest, "scale": self.scale}
        return {"meta": described, "buys_line": self.buys, "value_line": self.value}


def _hurdled(buys: Any, value: Any, features: pd.DataFrame, largest: float) -> Array:  # noqa: ANN401
    chance = np.asarray(buys.predict_proba(features)[:, 1], dtype=float)
    amount = np.clip(np.asarray(value.predict(features), dtype=float), 0, np.log1p(largest))
    return np.asarray(chance * np.expm1(amount))


def fit_linear_hurdle(frames: Sequence[pd.DataFrame], fitting: Fitting) -> Model:
    """The two regressions; the mean where too few bought, or everybody did."""
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression, RidgeCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    known = pool(frames, fitting)
    bought = known.target > 0
    if bought.sum() < _LEAST_BUYERS or bought.all():
        return Constant(float(known.target.mean()))
    features = signed_log(known.features)
    buys = make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True),
        StandardScaler(),
        LogisticRegression(C=_INVERSE_PENALTY, solver="newton-cholesky"),
    ).fit(features, bought)
    value = make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True),
        StandardScaler(),
        RidgeCV(alphas=_PENALTIES),
    ).fit(features[bought], np.log1p(known.target[bought]))
    largest = float(known.target.max())
    scale = scale_to_total(known.target, _hurdled(buys, value, features, largest))
    return LinearHurdle(known.columns, buys, value, largest, scale)


def restore(parts: Mapping[str, object]) -> Model:
    """The model, or the constant that stood in for it."""
    if "value" in meta(parts):
        return Constant(**meta(parts))
    return LinearHurdle(buys=parts["buys_line"], value=parts["value_line"], **meta(parts))
