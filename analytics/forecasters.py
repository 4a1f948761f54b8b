"""Ways to continue monthly series: simple ones, an exponential smoothing, and learnt ones.

Each takes the past, a DataFrame of one row a month and one column a series, and returns the next
``steps`` months as an array of ``(steps, series)``. None of them sees anything but the past.
"""

import warnings
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.metrics import Array
from warehouse.titles import FORECASTER_TITLES, PLAIN_FORECASTERS

YEAR = 12
Forecaster = Callable[[pd.DataFrame, int, int], Array]
_LAGS = (1, 2, 3, 6, 12)


def historic_average(past: pd.DataFrame, steps: int, seed: int) -> Array:
    """The mean of every month so far."""
    return np.tile(past.to_numpy(float).mean(axis=0), (steps, 1))


def trailing_median(past: pd.DataFrame, steps: int, seed: int) -> Array:
    """The median of the last twelve months."""
    return np.tile(np.median(past.to_numpy(float)[-YEAR:], axis=0), (steps, 1))


def seasonal_naive(past: pd.DataFrame, steps: int, seed: int) -> Array:
    """The same month a year ago; with less than a year, the last month."""
    values = past.to_numpy(float)
    back = YEAR if len(values) >= YEAR else 1
    return np.array([values[len(values) - back + step % back] for step in range(steps)])


def exponential_smoothing(past: pd.DataFrame, steps: int, seed: int) -> Array:
    """Exponential smoothing of each series, plain or with a damped trend, by its AICc."""
    return np.column_stack([smoothed(past[name].to_numpy(float), steps) for name in past])


def smoothed(values: Array, steps: int) -> Array:
    """The next ``steps`` values of one series; with fewer than eight, their mean."""
    from statsmodels.tsa.holtwinters import ExponentialSmoothing

    if len(values) < 8 or np.ptp(values) == 0:
        return np.full(steps, values.mean())
    fitted = []
    for trend in (None, "add"):
        # Smoothing that does not converge is one candidate less, not news for the reader.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = ExponentialSmoothing(
                values, trend=trend, damped_trend=trend is not None,
                initialization_method="estimated",
            ).fit()  # fmt: skip
        if np.isfinite(model.aicc):
            fitted.append(model)
    if not fitted:
        return np.full(steps, values.mean())
    best = min(fitted, key=lambda each: float(each.aicc))
    return np.asarray(best.forecast(steps), dtype=float)


def _rows(
    logs: Array, ends: NDArray[np.intp], step: int, months: NDArray[np.integer[Any]]
) -> Array:
    """Features of every series at every end: lags, means, the season. Ends are row counts."""
    columns = []
    for end in ends:
        past = logs[:end]
        lags = [past[-lag] if lag <= end else past[0] for lag in _LAGS]
        ahead = 2 * np.pi * (months[end - 1] + step) / YEAR
        year_ago = end + step - 1 - YEAR
        columns.append(
            np.column_stack(
                [
                    *lags,
                    past[-3:].mean(axis=0),
                    past[-YEAR:].mean(axis=0),
                    past.mean(axis=0),
                    logs[year_ago] if year_ago >= 0 else past[-YEAR:].mean(axis=0),
                    np.full(past.shape[1], np.sin(ahead)),
                    np.full(past.shape[1], np.cos(ahead)),
                ]
            )
        )
    return np.vstack(columns)


def _learnt(make: Callable[[int], Any]) -> Forecaster:
    """A forecaster that learns from all series together, on a log scale, one model a step.

    A series is divided by its own mean first, so that rent and coffee are alike.
    """

    def forecast(past: pd.DataFrame, steps: int, seed: int) -> Array:
        values = np.maximum(past.to_numpy(float), 0)
        level = np.maximum(values.mean(axis=0), 1e-9)
        logs = np.log1p(values / level)
        months = pd.DatetimeIndex(past.index).month.to_numpy()
        n = len(logs)
        found = []
        for step in range(1, steps + 1):
            ends = np.arange(min(YEAR // 2, n - step), n - step + 1)
            target = np.vstack([logs[end + step - 1] for end in ends]).ravel()
            model = make(seed).fit(_rows(logs, ends, step, months), target)
            told = model.predict(_rows(logs, np.array([n]), step, months))
            found.append(np.expm1(np.clip(told, 0, logs.max() + 1)) * level)
        return np.array(found)

    return forecast


def _linear(seed: int) -> Any:  # noqa: ANN401
    from sklearn.linear_model import RidgeCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), RidgeCV(alphas=(1.0, 10.0, 100.0)))


def _forest(seed: int) -> Any:  # noqa: ANN401
    from sklearn.ensemble import RandomForestRegressor

    return RandomForestRegressor(30, min_samples_leaf=4, n_jobs=1, random_state=seed)


def _gradient_boosting(seed: int) -> Any:  # noqa: ANN401
    from sklearn.ensemble import GradientBoostingRegressor

    return GradientBoostingRegressor(
        n_estimators=60, max_depth=2, learning_rate=0.08, subsample=0.8, random_state=seed
    )


class _LightGbm:
    """LightGBM with the settings of the other questions, and smaller leaves for short series."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._booster: Any = None

    def fit(self, features: Array, target: Array) -> "_LightGbm":
        """Learn from an array."""
        from analytics.boosting import Fitting, boost

        self._booster = boost(
            pd.DataFrame(features), target, "regression", 60, Fitting(self._seed),
            min_child_samples=8, num_leaves=7,
        )  # fmt: skip
        return self

    def predict(self, features: Array) -> Array:
        """One number a row."""
        from analytics.boosting import predict

        return predict(self._booster, pd.DataFrame(features))


BASELINES: Final = PLAIN_FORECASTERS
FORECASTERS: Final[Mapping[str, tuple[str, Forecaster]]] = {
    name: (FORECASTER_TITLES[name], forecaster)
    for name, forecaster in (
        ("historic_average", historic_average),
        ("trailing_median", trailing_median),
        ("seasonal_naive", seasonal_naive),
        ("exponential_smoothing", exponential_smoothing),
        ("linear", _learnt(_linear)),
        ("random_forest", _learnt(_forest)),
        ("gradient_boosting", _learnt(_gradient_boosting)),
        ("lightgbm", _learnt(_LightGbm)),
    )
}
