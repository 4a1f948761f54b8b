"""How well those who continue monthly series did: rolling origins, errors, and interval widths."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd

from analytics.forecasters import FORECASTERS, Forecaster
from analytics.metrics import Array
from analytics.months import Months

STEPS: Final = 3
# At least a year before a test.
LEAST_PAST: Final = 12
MOST_ORIGINS: Final = 6
# Of the one that serves, where the errors of those origins are too few for an interval.
MOST_ORIGINS_OF_WIDTH: Final = 19
# Of what came, so much shall lie within the interval.
COVERAGE: Final = 0.9
# Less than that of a month's money is none.
_CENT: Final = 0.005


@dataclass
class MonthTest:
    """What one forecaster said at every origin, beside what came: ``(origin, step, series)``."""

    expected: list[Array] = field(default_factory=list)
    actual: list[Array] = field(default_factory=list)
    scale: list[Array] = field(default_factory=list)

    def add(self, expected: Array, past: pd.DataFrame, after: pd.DataFrame) -> None:
        """One more origin: what was said there, what was known, and what came."""
        actual = np.full((STEPS, past.shape[1]), np.nan)
        actual[: len(after)] = after.to_numpy(float)
        self.actual.append(actual)
        self.expected.append(expected)
        self.scale.append(naive_error(past))

    def errors(self) -> Array:
        """Absolute errors in units of the naive error; origins that end early are padded by NaN."""
        return np.array(
            [
                np.abs(actual - expected) / scale
                for actual, expected, scale in zip(
                    self.actual, self.expected, self.scale, strict=True
                )
            ]
        )

    def mase(self) -> Array:
        """Mean scaled error of each origin; series without a scale are left out."""
        return np.array([np.nanmean(each) if np.isfinite(each).any() else np.nan
                         for each in self.errors()])  # fmt: skip

    def wape(self) -> Array:
        """Sum of the absolute errors over the sum of what came, at each origin.

        Where nothing came, 1 if anything was expected: all of it was wrong.
        """
        return np.array(
            [_wape(*each) for each in zip(self.actual, self.expected, strict=True)], dtype=float
        )


def _wape(actual: Array, expected: Array) -> float:
    """Of one origin; months that had not come yet do not count."""
    wrong, came = np.nansum(np.abs(actual - expected)), np.nansum(np.abs(actual))
    if came >= _CENT:
        return float(wrong / came)
    return float(wrong >= _CENT)


def continued(name: str, past: pd.DataFrame, seed: int) -> Array:
    """The next months by one forecaster; spend below nothing is none."""
    return np.maximum(FORECASTERS[name][1](past, STEPS, seed), 0)


def tested(
    months: Months,
    origins: range,
    seed: int,
    advance: Callable[[int], None],
    candidates: Mapping[str, tuple[str, Forecaster]],
) -> tuple[dict[str, MonthTest], dict[str, MonthTest]]:
    """Every forecaster at every origin, on the categories and on the total."""
    tests = {name: MonthTest() for name in candidates}
    totals = {name: MonthTest() for name in candidates}
    for name in candidates:
        for end in origins:
            for series, test in ((months.values, tests[name]), (months.total, totals[name])):
                past = series.iloc[:end]
                test.add(continued(name, past, seed), past, series.iloc[end : end + STEPS])
        advance(1)
    return tests, totals


def longer_test(test: MonthTest, say: Callable[[int], Array], series: pd.DataFrame) -> MonthTest:
    """The test, begun further back where its errors are too few to tell an interval.

    Parameters
    ----------
    say : what the one that was tested says when it knows so many months, ``(step, series)``.
    series : what came.
    """
    if np.isfinite(widths(test)).all():
        return test
    longer = MonthTest(list(test.expected), list(test.actual), list(test.scale))
    last = len(series)
    for end in range(max(LEAST_PAST, last - MOST_ORIGINS_OF_WIDTH), last - len(test.actual)):
        longer.add(say(end), series.iloc[:end], series.iloc[end : end + STEPS])
    return longer


def summed(test: MonthTest, totals: dict[str, MonthTest]) -> MonthTest:
    """The sum of the categories as a forecast of the total."""
    any_total = totals["historic_average"]
    sums = [expected.sum(axis=1, keepdims=True) for expected in test.expected]
    return MonthTest(sums, any_total.actual, any_total.scale)


def naive_error(past: pd.DataFrame) -> Array:
    """How much a series changes from month to month, on average; NaN where it never does."""
    change = np.abs(np.diff(past.to_numpy(float), axis=0)).mean(axis=0)
    return np.asarray(np.where(change > 0, change, np.nan))


def widths(test: MonthTest) -> Array:
    """For each step the conformal quantile of the scaled errors; NaN where they are too few.

    Errors of all categories stand together: one series alone has too few.
    """
    found = np.full(STEPS, np.nan)
    for at, errors in enumerate(np.moveaxis(test.errors(), 1, 0)):
        known = np.sort(errors[np.isfinite(errors)])
        rank = int(np.ceil((len(known) + 1) * COVERAGE))
        if rank <= len(known):
            found[at] = known[rank - 1]
    return found
