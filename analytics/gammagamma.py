"""Gamma-Gamma: what a customer's usual purchase is worth, from the few that were seen.

Each purchase varies about a mean of the customer's own, and means vary among customers. A customer
of whom little is known is expected to be like the others. After Fader and Hardie (2013), "The
Gamma-Gamma Model of Monetary Value".
"""

from dataclasses import dataclass

import numpy as np

from analytics.metrics import Array

_SMALLEST, _LARGEST = 1e-3, 1e5


@dataclass(frozen=True)
class GammaGamma:
    """The fitted parameters; ``v`` (gamma in the paper) is in currency."""

    p: float
    q: float
    v: float
    log_likelihood: float

    @property
    def population_mean(self) -> float:
        """Mean value of a purchase over all customers; NaN where it is not finite."""
        return self.p * self.v / (self.q - 1) if self.q > 1 else float("nan")

    def value(self, n: Array, mean: Array) -> Array:
        """Expected value of a customer's purchases.

        Parameters
        ----------
        n : purchases seen; 0 is expected to be like everybody.
        mean : their mean in currency; ignored where ``n`` is 0.
        """
        seen = np.where(n > 0, n, 0.0) * np.where(n > 0, mean, 0.0)
        weight = self.p * np.where(n > 0, n, 0.0) + self.q - 1
        if self.q > 1:
            return np.asarray(self.p * (self.v + seen) / weight)
        # Without a finite mean of the population only the customer's own is left.
        return np.asarray(np.where(n > 0, mean, self.p * self.v))


def fit_gamma_gamma(n: Array, mean: Array) -> GammaGamma | None:
    """The parameters of greatest likelihood; None with fewer than two customers to learn from.

    Parameters
    ----------
    n : purchases seen, one entry a customer; those with none are left out.
    mean : their mean in currency; those of 0 or less are left out.
    """
    from scipy.optimize import minimize

    known = (n > 0) & (mean > 0) & np.isfinite(mean)
    if known.sum() < 2 or np.ptp(mean[known]) == 0:
        return None
    unit = float(np.median(mean[known]))
    number, value = n[known].astype(float), mean[known] / unit

    def loss(logs: Array) -> float:
        return -float(_log_likelihood(np.exp(logs), number, value).mean())

    bounds = [(np.log(_SMALLEST), np.log(_LARGEST))] * 3
    starts = [np.log([5.0, 4.0, 0.6]), np.log([1.0, 2.0, 1.0])]
    found = [minimize(loss, start, method="L-BFGS-B", bounds=bounds) for start in starts]
    best = min(found, key=lambda each: float(each.fun))
    if not np.isfinite(best.fun):
        return None
    p, q, v = (float(one) for one in np.exp(best.x))
    likelihood = -float(best.fun) * len(number) - len(number) * float(np.log(unit))
    return GammaGamma(p, q, v * unit, likelihood)


def _log_likelihood(parameters: Array, n: Array, mean: Array) -> Array:
    """Log-likelihood of each customer's mean, from equation (1a) of the paper."""
    from scipy.special import gammaln

    p, q, v = parameters
    return np.asarray(
        gammaln(p * n + q)
        - gammaln(p * n)
        - gammaln(q)
        + q * np.log(v)
        + (p * n - 1) * np.log(mean)
        + p * n * np.log(n)
        - (p * n + q) * np.log(n * mean + v)
    )
