"""BG/NBD: how often customers buy, and whether they still do.

While alive a customer buys at random with a rate of her own, and after each purchase she may drop
out for good. Rates vary among customers as Gamma(r, alpha), drop-out probabilities as Beta(a, b).
After Fader, Hardie and Lee (2005), "Counting Your Customers the Easy Way".

Every function takes arrays of one entry a customer: ``x`` repeat purchases, ``t_x`` time from the
first to the last purchase, ``t`` time from the first purchase to now; one unit of time throughout.
"""

from dataclasses import dataclass

import numpy as np

from analytics.metrics import Array

# Parameters outside of these say that the likelihood is flat: their values mean nothing.
_LARGEST = 1e4
_SMALLEST = 1e-4
# Starts of the search: many and few purchases, quick and slow drop-out.
_STARTS = ((0.5, 5.0, 0.5, 2.0), (1.0, 20.0, 1.0, 5.0), (2.0, 50.0, 0.3, 3.0))


@dataclass(frozen=True)
class BgNbd:
    """The fitted parameters. ``alpha`` is in the unit of time of the data."""

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float

    @property
    def tells_drop_out(self) -> bool:
        """Whether the data say anything about drop-out.

        Where nobody seems to drop out the fit degenerates: ``alive`` means nothing then.
        """
        return self.a / (self.a + self.b) > 1e-3 and max(self.a, self.b) < _LARGEST / 10

    def alive(self, x: Array, t_x: Array, t: Array) -> Array:
        """Probability that a customer has not dropped out.

        1 for everybody without a repeat purchase: drop-out can only follow a purchase that the
        model counts. So it is no measure of churn.
        """
        repeated = x > 0
        before = np.where(repeated, self.b + x - 1, 1.0)
        log_odds = (
            np.log(self.a)
            - np.log(before)
            + (self.r + x) * (np.log(self.alpha + t) - np.log(self.alpha + t_x))
        )
        return np.asarray(np.where(repeated, 1 / (1 + np.exp(np.minimum(log_odds, 700))), 1.0))

    def buys(self, horizon: float, x: Array, t_x: Array, t: Array) -> Array:
        """Probability of at least one purchase in the next ``horizon``."""
        silent = np.exp((self.r + x) * (np.log(self.alpha + t) - np.log(self.alpha + t + horizon)))
        return np.asarray(self.alive(x, t_x, t) * (1 - silent))

    def purchases(self, horizon: float, x: Array, t_x: Array, t: Array) -> Array:
        """Expected number of purchases in the next ``horizon``."""
        from scipy.special import hyp2f1

        # The formula has a removable pole at a = 1.
        a = self.a if abs(self.a - 1) > 1e-6 else 1 + 1e-6
        now = self.alpha + t
        share = np.exp((self.r + x) * (np.log(now) - np.log(now + horizon)))
        series = hyp2f1(self.r + x, self.b + x, a + self.b + x - 1, horizon / (now + horizon))
        expected = (a + self.b + x - 1) / (a - 1) * (1 - share * series)
        # Rounding can leave a trace below nothing, and no customer outbuys one who never stops.
        most = (self.r + x) / now * horizon
        return np.asarray(np.clip(np.nan_to_num(expected), 0, most) * self.alive(x, t_x, t))


def fit_bgnbd(x: Array, t_x: Array, t: Array) -> BgNbd | None:
    """The parameters of greatest likelihood; None where there is nothing to learn from.

    Customers with equal numbers are counted once, so that the cost hardly grows with customers.
    """
    from scipy.optimize import minimize

    if len(x) == 0 or not np.any(x > 0) or not np.any(t > 0):
        return None
    # In units of the longest observation the search is equally hard for days and for weeks.
    unit = float(t.max())
    distinct, counts = np.unique(np.column_stack([x, t_x, t]), axis=0, return_counts=True)
    number, last, total = distinct[:, 0], distinct[:, 1] / unit, distinct[:, 2] / unit

    def loss(logs: Array) -> float:
        found = _log_likelihood(np.exp(logs), number, last, total)
        return -float(counts @ found) / float(counts.sum())

    bounds = [(np.log(_SMALLEST), np.log(_LARGEST))] * 4
    starts = [np.log([r, alpha / 39, a, b]) for r, alpha, a, b in _STARTS]
    # One search from the likeliest start: the surface has one hill where drop-out can be told.
    start = min(starts, key=loss)
    best = minimize(loss, start, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-12})
    if not np.isfinite(best.fun):
        return None
    r, alpha, a, b = (float(value) for value in np.exp(best.x))
    repeats = float(counts @ number)
    likelihood = -float(best.fun) * float(counts.sum()) - repeats * float(np.log(unit))
    return BgNbd(r, alpha * unit, a, b, likelihood)


def _log_likelihood(parameters: Array, x: Array, t_x: Array, t: Array) -> Array:
    """Log-likelihood of each customer, from equation (6) of the paper."""
    from scipy.special import gammaln

    r, alpha, a, b = parameters
    rate = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    drop_out = gammaln(a + b) + gammaln(b + x) - gammaln(b) - gammaln(a + b + x)
    stays = -(r + x) * np.log(alpha + t)
    leaves = np.where(
        x > 0,
        np.log(a) - np.log(np.where(x > 0, b + x - 1, 1.0)) - (r + x) * np.log(alpha + t_x),
        -np.inf,
    )
    return np.asarray(rate + drop_out + np.logaddexp(stays, leaves))
