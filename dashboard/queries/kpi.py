"""One key figure: its value, its words, its comparison and its target."""

from dataclasses import dataclass, replace
from typing import Final, Literal

from dashboard.formatting import MISSING, Formatter
from warehouse.configuration import Kpi as Aim

Unit = Literal["currency", "count", "ratio"]
State = Literal["ok", "no data", "not enough history", "withheld"]
RISING_IS_GOOD: Final = {
    "revenue": True,
    "active_customers": True,
    "average_order": True,
    "repeat_rate": True,
    "revenue_at_risk": False,
    "expected_spend": True,
    "leaving_customers": False,
}
LIMITS: Final = frozenset(
    {"revenue_at_risk", "leaving_customers"}
)  # a target that should not be passed


@dataclass(frozen=True)
class Kpi:
    """One key figure, measured and worded.

    Parameters
    ----------
    name, title : ``repeat_rate``, ``Repeat rate``.
    value : currency, count, or ratio in [0, 1]; ``None`` says why in ``reason``.
    unit : currency, count or ratio.
    text, short : the value in full and in at most about seven characters.
    previous, previous_text, previous_short : the same of the compared days.
    change : relative to ``previous``; for ratios the difference.
    change_text : ``6.2 %``, ``−1.8 points``.
    judgement : whether the change is good or bad; ``None`` where it is neither.
    note : what a reader should know beside the number.
    target, target_text, status : ``met``, ``short``, or ``over`` for a limit that is passed.
    spark : values over the period in order; ``None`` where there are no data.
    reason : why there is no value, or no comparison.
    state : a value, or which way there is none; a failure is an exception.
    query : canonical query of the customers behind the number.
    """

    name: str
    title: str
    unit: Unit
    value: float | None = None
    text: str = MISSING
    short: str = MISSING
    previous: float | None = None
    previous_text: str | None = None
    previous_short: str | None = None
    change: float | None = None
    change_text: str | None = None
    judgement: Literal["good", "bad"] | None = None
    note: str = ""
    target: float | None = None
    target_text: str | None = None
    status: Literal["met", "short", "over"] | None = None
    spark: tuple[float | None, ...] = ()
    reason: str | None = None
    state: State = "ok"
    query: str = ""


def valued(kpi: Kpi, value: float | None, formatter: Formatter) -> Kpi:
    """The figure with its value, in words too."""
    full, short = number(kpi.unit, value, formatter), number(kpi.unit, value, formatter, short=True)
    return replace(kpi, value=value, text=full, short=short)


def number(unit: Unit, value: float | None, formatter: Formatter, *, short: bool = False) -> str:
    """``value`` in its unit; money below 1,000 with cents."""
    if unit == "ratio":
        digits = 0 if value is not None and short and (value * 100) % 1 == 0 else 1
        return formatter.percent(value, digits)
    if unit == "count":
        is_long = short and value is not None and abs(value) >= 1e6
        return formatter.compact(value) if is_long else formatter.count(value)
    if short:
        return formatter.money(value, compact=True)
    has_cents = value is not None and abs(value) < 1000 and value != int(value)
    return formatter.money(value, 2 if has_cents else 0)


def without_value(kpi: Kpi, reason: str, state: State = "no data") -> Kpi:
    """The figure without a value, and why."""
    return replace(kpi, value=None, text=MISSING, short=MISSING, reason=reason, state=state)


def against(kpi: Kpi, previous: float | None, formatter: Formatter) -> Kpi:
    """The same figure against what it was; nothing has no change, and 0 no relative one."""
    if previous is None:
        return replace(kpi, reason="nothing to compare with")
    kpi = replace(
        kpi,
        previous=previous,
        previous_text=number(kpi.unit, previous, formatter),
        previous_short=number(kpi.unit, previous, formatter, short=True),
    )
    if kpi.value is None or (kpi.unit != "ratio" and previous <= 0):
        return kpi
    change = kpi.value - previous if kpi.unit == "ratio" else kpi.value / previous - 1
    text = formatter.points(change) if kpi.unit == "ratio" else formatter.change(change)
    rising_is_good = RISING_IS_GOOD.get(kpi.name)
    is_flat = not any(digit in "123456789" for digit in text)
    judgement: Literal["good", "bad"] | None = None
    if rising_is_good is not None and not is_flat:
        judgement = "good" if (change > 0) == rising_is_good else "bad"
    return replace(kpi, change=change, change_text=text, judgement=judgement)


def aimed(kpi: Kpi, aim: Aim, formatter: Formatter) -> Kpi:
    """The same figure with its target, and whether it is met."""
    if aim.target is None:
        return kpi
    is_limit = kpi.name in LIMITS
    words = number(kpi.unit, aim.target, formatter, short=True)
    status: Literal["met", "short", "over"] | None = None
    if kpi.value is not None and is_limit:
        status = "over" if kpi.value > aim.target else "met"
    elif kpi.value is not None:
        status = "met" if kpi.value >= aim.target else "short"
    text = f"{'Limit' if is_limit else 'Target'} {words}"
    return replace(kpi, target=aim.target, target_text=text, status=status)
