"""Spend by BG/NBD and Gamma-Gamma: how often a customer will buy, times what it is worth.

Five numbers a customer are enough: the days of her first and last purchase, the days with one, and
the first and the mean order. They stand in the feature views, so the model needs no data of its
own. The parameters are fitted on the newest training window, never on what came after it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from analytics import boosted_spend, linear_hurdle
from analytics.bgnbd import BgNbd, fit_bgnbd
from analytics.boosting import Fitting
from analytics.candidates import Fit, Model
from analytics.gammagamma import GammaGamma, fit_gamma_gamma
from analytics.learning import Constant, meta, spend_outcome
from analytics.linear_hurdle import fit_linear_hurdle
from analytics.metrics import Array

# Seven parameters are known well enough from so many customers.
_MOST_CUSTOMERS = 10_000


@dataclass(frozen=True)
class Past:
    """What the models know of each customer: one entry each, time in days, value in currency."""

    x: Array
    t_x: Array
    t: Array
    n_orders: Array
    mean_order: Array


def past(frame: pd.DataFrame) -> Past:
    """The past of each row of a frame; undated customers count as bought once, today."""
    t = _numbers(frame, "customer_lifetime_days")
    t_x = np.clip(t - _numbers(frame, "recency_days"), 0, None)
    gap = _numbers(frame, "mean_gap_days")
    x = np.where(gap > 0, np.rint(t_x / np.where(gap > 0, gap, 1.0)), 0.0)
    orders = _numbers(frame, "frequency")
    mean = _numbers(frame, "avg_order_value")
    later = np.clip(orders - 1, 0, None)
    # The first order is left out: it is larger or smaller than those that follow it.
    rest = (mean * orders - _numbers(frame, "first_order_value")) / np.where(later > 0, later, 1.0)
    return Past(x, np.where(x > 0, t_x, 0.0), t, later, np.where(later > 0, rest, 0.0))


def _numbers(frame: pd.DataFrame, column: str) -> Array:
    if column not in frame:
        return np.zeros(len(frame))
    values = frame[column].to_numpy(dtype=float)
    return np.asarray(np.where(np.isfinite(values), values, 0.0))


@dataclass(frozen=True)
class Lifetimes:
    """Both models and the horizon in days; without repeat orders everybody's value is one mean."""

    horizon_days: int
    buying: BgNbd
    value: GammaGamma | None
    mean_order: float

    def predict(self, frame: pd.DataFrame) -> Array:
        """Expected purchases in the horizon times their expected value."""
        known = past(frame)
        number = self.buying.purchases(self.horizon_days, known.x, known.t_x, known.t)
        return np.asarray(number * self.worth(known))

    def buys(self, frame: pd.DataFrame) -> Array:
        """Probability of a purchase in the horizon."""
        known = past(frame)
        return self.buying.buys(self.horizon_days, known.x, known.t_x, known.t)

    def columns(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The frame with what the models say of each customer, for others to learn from."""
        known = past(frame)
        number = self.buying.purchases(self.horizon_days, known.x, known.t_x, known.t)
        worth = self.worth(known)
        return frame.assign(
            bgnbd_purchases=number,
            bgnbd_buys=self.buying.buys(self.horizon_days, known.x, known.t_x, known.t),
            gamma_gamma_value=worth,
            bgnbd_spend=number * worth,
        )

    def worth(self, known: Past) -> Array:
        """Expected value of a purchase of each customer, in currency."""
        if self.value is None:
            return np.full(len(known.x), self.mean_order)
        return np.asarray(np.maximum(self.value.value(known.n_orders, known.mean_order), 0))

    def parts(self) -> dict[str, object]:
        """The parameters."""
        return {"meta": asdict(self)}


def fit_lifetimes(frame: pd.DataFrame, horizon_days: int, seed: int) -> Lifetimes | None:
    """Both models from the customers of one frame; None where nobody ever came back."""
    if len(frame) > _MOST_CUSTOMERS:
        rng = np.random.default_rng(seed)
        frame = frame.iloc[np.sort(rng.choice(len(frame), _MOST_CUSTOMERS, replace=False))]
    known = past(frame)
    buying = fit_bgnbd(known.x, known.t_x, known.t)
    if buying is None:
        return None
    value = fit_gamma_gamma(known.n_orders, known.mean_order)
    return Lifetimes(horizon_days, buying, value, _mean_order(frame))


def _mean_order(frame: pd.DataFrame) -> float:
    """Mean value of all orders; 0 where there is none."""
    orders = _numbers(frame, "frequency")
    total = float(orders.sum())
    return float((orders * _numbers(frame, "avg_order_value")).sum()) / total if total else 0.0


@dataclass(frozen=True)
class Told:
    """A model that also sees what BG/NBD and Gamma-Gamma say."""

    lifetimes: Lifetimes
    model: Model

    def predict(self, frame: pd.DataFrame) -> Array:
        """Expected spend."""
        return self.model.predict(self.lifetimes.columns(frame))

    def parts(self) -> dict[str, object]:
        """The parameters, and the parts of the model."""
        inner = self.model.parts()
        return {"meta": {"lifetimes": asdict(self.lifetimes), "model": inner.pop("meta")}, **inner}


@dataclass(frozen=True)
class Blend:
    """The mean of three that err differently: BG/NBD with Gamma-Gamma, and both hurdles."""

    lifetimes: Lifetimes
    lines: Model
    trees: Model

    def predict(self, frame: pd.DataFrame) -> Array:
        """Expected spend."""
        told = self.lifetimes.columns(frame)
        own = told["bgnbd_spend"].to_numpy(dtype=float)
        return np.asarray((own + self.lines.predict(told) + self.trees.predict(told)) / 3)

    def parts(self) -> dict[str, object]:
        """The parameters, and the parts of both hurdles."""
        lines, trees = self.lines.parts(), self.trees.parts()
        described = {
            "lifetimes": asdict(self.lifetimes),
            "lines": lines.pop("meta"),
            "trees": trees.pop("meta"),
        }
        return {"meta": described, **lines, **trees}


def lifetimes_fit(horizon_days: int) -> Fit:
    """A fit of BG/NBD and Gamma-Gamma; the mean where nobody ever came back."""

    def fit(frames: Sequence[pd.DataFrame], fitting: Fitting) -> Model:
        return lifetimes_of(frames, horizon_days, fitting) or _mean(frames)

    return fit


def told_fit(learn: Fit, horizon_days: int) -> Fit:
    """A fit of ``learn`` on frames that say what BG/NBD says; without it where it says nothing."""

    def fit(frames: Sequence[pd.DataFrame], fitting: Fitting) -> Model:
        lifetimes = lifetimes_of(frames, horizon_days, fitting)
        if lifetimes is None:
            return learn(frames, fitting)
        return Told(lifetimes, _learnt(learn, _told(lifetimes, frames, fitting), fitting))

    return fit


def blend_fit(horizon_days: int) -> Fit:
    """A fit of the blend; the linear hurdle alone where nobody ever came back."""

    def fit(frames: Sequence[pd.DataFrame], fitting: Fitting) -> Model:
        lifetimes = lifetimes_of(frames, horizon_days, fitting)
        if lifetimes is None:
            return fit_linear_hurdle(frames, fitting)
        told = _told(lifetimes, frames, fitting)
        # Trees first: where the lines compete on their own, they are fitted meanwhile.
        trees = boosted_spend.fit_hurdle(told, fitting)
        return Blend(lifetimes, _learnt(fit_linear_hurdle, told, fitting), trees)

    return fit


def lifetimes_of(
    frames: Sequence[pd.DataFrame], horizon_days: int, fitting: Fitting
) -> Lifetimes | None:
    """Both models from the newest window, for every fit on these windows."""
    return fitting.once.of(
        ("lifetimes", horizon_days),
        frames[:1],
        lambda: fit_lifetimes(frames[0], horizon_days, fitting.seed),
    )


def _told(
    lifetimes: Lifetimes, frames: Sequence[pd.DataFrame], fitting: Fitting
) -> list[pd.DataFrame]:
    """The windows with what the models say of each customer."""
    given = [lifetimes, *frames]
    return fitting.once.of("told", given, lambda: [lifetimes.columns(each) for each in frames])


def _learnt(learn: Fit, told: Sequence[pd.DataFrame], fitting: Fitting) -> Model:
    """What ``learn`` makes of these windows; the blend has a part that also competes alone."""
    return fitting.once.of(learn, told, lambda: learn(told, fitting))


def _mean(frames: Sequence[pd.DataFrame]) -> Model:
    return Constant(float(np.concatenate([spend_outcome(frame) for frame in frames]).mean()))


def restored(saved: Mapping[str, object]) -> Lifetimes:
    """The parameters as they were saved."""
    import msgspec

    return msgspec.convert(saved, Lifetimes)


def restore(parts: Mapping[str, object]) -> Model:
    """The model from its saved parts."""
    saved = meta(parts)
    files = {name: part for name, part in parts.items() if name != "meta"}
    if "buying" in saved:
        return restored(saved)
    if "lines" in saved:
        lines = linear_hurdle.restore({"meta": saved["lines"], **files})
        trees = boosted_spend.restore({"meta": saved["trees"], **files})
        return Blend(restored(saved["lifetimes"]), lines, trees)
    if "lifetimes" in saved:
        return Told(
            restored(saved["lifetimes"]), linear_hurdle.restore({"meta": saved["model"], **files})
        )
    return linear_hurdle.restore(parts)
