"""Inputs that were not given, made to agree with those that were.

Somebody whose last order was twelve days ago has an order in the last thirty days, even where a
typical customer has none. Without this, typical values would contradict what was typed in, and the
models would be asked about a customer who cannot exist.
"""

import math
from collections.abc import Collection, Iterator, Mapping
from typing import Final

Numbers = Mapping[str, float]
WINDOWS: Final = (7, 30, 60, 90, 180)
_ORDER_VALUES: Final = ("first_order_value", "last_order_value", "max_order_value")


def worked_out(values: dict[str, float], given: Collection[str]) -> dict[str, float]:
    """What follows from the given inputs, for those that were not given.

    Parameters
    ----------
    values : every number by column: those given, and typical ones in place of the others.
    given : names of those that were given.
    """
    known = set(given)
    found: dict[str, float] = {}
    for name, reasons, value in _rules(values):
        if name in values and name not in given and known & set(reasons):
            if not _same(value, values[name]):
                found[name] = value
            values[name] = value
            known.add(name)
    return found


def _rules(values: Numbers) -> Iterator[tuple[str, tuple[str, ...], float]]:
    """Name, what it follows from, and its value; each rule sees what those before it found."""
    recency, lifetime = _of(values, "recency_days"), _of(values, "customer_lifetime_days")
    yield "customer_lifetime_days", ("recency_days",), max(lifetime, recency)
    lifetime = _of(values, "customer_lifetime_days")
    orders, spent = _of(values, "frequency"), _of(values, "monetary")
    if orders > 0 and not math.isnan(spent):
        yield "avg_order_value", ("monetary",), spent / orders
    average = _of(values, "avg_order_value")
    gap = (lifetime - recency) / (orders - 1) if orders > 1 and lifetime > recency else math.nan
    yield "mean_gap_days", ("frequency",), gap
    for name in _ORDER_VALUES:
        yield name, ("avg_order_value",), average
    yield "monetary", ("frequency", "avg_order_value"), orders * average
    quantity = orders * _of(values, "avg_quantity")
    yield "total_quantity", ("frequency", "avg_quantity"), quantity
    if _of(values, "n_timed_orders") > 0:
        yield "n_timed_orders", ("frequency",), orders
    shorter = 0.0
    for days in WINDOWS:
        name = f"orders_{days}d"
        least = max(shorter, 1.0) if recency < days else 0.0
        most = orders if recency < days else 0.0
        in_window = min(max(_of(values, name), least), max(most, least))
        yield name, ("recency_days", *(f"orders_{each}d" for each in WINDOWS)), in_window
        shorter = _of(values, name)
        yield f"spend_{days}d", ("recency_days", "avg_order_value", name), shorter * average


def _of(values: Numbers, name: str) -> float:
    return values.get(name, math.nan)


def _same(one: float, other: float) -> bool:
    return one == other or (math.isnan(one) and math.isnan(other))
