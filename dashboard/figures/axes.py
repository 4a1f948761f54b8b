"""Axes in words: round steps, worded by the one formatter."""

import math
from collections.abc import Callable, Sequence
from typing import Any, Final

STEPS: Final = (1.0, 2.0, 2.5, 5.0, 10.0)
DAY: Final = 86_400_000  # [ms]


def ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Round numbers that span ``low`` to ``high``, at most ``most`` steps apart.

    The first is at or below ``low``, the last at or above ``high``.
    """
    if not (math.isfinite(low) and math.isfinite(high)):
        return [0.0, 1.0]
    if low == high:
        low, high = (min(low, 0.0), max(high, 0.0)) if low else (0.0, 1.0)
    rough = (high - low) / most
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(s * size for s in STEPS if s * size >= rough * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [n * step for n in range(first, last + 1)]


def from_zero(values: Sequence[float]) -> tuple[float, float]:
    """Range of an axis for ``values``: from 0, unless all of them lie in its upper 40 %."""
    known = [v for v in values if math.isfinite(v)]
    if not known:
        return 0.0, 1.0
    low, high = min(known), max(known)
    return (low if low > 0.6 * high > 0 else min(low, 0.0)), max(high, 0.0)


def dates_of(days: int) -> list[dict[str, Any]]:
    """How an axis of so many days words its ticks: by how far apart they are, so that none repeats.

    Days where they are less than a month apart, else months, with the year where there are two.
    """
    month = "%b %Y" if days > 300 else "%b"
    return [
        {"dtickrange": [None, DAY * 27], "value": "%-d %b"},
        {"dtickrange": ["M1", "M11"], "value": month},
        {"dtickrange": ["M12", None], "value": "%Y"},
    ]


def worded(values: Sequence[float], word: Callable[[float], str]) -> dict[str, Any]:
    """Layout of a numeric axis whose ticks are worded by ``word``."""
    marks = ticks(*from_zero(values))
    return {
        "tickmode": "array",
        "tickvals": marks,
        "ticktext": [word(mark) for mark in marks],
        "range": [marks[0], marks[-1]],
    }
