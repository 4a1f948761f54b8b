"""How the synthetic customers behave: when they come, how often they buy, when they stay away.

Every customer follows the process behind the BG/NBD model: she buys with a rate of her own
(gamma), and after each purchase she leaves for good with a probability of her own (beta). Regulars
buy more evenly than chance, as real ones do. Six habits, far apart in rate and in when they begin
and end, give groups that a clustering can find; no column tells them. The season is a stretched
calendar: time runs faster when the shop is busy.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np

from warehouse.synthetic_goods import CATEGORIES, Floats, Ints
from warehouse.synthetic_people import CITIES, city_shares

Flags = np.ndarray[tuple[int], np.dtype[np.bool_]]

_MONTHS = (0.90, 0.90, 0.97, 1.0, 1.01, 0.97, 0.94, 0.93, 1.0, 1.03, 1.16, 1.3)
_WEEKDAYS = (1.0, 0.95, 0.95, 1.0, 1.1, 1.2, 0.8)
_USUAL_DAYS = 540  # in a shorter history the spans of the habits shrink with it


class Habit(NamedTuple):
    """A way of buying.

    ``share`` of the customers have it, ``established`` of these bought before the first day. The
    others arrive, and all who are still there stop coming, within a span of days before the last
    day (``arrives``, ``stops``: from, until). ``rate`` is orders in 30 days and ``evenness`` the
    shape of its gamma; only every ``rhythm``-th event of chance is an order, so gaps are even.
    ``leaves`` is the mean probability of leaving after an order, ``lines`` the mean of an order.
    ``level`` is how dear the products are (in logits), ``promotion`` the share bought on it,
    ``favourites`` how strongly the preferred categories are preferred.
    """

    share: float
    established: float
    arrives: tuple[int, int]
    stops: tuple[int, int]
    rate: float
    evenness: float
    rhythm: int
    leaves: float
    lines: float
    level: float
    promotion: float
    favourites: float


_EVER = 10_000  # days before the last day: before the history begins
_HABITS = (
    # every week or two, of everything
    Habit(0.11, 0.80, (_EVER, 240), (0, 0), 3.60, 40, 3, 0.001, 2.3, 0.7, 0.08, 0.25),
    # a small basket every other month or so, for years
    Habit(0.19, 0.72, (_EVER, 300), (0, 0), 0.60, 40, 3, 0.002, 1.6, -0.2, 0.10, 0.40),
    # regulars until a few months ago
    Habit(0.15, 0.85, (_EVER, 400), (210, 140), 0.60, 40, 5, 0.002, 1.8, 0.1, 0.12, 0.40),
    # came lately through a promotion, and again
    Habit(0.18, 0.00, (200, 100), (0, 0), 0.65, 30, 2, 0.003, 1.7, 0.2, 0.28, 0.50),
    # have only just come
    Habit(0.16, 0.00, (58, 0), (0, 0), 0.35, 8, 1, 0.300, 1.3, -0.4, 0.03, 0.60),
    # tried it once, long ago
    Habit(0.21, 0.10, (_EVER, 330), (0, 0), 0.12, 6, 1, 0.800, 1.3, -0.5, 0.02, 0.80),
)
_HUNTERS = 0.07  # share of all customers who buy on promotion four times as often


@dataclass(frozen=True)
class Calendar:
    """The days of the period, and how much of the shop's business falls on each.

    ``clock`` has one element more than there are days: business until the end of the day before,
    in ordinary days. ``month`` is 0 for January, ``weekday`` 0 for Monday.
    """

    first_day: date
    days: int
    clock: Floats
    month: Ints
    weekday: Ints
    is_sale: Flags

    def time(self, days_before: Floats) -> Floats:
        """Business time of so many days before the end; days shrink in a short history."""
        scaled = np.round(days_before * min(1.0, self.days / _USUAL_DAYS))
        return self.clock[np.clip(self.days - scaled, 0, self.days).astype(np.int64)]


@dataclass(frozen=True)
class Shoppers:
    """One element a customer: where and how she buys."""

    arrives: Floats
    stops: Floats
    is_new: Flags
    rate: Floats
    rhythm: Ints
    leaves: Floats
    lines: Floats
    level: Floats
    promotion: Floats
    favourites: Floats
    tastes: np.ndarray[tuple[int, int], np.dtype[np.int64]]
    city: Ints
    channel: Ints
    payment: Ints


def draw_calendar(first_day: date, days: int) -> Calendar:
    """Lay out the seasons over the period."""
    dates = [first_day + timedelta(days=i) for i in range(days)]
    month = np.array([day.month - 1 for day in dates], dtype=np.int64)
    weekday = np.array([day.weekday() for day in dates], dtype=np.int64)
    week = np.array([day.isocalendar().week for day in dates], dtype=np.int64)
    holiday = np.array([day.month == 12 and day.day in (25, 26) for day in dates])
    # Sales: the week of late November, the first half of July, the days after Christmas.
    is_sale = np.isin(week, (27, 28, 48, 1, 2))
    busy = np.array(_MONTHS)[month] * np.array(_WEEKDAYS)[weekday]
    busy = busy * np.where(is_sale, 1.15, 1.0) * np.where(holiday, 0.35, 1.0)
    clock = np.concatenate(([0.0], np.cumsum(busy)))
    return Calendar(first_day, days, np.asarray(clock), month, weekday, is_sale)


def draw_shoppers(rng: np.random.Generator, count: int, calendar: Calendar) -> Shoppers:
    """Give each customer a habit, and values of her own around it."""
    shares = np.array([habit.share for habit in _HABITS])
    habit = rng.choice(len(_HABITS), size=count, p=shares / shares.sum())

    def own(name: str, *, edge: int | None = None) -> Floats:
        values = [getattr(each, name) for each in _HABITS]
        chosen = values if edge is None else [span[edge] for span in values]
        return np.array(chosen, dtype=np.float64)[habit]

    def within(name: str) -> Floats:
        begin, end = (calendar.time(own(name, edge=edge)) for edge in (0, 1))
        return begin + rng.random(count) * (end - begin)

    is_new = rng.random(count) >= own("established")
    rate, evenness = own("rate") / 30, own("evenness")
    hunts = np.where(rng.random(count) < _HUNTERS, 4.0, 1.0)
    return Shoppers(
        arrives=np.where(is_new, within("arrives"), 0.0),
        stops=within("stops"),
        is_new=is_new,
        rate=rng.gamma(evenness, rate / evenness),
        rhythm=own("rhythm").astype(np.int64),
        leaves=rng.beta(2.0, 2.0 / own("leaves") - 2.0),
        lines=own("lines") * rng.gamma(12.0, 1 / 12.0, count),
        level=own("level") + 0.3 * rng.normal(size=count),
        promotion=np.clip(own("promotion") * hunts * rng.gamma(6.0, 1 / 6.0, count), 0, 0.9),
        favourites=own("favourites"),
        tastes=np.argsort(rng.random((count, len(CATEGORIES))), axis=1).astype(np.int64),
        city=rng.choice(len(CITIES), size=count, p=city_shares()),
        channel=np.searchsorted([0.5, 0.78], rng.random(count)).astype(np.int64),
        payment=rng.choice(5, size=count, p=[0.36, 0.2, 0.24, 0.14, 0.06]),
    )
