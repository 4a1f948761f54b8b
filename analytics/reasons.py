"""From effects to reasons in words: the few that matter, each with the value that it speaks of."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final, Literal

import msgspec
import numpy as np
import pandas as pd

from analytics.attribution import Contributions
from warehouse.headers import sql_files
from warehouse.titles import title_of

Question = Literal["spend", "churn"]
Value = float | str | None
MOST: Final = 5
# Below this part of all that moves the answer a reason says nothing.
LEAST_SHARE: Final = 0.01
# Of the largest effect: from here on one is said to be strong, and from here on clear.
_STRONG, _CLEAR = 0.5, 0.15

# Columns that say nearly the same: a line gives with one and takes back with the other. Together
# their effect can be read, one by one it cannot.
_TOLD_BY: Final = {
    "gaps_since_last": "recency_days",
    "orders_per_30d": "frequency",
    "n_timed_orders": "frequency",
    "mean_gap_days": "frequency",
    "std_gap_days": "frequency",
    "spend_per_30d": "monetary",
    "bgnbd_purchases": "bgnbd_spend",
    "bgnbd_buys": "bgnbd_spend",
    "gamma_gamma_value": "bgnbd_spend",
    "avg_quantity": "total_quantity",
    "max_order_value": "avg_order_value",
    "std_order_value": "avg_order_value",
    "first_order_value": "avg_order_value",
    "last_order_value": "avg_order_value",
    "night_share": "evening_share",
    "morning_share": "evening_share",
    "afternoon_share": "evening_share",
}
_WINDOWS: Final = {"orders": "recency_days", "spend": "spend_90d"}
_WINDOW: Final = re.compile(r"(orders|spend)_\d+d")

# Where a sentence reads better than a title and a number, and what is told in the same breath.
_SENTENCES: Final = {
    "recency_days": "Last order {} days ago",
    "frequency": "{} orders so far",
    "monetary": "{} spent in total",
    "customer_lifetime_days": "Customer for {} days",
    "avg_order_value": "{} an order on average",
    "orders_90d": "{} orders in the last 90 days",
    "spend_90d": "{} spent in the last 90 days",
    "mean_gap_days": "{} days between orders",
    "bgnbd_spend": "{} expected from the rhythm of orders alone",
    "favourite_hour": "Buys mostly at {} o'clock",
    "favourite_weekday": "Buys mostly on weekday {} (Monday is 1)",
}
_BESIDE: Final = {"recency_days": "orders_90d", "frequency": "mean_gap_days"}


class Reason(msgspec.Struct, frozen=True):
    """One reason: the feature, its value, and its effect in currency or as a probability."""

    feature: str
    title: str
    value: Value
    effect: float
    words: str


class Explained(msgspec.Struct, frozen=True):
    """Why one number is what it is.

    ``base`` is what the model says of a customer with average inputs; ``rest`` is the effect
    of all that is not among the reasons. Where ``adds_up``, base, reasons and rest together are
    the number.
    """

    base: float
    rest: float
    reasons: list[Reason]
    adds_up: bool


def explained(
    found: Contributions,
    values: Mapping[str, Any],
    question: Question,
    currency: str,
    place: int = 0,
) -> Explained:
    """The reasons for one row.

    Parameters
    ----------
    values : what is known of the customer, by column; numbers may be NaN.
    currency : three letters.
    place : which row of ``found``.
    """
    effects = found.effects.by(told_by)
    row = effects.values[place]
    largest = np.argsort(-np.abs(row), kind="stable")[:MOST]
    least = LEAST_SHARE * float(np.abs(row).sum())
    kept = {effects.names[each]: float(row[each]) for each in largest if abs(row[each]) > least}
    rest = float(row.sum() - sum(kept.values()))
    told = strengths([*kept.values(), rest], question)
    told = told or [effect_words(effect, question, currency) for effect in kept.values()]
    reasons = [
        Reason(
            name,
            column_title(name),
            _plain(values.get(name)),
            effect,
            f"{_said(name, values, currency)}: {words}",
        )
        for (name, effect), words in zip(kept.items(), told, strict=False)
    ]
    return Explained(float(found.base[place]), rest, reasons, found.adds_up)


def _said(name: str, values: Mapping[str, Any], currency: str) -> str:
    """The value in words, and what is told in the same breath."""
    words = _told(name, _plain(values.get(name)), currency)
    beside = _BESIDE.get(name, "")
    value = _plain(values.get(beside))
    return words if value is None else f"{words}, {_told(beside, value, currency)}"


def told_by(name: str) -> str:
    """The column whose name and value stand for this one."""
    window = _WINDOW.fullmatch(name)
    return _WINDOWS[window[1]] if window else _TOLD_BY.get(name, name)


def column_title(name: str) -> str:
    """What people call a column."""
    return "Expected from the rhythm of orders" if name == "bgnbd_spend" else title_of(name)[0]


def unit_of(name: str) -> str:
    """Unit of a feature as the header of its view says; empty where it says none."""
    return _units().get(name, title_of(name)[1])


@cache
def _units() -> dict[str, str]:
    columns = [file.header.columns for file in sql_files("features")]
    units = {name: column.unit or "" for each in columns for name, column in each.items()}
    return {**units, "bgnbd_spend": "currency"}


def effect_words(effect: float, question: Question, currency: str) -> str:
    """Such as ``+ GBP 34`` or ``- 12 points``: percentage points of a probability."""
    sign = "-" if effect < 0 else "+"
    if question == "spend":
        return f"{sign} {_money(abs(effect), currency)}"
    return f"{sign} {abs(effect) * 100:.1f} points"


def strengths(effects: Sequence[float], question: str) -> list[str]:
    """Such as ``strongly raises``, one an effect; empty where points say it.

    Effects on a probability that cancel each other can exceed it by far. No probability moves by
    more than 100 points, so that such effects are told by their size among themselves.

    Parameters
    ----------
    effects : as probabilities, or in currency, which has no end.
    """
    largest = max((abs(effect) for effect in effects), default=0.0)
    if question == "spend" or largest <= 1:
        return []
    return [_strength(effect, abs(effect) / largest) for effect in effects]


def _strength(effect: float, share: float) -> str:
    how = "strongly" if share >= _STRONG else "clearly" if share >= _CLEAR else "slightly"
    return f"{how} {'lowers' if effect < 0 else 'raises'}"


def _told(name: str, value: Value, currency: str) -> str:
    """The value in words."""
    if value is None:
        return f"{column_title(name)}: not known"
    shown = _shown(value, unit_of(name), currency)
    if name in _SENTENCES:
        said = _SENTENCES[name].format(shown)
        return re.sub(r"\b1 (day|order)s\b", r"1 \1", said)
    return f"{column_title(name)} {shown}"


def _shown(value: Value, unit: str, currency: str) -> str:
    if not isinstance(value, float):
        return str(value)
    if unit == "currency":
        return _money(value, currency)
    if unit == "ratio":
        return f"{value * 100:.0f} %"
    return f"{value:,.0f}" if value == round(value) or abs(value) >= 100 else f"{value:,.1f}"


def _money(value: float, currency: str) -> str:
    digits = 0 if abs(value) >= 10 else 2
    return f"{'-' if value < 0 else ''}{currency} {abs(value):,.{digits}f}"


def _plain(value: Any) -> Value:  # noqa: ANN401 - whatever a frame holds
    if value is None or pd.isna(value):
        return None
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    return value if isinstance(value, str) else float(value)
