"""What the synthetic customers buy: orders over time, their lines, and what comes back."""

from dataclasses import dataclass

import numpy as np

from warehouse.synthetic_goods import CATEGORIES, Floats, Goods, Ints, season_reach
from warehouse.synthetic_habits import Calendar, Flags, Shoppers
from warehouse.synthetic_people import CITIES, city_shares

PAYMENT_METHODS = ("card", "invoice", "PayPal", "direct debit", "instalments", "cash")
CHANNELS = ("web", "app", "store")
WEB, APP, STORE = range(3)
CASH = PAYMENT_METHODS.index("cash")
NOBODY = -1  # the customer of an order that is paid without giving a name

_HOURS_ONLINE = (6, 3, 2, 1, 1, 3, 9, 16, 22, 26, 30, 33, 38, 34, 30, 30, 33, 38, 46, 56, 62, 54,
                 34, 15)  # fmt: skip
_HOURS_STORE = (0, 0, 0, 0, 0, 0, 0, 0, 2, 20, 34, 42, 44, 38, 36, 38, 44, 48, 40, 18, 0, 0, 0, 0)
_GUEST_SHARE = 0.055
_SUNDAY = 6


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


def _places(customer: Ints, count: int) -> Ints:
    """Place of each element among those of its customer; ``customer`` is sorted."""
    totals = np.bincount(customer, minlength=count)
    return np.arange(len(customer)) - np.repeat(np.cumsum(totals) - totals, totals)


def _purchase_times(rng: np.random.Generator, shoppers: Shoppers) -> tuple[Ints, Floats]:
    """Customer and business time of every order, by customer and time."""
    count = len(shoppers.rate)
    spans = np.maximum(shoppers.stops - shoppers.arrives, 0.0)
    numbers = rng.poisson(shoppers.rate * shoppers.rhythm * spans)
    customer = np.repeat(np.arange(count), numbers)
    at = shoppers.arrives[customer] + rng.random(len(customer)) * spans[customer]
    # A new customer comes because she buys: her first order is her arrival, then the beat begins.
    newcomers = np.flatnonzero(shoppers.is_new)
    customer = np.concatenate((newcomers, customer))
    at = np.concatenate((shoppers.arrives[newcomers], at))
    by_time = np.lexsort((at, customer))
    customer, at = customer[by_time], at[by_time]
    beat = np.where(shoppers.is_new, 0, rng.integers(shoppers.rhythm))
    is_order = _places(customer, count) % shoppers.rhythm[customer] == beat[customer]
    customer, at = customer[is_order], at[is_order]
    stays = _places(customer, count) < rng.geometric(shoppers.leaves)[customer]
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
    customer, at = _purchase_times(rng, shoppers)
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
