"""How much a customer will hardly exceed: a bound that holds for 95 % of her like.

Most customers buy nothing in a month, so an interval around what is expected would say nothing.
Instead tests are grouped by tenths of what was expected, and the bound is what 95 % of a tenth
stayed below, at earlier origins (Mondrian conformal prediction; Vovk, Gammerman and Shafer 2005).
"""

import math
from collections.abc import Sequence

import msgspec
import numpy as np

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

    The lowest tenths are taken together until more than 5 % of them bought something: apart, their
    bound would be 0, and too safe. None where a tenth has too few tests to know its 95 %.
    """
    if not tests or not len(expected):
        return None
    tenths = [np.searchsorted(_edges(test.expected), test.expected, side="left") for test in tests]
    tenth, said = np.concatenate(tenths), np.concatenate([test.expected for test in tests])
    came = np.concatenate([test.actual for test in tests])
    top = tenth == _TENTHS - 1
    lowest = next(
        (n for n in range(_TENTHS - 2) if np.mean(came[tenth <= n] > 0) > 1 - LEVEL), _TENTHS - 2
    )
    tenth = np.maximum(tenth, lowest)
    bounds = [_most(came[tenth == max(n, lowest)]) for n in range(_TENTHS - 1)]
    beyond = float(said[top].mean()) if top.any() else 0.0
    if beyond <= 0:
        return None
    times = _most(came[top] / (said[top] + beyond))
    if not all(map(math.isfinite, [*bounds, times])):
        return None
    return Upper(_edges(expected).tolist(), bounds, times, times * beyond)


def _most(values: Array) -> float:
    """The 95 % quantile with the correction for a finite sample; infinite where that is beyond."""
    rank = math.ceil((len(values) + 1) * LEVEL)
    return float(np.partition(values, rank - 1)[rank - 1]) if rank <= len(values) else math.inf


def coverage(tests: Sequence[Holdout]) -> list[tuple[Holdout, float, float]]:
    """How many stayed within bounds made from earlier tests: of all, and of the highest tenth.

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
        found.append((test, float(within.mean()), float(within[top].mean())))
    return found
