"""The one formatter: every number, amount, share, day and age that a person reads is worded here.

Missing values read "–", negative ones carry a real minus sign, shares are given in [0, 1].
"""

import datetime as dt
import math
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, cached_property, lru_cache
from typing import Final, TypeGuard

from babel.core import Locale
from babel.dates import format_date
from babel.numbers import get_currency_symbol, get_decimal_symbol, get_group_symbol

MISSING: Final = "–"
MINUS: Final = "−"
_MONTHS: Final = "en"  # British abbreviations would mix "Sept" with three letters
_STEPS: Final = ((1e9, "bn"), (1e6, "m"), (1e3, "k"))
Number = int | float | Decimal


@cache
def _separators(locale: str) -> tuple[str, str]:
    """What stands between thousands, and before decimals."""
    known = Locale.parse(locale)
    return str(get_group_symbol(known)), str(get_decimal_symbol(known))


@cache
def _symbol(currency: str, locale: str) -> str:
    symbol: str = get_currency_symbol(currency, locale=Locale.parse(locale))
    return f"{symbol} " if symbol[-1].isalpha() else symbol


@lru_cache(maxsize=4096)
def _written(day: dt.date, pattern: str) -> str:
    return str(format_date(day, pattern, locale=_MONTHS))


def _known(value: Number | None) -> TypeGuard[Number]:
    """Whether ``value`` is a number that can be printed."""
    return value is not None and (type(value) is int or math.isfinite(value))


def in_short(text: str, most: int = 60) -> str:
    """A name from the data as one line of at most ``most`` letters, cut with ``…``.

    Line breaks, control characters and all else that cannot be printed become spaces.
    """
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


@dataclass(frozen=True)
class Formatter:
    """Words for numbers in one currency and locale.

    Parameters
    ----------
    currency : ISO 4217, such as ``EUR``.
    locale : grouping and symbols, such as ``en_GB``.
    """

    currency: str = "GBP"
    locale: str = "en_GB"

    @cached_property
    def symbol(self) -> str:
        """``€`` where the currency has a symbol, otherwise its code and a space: ``CHF ``."""
        return _symbol(self.currency, self.locale)

    def number(self, value: Number | None, digits: int = 0) -> str:
        """``12,345.60``: a plain number with a fixed count of decimals."""
        if not _known(value):
            return MISSING
        # Babel's own is a hundred times slower, and a page words hundreds of numbers.
        text = f"{value:,.{digits}f}"
        is_below = text[0] == "-"
        if is_below:
            text = text[1:]
        group, point = _separators(self.locale)
        if group != "," or point != ".":
            text = text.replace(",", "\0").replace(".", point).replace("\0", group)
        if is_below and any(character in "123456789" for character in text):
            return f"{MINUS}{text}"
        return text

    def exact(self, value: Number | None, most: int = 6) -> str:
        """As many decimals as the value has, at most ``most``: ``0.5``, ``100``."""
        if not _known(value):
            return MISSING
        text = f"{value:.{most}f}".rstrip("0").rstrip(".") if most else f"{value:.0f}"
        digits = len(text.partition(".")[2])
        return self.number(value, digits)

    def count(self, value: Number | None) -> str:
        """``18,402``."""
        return self.number(value)

    def money(self, value: Number | None, digits: int = 0, *, compact: bool = False) -> str:
        """``€1,284,310``, ``€86.40`` with two digits, ``€1.28 m`` when compact."""
        if not _known(value):
            return MISSING
        text = self.compact(value) if compact else self.number(value, digits)
        if text[0] == MINUS:
            return f"{MINUS}{self.symbol}{text[1:]}"
        return f"{self.symbol}{text}"

    def compact(self, value: Number | None) -> str:
        """Three digits and a step: ``1.28 m``, ``432 k``, ``87``."""
        if not _known(value):
            return MISSING
        size = abs(float(value))
        for step, name in _STEPS:
            # 999,600 rounds to 1.00 m, not to 1,000 k.
            if size >= step * 0.9995:
                scaled = size / step
                digits = 2 if scaled < 9.995 else 1 if scaled < 99.95 else 0
                sign = -1 if value < 0 else 1
                return f"{self.number(sign * scaled, digits)} {name}"
        return self.number(value, 0 if size >= 100 or size == int(size) else 2)

    def percent(self, ratio: Number | None, digits: int = 1) -> str:
        """``61.3 %`` of a ratio in [0, 1]; ``under 0.1 %`` where nearly none is not none."""
        if not _known(ratio):
            return MISSING
        share, step = ratio * 100, 10**-digits
        if 0 < ratio < 1:
            rounded = round(share, digits)
            if rounded == 0:
                return f"under {self.number(step, digits)} %"
            if rounded == 100:
                return f"over {self.number(100 - step, digits)} %"
        return f"{self.number(share, digits)} %"

    def change(self, ratio: Number | None, digits: int = 1) -> str:
        """``−1.4 %``: a relative change, of which nearly none is none."""
        return f"{self.number(ratio * 100, digits)} %" if _known(ratio) else MISSING

    def points(self, difference: Number | None, digits: int = 1) -> str:
        """``1.8 points``: the difference of two ratios, without a sign when positive."""
        if not _known(difference):
            return MISSING
        text = self.number(difference * 100, digits)
        return f"{text} point" if text.lstrip(MINUS) == "1" else f"{text} points"

    def signed(self, value: Number | None, digits: int = 0) -> str:
        """``+12``, ``−9``, ``0``."""
        text = self.number(value, digits)
        if value is None or text == MISSING or text.startswith(MINUS):
            return text
        return f"+{text}" if any(character in "123456789" for character in text) else text

    def days(self, value: Number | None) -> str:
        """``1 day``, ``30 days``."""
        text = self.number(value)
        return text if text == MISSING else f"{text} {'day' if text == '1' else 'days'}"

    def date(self, day: dt.date | None) -> str:
        """``9 Dec 2011``."""
        if day is None:
            return MISSING
        return _written(day, "d MMM y")

    def span(self, first: dt.date, last: dt.date) -> str:
        """``1 Jun to 31 Aug 2011``: two days, the year once where it is the same."""
        if first == last:
            return self.date(first)
        if first.year == last.year:
            short = _written(first, "d MMM")
            return f"{short} to {self.date(last)}"
        return f"{self.date(first)} to {self.date(last)}"

    def age(self, instant: dt.datetime | None, now: dt.datetime | None = None) -> str:
        """``12 min ago``; ``instant`` without a zone is UTC."""
        if instant is None:
            return MISSING
        if instant.tzinfo is None:
            instant = instant.replace(tzinfo=dt.UTC)
        seconds = ((now or dt.datetime.now(dt.UTC)) - instant).total_seconds()
        if seconds < 1:
            return "just now"
        for limit, size, one, many in (
            (100, 1, "s", "s"),
            (100 * 60, 60, "min", "min"),
            (48 * 3600, 3600, "hour", "hours"),
            (math.inf, 86400, "day", "days"),
        ):
            if seconds < limit:
                whole = max(1, round(seconds / size))
                return f"{self.number(whole)} {one if whole == 1 else many} ago"
        return MISSING  # pragma: no cover - the last limit is infinite
