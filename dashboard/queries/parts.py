"""Equal parts of a period, for sparklines."""

from datetime import date, timedelta
from typing import Final

from dashboard.period import Days, is_outside
from dashboard.vocabulary import About

PARTS: Final = 12


def part_of(days: Days | None, about: About) -> tuple[str, int]:
    """SQL of a line's place on the sparkline, and how many places there are.

    Twelve parts whose lengths differ by a day at most, fewer for a shorter period; calendar
    months where all the data are meant. The days come from us, never from a request's text.
    """
    if about.first_day is None or about.last_day is None:
        return "0", 0
    if days is None:
        first = f"date '{about.first_day.isoformat()}'"
        months = (about.last_day.year - about.first_day.year) * 12
        n = months + about.last_day.month - about.first_day.month + 1
        return f"date_diff('month', {first}, purchased_on)", n
    n = min(PARTS, days.length)
    first = f"date '{days.first.isoformat()}'"
    return f"((purchased_on - {first}) * {n}) // {max(days.length, 1)}", n


def edges_of(days: Days | None, about: About) -> list[date]:
    """First day of each place, and the day behind the last one."""
    n = part_of(days, about)[1]
    if not n or about.first_day is None:
        return []
    if days is not None:
        begin = days.first.toordinal()
        return [date.fromordinal(begin - (-place * days.length // n)) for place in range(n + 1)]
    month = about.first_day.year * 12 + about.first_day.month - 1
    return [date((month + place) // 12, (month + place) % 12 + 1, 1) for place in range(n + 1)]


def is_inside(place: int, n: int, days: Days | None, about: About) -> bool:
    """Whether this part of the period lies within the data; a month, whether it does wholly."""
    if about.first_day is None or about.last_day is None:
        return True
    if days is None:
        return n < 3 or not _is_cut(place, n, about.first_day, about.last_day)
    return not is_outside(days, about)  # else the period has been cut to the data


def _is_cut(place: int, n: int, first_day: date, last_day: date) -> bool:
    """Whether the data hold only some days of this month: a line must not end in a false drop."""
    is_last = place == n - 1 and (last_day + timedelta(days=1)).day != 1
    return is_last or (place == 0 and first_day.day != 1)
