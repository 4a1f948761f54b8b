"""The period of a selection: presets and days, resolved against the data's last day."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from dashboard.formatting import Formatter
from dashboard.vocabulary import About

Compare = Literal["previous", "year"]
PRESETS: Final = {"7d": 7, "30d": 30, "90d": 90, "365d": 365}
COMPARISONS: Final[tuple[Compare, ...]] = ("previous", "year")
# Loading takes no day beyond these years, and what is drawn by months needs some calendar around.
YEARS: Final = range(1900, 2201)
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class Days:
    """A span of days, both ends counted."""

    first: date
    last: date

    @property
    def length(self) -> int:
        """Number of days; 0 where the span is empty."""
        return max(0, (self.last - self.first).days + 1)


@dataclass(frozen=True)
class Period:
    """What ``period=`` says. All of it ``None``: every line, also undated ones.

    Parameters
    ----------
    preset : ``7d``, ``30d``, ``90d`` or ``365d``, ending with the data's last day.
    first, last : days of a custom period; an open end is ``None``.
    """

    preset: str | None = None
    first: date | None = None
    last: date | None = None

    @property
    def is_all(self) -> bool:
        """Whether no line is left out."""
        return self == Period()

    def text(self) -> str:
        """As written in a URL."""
        if self.preset or self.is_all:
            return self.preset or "all"
        return f"{self.first or ''}..{self.last or ''}"

    def days(self, about: About) -> Days | None:
        """First and last day within the data's own days; ``None`` for all lines, or without dates.

        What reaches beyond the data is cut off: of those days nothing is known, not even 0, and as
        many days as are known are compared. A period wholly outside the data keeps its days.
        """
        asked = self.asked(about)
        if asked is None or is_outside(asked, about):
            return asked
        return _within(asked, about)

    def asked(self, about: About) -> Days | None:
        """The same as it was asked for, also beyond the data; an open end is the data's."""
        if self.is_all or about.first_day is None or about.last_day is None:
            return None
        if self.preset:
            first = _shifted(about.last_day, 1 - PRESETS[self.preset])
            return Days(first, about.last_day)
        return Days(self.first or about.first_day, self.last or about.last_day)

    def words(self, about: About, formatter: Formatter) -> str:
        """``in the last 90 days``, ``from 1 Jun to 31 Aug 2011``, ``since 1 Jun 2011``.

        Where the data hold a part of it alone: ``... (data only to 21 Aug 2011)``.
        """
        said = self._said(formatter)
        held = _held_only(self.asked(about), about, formatter)
        return f"{said} ({held})" if held else said

    def _said(self, formatter: Formatter) -> str:
        """What was asked for."""
        if self.preset:
            return f"in the last {PRESETS[self.preset]} days"
        if self.first and self.last:
            if self.first == self.last:
                return f"on {formatter.date(self.first)}"
            return f"from {formatter.span(self.first, self.last)}"
        if self.first:
            return f"since {formatter.date(self.first)}"
        return f"until {formatter.date(self.last)}" if self.last else ""


ALL: Final = Period()


def _within(days: Days, about: About) -> Days:
    """The part of ``days`` that the data hold."""
    assert about.first_day is not None
    assert about.last_day is not None
    return Days(max(days.first, about.first_day), min(days.last, about.last_day))


def _held_only(asked: Days | None, about: About, formatter: Formatter) -> str:
    """Which part of a period the data hold, in words; empty where they hold all or none of it."""
    if asked is None or is_outside(asked, about):
        return ""
    held = _within(asked, about)
    if held == asked:
        return ""
    if held.first == asked.first:
        return f"data only to {formatter.date(held.last)}"
    if held.last == asked.last:
        return f"data only since {formatter.date(held.first)}"
    span = formatter.span(held.first, held.last)
    return f"data only {'on' if held.length == 1 else 'from'} {span}"


def compared(days: Days, compare: Compare) -> Days:
    """The span that ``days`` is compared with: as many days just before, or a year earlier."""
    if compare == "previous":
        return Days(_shifted(days.first, -days.length), _shifted(days.first, -1))
    return Days(_year_earlier(days.first), _year_earlier(days.last))


def reaches_back(days: Days | None, before: Days | None, about: About) -> bool:
    """Whether the data hold all of the compared days; a change against less would be false."""
    return bool(days and before and about.first_day and before.first >= about.first_day)


def is_outside(days: Days | None, about: About) -> bool:
    """Whether the data hold none of these days, so that nothing is known of them, not even 0."""
    if days is None or about.first_day is None or about.last_day is None:
        return False
    return days.last < about.first_day or days.first > about.last_day


def earlier(day: date, days: Days, before: Days, compare: Compare) -> date:
    """The first of the compared days that is laid over ``day`` or over a later one.

    A year earlier each day is laid over its own date, 29 February over the 28th.
    """
    if compare == "previous":
        return _shifted(day, (before.first - days.first).days)
    if (day.month, day.day) == (2, 29):
        return date(max(day.year - 1, 1), 3, 1)
    return _year_earlier(day)


def _year_earlier(day: date) -> date:
    """The same day a year earlier; 28 February for the 29th."""
    if day.year == 1:
        return date.min
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


def _shifted(day: date, by: int) -> date:
    """``day`` moved, stopped at the ends of the calendar."""
    return date.fromordinal(min(max(day.toordinal() + by, 1), date.max.toordinal()))


def parse_period(text: str) -> Period:
    """Read ``period=``.

    Raises
    ------
    ValueError : in words, what is wrong.
    """
    if text == "all":
        return Period()
    if text in PRESETS:
        return Period(preset=text)
    first, dots, last = text.partition("..")
    if not dots:
        if not _DAY.fullmatch(text):
            raise ValueError(
                f"is none of {', '.join(PRESETS)} and all, and no day such as 2011-06-01"
            )
        last = first
    period = Period(None, _end(first), _end(last))
    if period.is_all:
        raise ValueError("needs a day on one side of the two dots")
    if period.first and period.last and period.first > period.last:
        raise ValueError("ends before it begins")
    return period


def _end(text: str) -> date | None:
    day = parse_day(text) if text else None
    if day and day.year not in YEARS:
        raise ValueError(f"{text!r} is not between the years {YEARS[0]} and {YEARS[-1]}")
    return day


def parse_day(text: str) -> date:
    """``2011-06-01``; nothing else is a day.

    Raises
    ------
    ValueError : in words, what is wrong.
    """
    if not _DAY.fullmatch(text) or not text.isascii():
        raise ValueError(f"{text[:40]!r} is not a day such as 2011-06-01")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not in the calendar") from None
