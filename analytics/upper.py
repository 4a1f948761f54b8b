"""How much a customer will hardly exceed: a bound that holds for 95 % of her like.

Most customers buy nothing in a month, so an interval around what is expected would say nothing.
Instead tests are grouped by tenths of what was expected, and the bound is what 95 % of a tenth
stayed below, at earlier origins (Mondrian conformal prediction; Vovk, Gammerman and Shafer 2005).
"""

import math
from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from analytics.metrics import Array
from analytics.totals import Holdout

LEVEL = 0.95
_TENTHS = 10


class Upper(msgspec.Struct, frozen=True):
    """Bounds by tenth of what is expected.

    Parameters
    ----------
    edges : what divides the tenths, ascending; currency.
    bounds : what 95 % of each tenth but the highest stayed below; currency.
    times, beyond : in the highest tenth customers differ a hundredfold; there the bound is
        ``times`` what is expected plus ``beyond``, and never less than what is expected.
    """

    edges: list[float]
    bounds: list[float]
    times: float
    beyond: float

    def of(self, expected: Array) -> Array:
        """The bound of each customer, in currency."""
        tenth = np.searchsorted(self.edges, expected, side="left")
        top = self.times * expected + self.beyond
        fixed = np.array([*self.bounds, 0.0])[tenth]
        return np.asarray(np.maximum(np.where(tenth == _TENTHS - 1, top, fixed), expected))

    def stretched(self, factor: float) -> "Upper":
        """The same bounds, for expectations that are multiplied by ``factor``."""
        edges = [edge * factor for edge in self.edges]
        return Upper(edges, self.bounds, self.times / factor, self.beyond)


def _edges(expected: Array) -> Array:
    return np.asarray(np.quantile(expected, np.arange(1, _TENTHS) / _TENTHS))


def calibrated(tests: Sequence[Holdout], expected: Array) -> Upper | None:
    """The bounds that held in tests, for customers of whom ``expected`` is expected.

    ``expected`` has at least one entry.

    The lowest tenths are taken together until more than 5 % of them bought something: apart, their
    bound would be 0, and too safe. None where a tenth has too few tests to know its 95 %.
    """
    if not tests or not any(test.expected.any() for test in tests):
        return None
    tenths = [np.searchsorted(_edges(test.expected), test.expected, side="left") for test in tests]
    tenth, said = np.concatenate(tenths), np.concatenate([test.expected for test in tests])
    came = np.concatenate([test.actual for test in tests])
    bounds = _below_the_top(tenth, came)
    top = tenth == _TENTHS - 1
    # Where nobody stands out, nobody is in the highest tenth: what holds below it holds there.
    times, beyond = 0.0, bounds[-1]
    if top.any():
        usual = float(said[top].mean())
        times = _most(came[top] / (said[top] + usual))
        beyond = times * usual
    if not all(map(math.isfinite, [*bounds, times, beyond])):
        return None
    return Upper(_edges(expected).tolist(), bounds, times, beyond)


def _below_the_top(tenth: NDArray[np.intp], came: Array) -> list[float]:
    """The bounds of all tenths but the highest."""
    lowest = next(
        (n for n in range(_TENTHS - 2) if np.mean(came[tenth <= n] > 0) > 1 - LEVEL), _TENTHS - 2
    )
    merged = np.where(tenth < _TENTHS - 1, np.maximum(tenth, lowest), tenth)
    bounds: list[float] = []
    for n in range(_TENTHS - 1):
        mine = came[merged == max(n, lowest)]
        # Where many are expected to spend the same, a tenth is empty: they stand in the one below.
        bounds.append(_most(mine) if len(mine) else bounds[-1])
    return bounds


def _most(values: Array) -> float:
    """The 95 % quantile with the correction for a finite sample; infinite where that is beyond."""
    rank = math.ceil((len(values) + 1) * LEVEL)
    return float(np.partition(values, rank - 1)[rank - 1]) if rank <= len(values) else math.inf


def coverage(tests: Sequence[Holdout]) -> list[tuple[Holdout, float, float]]:
    """How many stayed within bounds made from earlier tests: of all, and of the highest tenth.

    NaN for the highest tenth where nobody stands out.

    Parameters
    ----------
    tests : oldest first. Those for which earlier ones give no bound are left out.
    """
    found = []
    for number, test in enumerate(tests):
        upper = calibrated(tests[:number], test.expected)
        if upper is None:
            continue
        within = test.actual <= upper.of(test.expected)
        top = test.expected > upper.edges[-1]
        found.append(
            (test, float(within.mean()), float(within[top].mean()) if top.any() else math.nan)
        )
    return found
