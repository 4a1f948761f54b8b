"""How the synthetic customers behave: when they come, how often they buy, when they stay away.

Every customer follows the process that the BG/NBD model assumes: she buys at random times with a
rate of her own (gamma), and after each purchase she leaves for good with a probability of her own
(beta). Six habits with rates and probabilities far apart give groups that a clustering can find.
The season is a stretched calendar: time runs faster when the shop is busy.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np

from warehouse.synthetic_goods import CATEGORIES, Floats, Goods, Ints, season_reach
from warehouse.synthetic_people import CITIES, city_shares

Flags = np.ndarray[tuple[int], np.dtype[np.bool_]]

PAYMENT_METHODS = ("card", "invoice", "PayPal", "direct debit", "instalments", "cash")
CHANNELS = ("web", "app", "store")
WEB, APP, STORE = range(3)
CASH = PAYMENT_METHODS.index("cash")
NOBODY = -1  # the customer of an order that is paid without giving a name

_MONTHS = (0.90, 0.90, 0.97, 1.0, 1.01, 0.97, 0.94, 0.93, 1.0, 1.03, 1.16, 1.3)
_WEEKDAYS = (1.0, 0.95, 0.95, 1.0, 1.1, 1.2, 0.8)
_HOURS_ONLINE = (6, 3, 2, 1, 1, 3, 9, 16, 22, 26, 30, 33, 38, 34, 30, 30, 33, 38, 46, 56, 62, 54,
                 34, 15)  # fmt: skip
_HOURS_STORE = (0, 0, 0, 0, 0, 0, 0, 0, 2, 20, 34, 42, 44, 38, 36, 38, 44, 48, 40, 18, 0, 0, 0, 0)
_GUEST_SHARE = 0.055
_GROWTH = 0.35  # arrivals at the end of the period compared with its beginning, less one
_SUNDAY = 6


class Habit(NamedTuple):
    """A way of buying. Rates are orders in 30 days, ``lines`` and ``breadth`` are means.

    ``established`` is the share that bought before the first day, ``level`` how dear the products
    are (in logits), ``favourites`` how strongly the preferred categories are preferred.
    """

    share: float
    established: float
    rate: float
    evenness: float
    leaves: float
    lines: float
    level: float
    promotion: float
    favourites: float


_HABITS = (
    Habit(0.07, 0.70, 2.60, 8.0, 0.004, 3.0, 0.7, 0.10, 0.25),  # come every other week
    Habit(0.24, 0.60, 0.95, 7.0, 0.014, 2.2, 0.2, 0.14, 0.40),  # a basket a month
    Habit(0.12, 0.30, 1.10, 5.0, 0.080, 2.4, 0.5, 0.16, 0.50),  # keen for a while, then gone
    Habit(0.30, 0.50, 0.27, 4.0, 0.060, 1.7, 0.0, 0.16, 0.55),  # now and then
    Habit(0.10, 0.50, 0.55, 4.0, 0.040, 2.0, -0.6, 0.62, 0.45),  # only on promotion
    Habit(0.17, 0.05, 0.20, 2.0, 0.550, 1.4, -0.1, 0.22, 0.80),  # try it once
)  # fmt: skip


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


@dataclass(frozen=True)
class Shoppers:
    """One element a customer: where and how she buys."""

    arrives: Floats
    is_new: Flags
    rate: Floats
    leaves: Floats
    lines: Floats
    level: Floats
    promotion: Floats
    favourites: Floats
    tastes: np.ndarray[tuple[int, int], np.dtype[np.int64]]
    city: Ints
    channel: Ints
    payment: Ints


@dataclass(frozen=True)
class Orders:
    """One element an order, in the order of time. ``customer`` may be ``NOBODY``."""

    customer: Ints
    day: Ints
    second: Ints
    channel: Ints
    payment: Ints
    city: Ints


@dataclass(frozen=True)
class Lines:
    """One element a line: purchases and refunds, in the order of time."""

    order: Ints
    day: Ints
    second: Ints
    product: Ints
    quantity: Ints
    unit_cents: Ints
    is_promotion: Flags


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
    habits = np.array(_HABITS)
    habit = rng.choice(len(habits), size=count, p=habits[:, 0] / habits[:, 0].sum())
    own = habits[habit]
    is_new = rng.random(count) >= own[:, 1]
    u, end = rng.random(count), calendar.clock[-1]
    # The inverse of a density that grows linearly by _GROWTH from the first day to the last.
    arrives = end * (np.sqrt(1 + u * ((1 + _GROWTH) ** 2 - 1)) - 1) / _GROWTH
    leaves = rng.beta(2.0, 2.0 / own[:, 4] - 2.0)
    channel_mood = rng.random(count)
    return Shoppers(
        arrives=np.where(is_new, arrives, 0.0),
        is_new=is_new,
        rate=rng.gamma(own[:, 3], own[:, 2] / own[:, 3] / 30),
        leaves=leaves,
        lines=own[:, 5] * rng.gamma(12.0, 1 / 12.0, count),
        level=own[:, 6] + 0.5 * rng.normal(size=count),
        promotion=np.clip(own[:, 7] * rng.gamma(6.0, 1 / 6.0, count), 0, 0.9),
        favourites=own[:, 8],
        tastes=np.argsort(rng.random((count, len(CATEGORIES))), axis=1).astype(np.int64),
        city=rng.choice(len(CITIES), size=count, p=city_shares()),
        channel=np.searchsorted([0.5, 0.78], channel_mood).astype(np.int64),
        payment=rng.choice(5, size=count, p=[0.36, 0.2, 0.24, 0.14, 0.06]),
    )


def _purchase_times(
    rng: np.random.Generator, shoppers: Shoppers, end: float
) -> tuple[Ints, Floats]:
    """Customer and business time of every order, by customer and time."""
    count = len(shoppers.rate)
    expected = shoppers.rate * (end - shoppers.arrives)
    numbers = rng.poisson(expected)
    customer = np.repeat(np.arange(count), numbers)
    at = shoppers.arrives[customer] + rng.random(len(customer)) * (end - shoppers.arrives[customer])
    # A new customer comes because she buys: her first order is her arrival.
    newcomers = np.flatnonzero(shoppers.is_new)
    customer = np.concatenate((newcomers, customer))
    at = np.concatenate((shoppers.arrives[newcomers], at))
    by_time = np.argsort(customer * (end + 1) + at, kind="stable")
    customer, at = customer[by_time], at[by_time]
    totals = np.bincount(customer, minlength=count)
    place = np.arange(len(customer)) - np.repeat(np.cumsum(totals) - totals, totals)
    stays = place < rng.geometric(shoppers.leaves)[customer]
    return customer[stays], at[stays]


def _seconds(rng: np.random.Generator, channel: Ints) -> Ints:
    """Second of the day, by the opening hours of the channel."""
    online = np.cumsum(_HOURS_ONLINE) / sum(_HOURS_ONLINE)
    store = np.cumsum(_HOURS_STORE) / sum(_HOURS_STORE)
    u = rng.random(len(channel))
    hour = np.where(
        channel == STORE,
        np.searchsorted(store, u, side="right"),
        np.searchsorted(online, u, side="right"),
    )
    return np.asarray(hour * 3600 + rng.integers(1, 3600, len(channel)), dtype=np.int64)


def _mixed(rng: np.random.Generator, usual: Ints, others: int, share: float) -> Ints:
    """``usual``, except for a share that takes any of ``others``."""
    strays = rng.random(len(usual)) < share
    return np.where(strays, rng.integers(others, size=len(usual)), usual)


def draw_orders(rng: np.random.Generator, shoppers: Shoppers, calendar: Calendar) -> Orders:
    """All orders of the period, those without a customer among them."""
    customer, at = _purchase_times(rng, shoppers, float(calendar.clock[-1]))
    guests = round(_GUEST_SHARE * len(customer))
    at = np.concatenate((at, rng.random(guests) * calendar.clock[-1]))
    customer = np.concatenate((customer, np.full(guests, NOBODY)))
    day = np.searchsorted(calendar.clock, at, side="right").astype(np.int64) - 1
    day = np.minimum(day, calendar.days - 1)
    is_guest = customer == NOBODY
    channel = np.where(is_guest, STORE, _mixed(rng, shoppers.channel[customer], 3, 0.12))
    # Shops are closed on Sundays.
    channel = np.where((channel == STORE) & (calendar.weekday[day] == _SUNDAY), WEB, channel)
    payment = _mixed(rng, shoppers.payment[customer], 5, 0.1)
    pays_cash = (channel == STORE) & (rng.random(len(channel)) < np.where(is_guest, 0.6, 0.2))
    city = np.where(
        is_guest,
        rng.choice(len(CITIES), size=len(customer), p=city_shares()),
        _mixed(rng, shoppers.city[customer], len(CITIES), 0.05),
    )
    second = _seconds(rng, channel)
    by_time = np.argsort(day * 86_400 + second, kind="stable")
    payment = np.where(pays_cash, CASH, payment)
    return Orders(
        customer[by_time], day[by_time], second[by_time], channel[by_time], payment[by_time],
        city[by_time],
    )  # fmt: skip


def _categories(rng: np.random.Generator, shoppers: Shoppers, customer: Ints, month: Ints) -> Ints:
    """A category per line: a favourite of the customer, or what everybody buys in that month."""
    place = rng.geometric(shoppers.favourites[customer]) - 1
    favourite = shoppers.tastes[customer, place % len(CATEGORIES)]
    u = rng.random(len(customer))
    seasonal = (u[:, None] >= season_reach()[month]).sum(axis=1)
    by_season = (rng.random(len(customer)) < 0.3) | (customer == NOBODY)
    return np.where(by_season, seasonal, favourite).astype(np.int64)


def draw_lines(
    rng: np.random.Generator, orders: Orders, shoppers: Shoppers, goods: Goods, calendar: Calendar
) -> Lines:
    """The lines of every order, and the refunds that follow some of them."""
    is_guest = orders.customer == NOBODY
    mean = np.where(is_guest, 1.6, shoppers.lines[orders.customer])
    order = np.repeat(np.arange(len(mean)), 1 + rng.poisson(mean - np.minimum(mean, 1.0)))
    customer, day = orders.customer[order], orders.day[order]
    category = _categories(rng, shoppers, customer, calendar.month[day])
    u = rng.random(len(order))
    level = np.where(customer == NOBODY, -0.2, shoppers.level[customer])
    dearness = 1 / (1 + np.exp(-(np.log(u / (1 - u)) + level)))
    product = goods.draw(category, np.minimum(dearness, 1 - 1e-12))
    bulk = np.array([c.bulk for c in CATEGORIES])[category]
    quantity = 1 + (rng.random(len(order)) < bulk) * rng.geometric(0.6, len(order))
    wish = shoppers.promotion[customer] * np.where(calendar.is_sale[day], 2.0, 0.85)
    is_promotion = rng.random(len(order)) < np.minimum(wish, 0.95)
    percent = np.where(is_promotion, rng.choice((10, 15, 20, 30), size=len(order)), 0)
    bought = Lines(
        order, day, orders.second[order], product, quantity,
        (goods.cents[product] * (100 - percent) + 50) // 100, is_promotion,
    )  # fmt: skip
    return _with_refunds(rng, bought, category, calendar.days)


def _with_refunds(rng: np.random.Generator, bought: Lines, category: Ints, days: int) -> Lines:
    """``bought`` and, days later, what came back: same product and price, quantity below 0."""
    returns = np.array([c.returns for c in CATEGORIES])[category]
    back = np.flatnonzero(rng.random(len(category)) < returns)
    day = bought.day[back] + 2 + rng.geometric(0.1, len(back))
    back, day = back[day < days], day[day < days]
    second = rng.integers(9 * 3600, 18 * 3600, len(back))
    both = [
        (bought.order, bought.order[back]),
        (bought.day, day),
        (bought.second, second),
        (bought.product, bought.product[back]),
        (bought.quantity, -bought.quantity[back]),
        (bought.unit_cents, bought.unit_cents[back]),
        (bought.is_promotion, bought.is_promotion[back]),
    ]
    columns = [np.concatenate(pair) for pair in both]
    by_time = np.argsort(columns[1] * 86_400 + columns[2], kind="stable")
    return Lines(*(column[by_time] for column in columns))
