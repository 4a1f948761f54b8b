"""Revenue over time as a panel: finding, key, line, and the same as a table of links."""

from datetime import date
from decimal import Decimal
from typing import Final, cast

from dashboard.components import html, switch, tables
from dashboard.components.links import go
from dashboard.components.states import State, nothing
from dashboard.figures import trend as figures
from dashboard.figures.encoding import label
from dashboard.formatting import Formatter
from dashboard.panels import Ask, Drawn
from dashboard.queries.trend import GRAINS, Bucket, Grain, Trend, trend
from dashboard.selection import Selection
from dashboard.wording import against, is_one_persons

_ANY: Final = "2000-01-01..2000-01-01"
WORDS: Final = {"day": "Day", "week": "Week", "month": "Month"}


def drawn(ask: Ask, selection: Selection, store: str) -> Drawn | State:
    """The trend of ``selection``; ``ask.values[0]`` is the grain that the reader has chosen.

    Parameters
    ----------
    store : id of the store that holds the choice.
    """
    about = ask.view.vocabulary.about
    if not about.has_transactions:
        return nothing("No transactions are loaded", "A trend needs purchases with dates.")
    if not about.has_dates:
        return nothing(
            "These purchases have no dates",
            "A trend needs them; totals and groups on this page do not.",
        )
    chosen = ask.values[0] if ask.values else None
    found = trend(ask.view, selection, cast(Grain, chosen) if chosen in GRAINS else None)
    if not found.buckets:
        return no_data_then(ask)
    aside = switch.switch(store, WORDS, found.grain, "Step of the trend")
    writer = _Writer(ask, selection, found)
    return Drawn(writer.figure(), writer.say(), writer.table, key=writer.key(), aside=aside)


def no_data_then(ask: Ask) -> State:
    """The period lies wholly outside the data."""
    about, formatter = ask.view.vocabulary.about, ask.context.formatter
    assert about.first_day is not None
    assert about.last_day is not None
    return nothing(
        "There are no data in these days",
        f"The purchases run from {formatter.span(about.first_day, about.last_day)}.",
        mark="calendar-x",
    )


class _Writer:
    """Words and draws one trend."""

    def __init__(self, ask: Ask, selection: Selection, found: Trend) -> None:
        self.ask, self.selection, self.found = ask, selection, found
        self.formatter: Formatter = ask.context.formatter
        self.buckets = found.drawn()
        self.word = "Spent" if is_one_persons(ask.view.vocabulary.about) else "Revenue"
        # Links of a line differ in their days alone, so they are written once.
        self.around = ask.href(period=_ANY).rsplit(f"period={_ANY}", 1)

    def span(self, bucket: Bucket) -> str:
        """``3 Aug 2026``, ``Week of 3 Aug 2026``, ``August 2026``."""
        if self.found.grain == "day":
            return self.formatter.date(bucket.first)
        if self.found.grain == "week":
            return f"Week of {self.formatter.date(bucket.first)}"
        return f"{bucket.first:%b %Y}"

    def href(self, bucket: Bucket) -> str:
        """The same selection in just these days."""
        assert self.found.days is not None
        first = max(bucket.first, self.found.days.first)
        last = min(bucket.last, self.found.days.last)
        return f"period={first.isoformat()}..{last.isoformat()}".join(self.around)

    def point(self, bucket: Bucket) -> figures.Point:
        money = self.formatter.money
        before = bucket.before
        return figures.Point(
            day=bucket.first,
            value=float(bucket.revenue),
            text=label(f"{self.word}: {money(bucket.revenue)}"),
            href=self.href(bucket),
            before=None if before is None else float(before),
            before_text="" if before is None else f"Compared: {money(before)}",
        )

    def figure(self) -> dict[str, object]:
        days, about = self.found.days, self.ask.view.vocabulary.about
        end = about.last_day if days and days.last == about.last_day else None
        far = end is not None and end > self.buckets[-1].first
        return figures.revenue(
            [self.point(bucket) for bucket in self.buckets],
            theme=self.ask.theme,
            grain=self.found.grain,
            word=lambda value: axis_word(value, self.formatter),
            data_end=end if far else None,
            data_end_text=f"data end on {_short(end)}" if far and end else "",
        )

    def key(self) -> list[object]:
        each = f"{self.word} a {self.found.grain}, {self.formatter.symbol.strip()}"
        last = self.formatter.money(self.buckets[-1].revenue, compact=True)
        parts: list[object] = [
            html.Span(
                [html.I(className="swatch"), each, html.B(f"last {last}", className="medium")]
            )
        ]
        if self.found.days_before is not None and any(b.before is not None for b in self.buckets):
            days = self.found.days_before
            parts.append(
                html.Span(
                    [html.I(className="swatch prev"), self.formatter.span(days.first, days.last)]
                )
            )
        return parts

    def say(self) -> str:
        """What the line shows, and what was left out of it."""
        money = self.formatter.money
        best = max(self.buckets, key=lambda bucket: bucket.revenue)
        sentences = []
        before = self.found.total_before
        if before is not None and before > 0 and self.found.days is not None:
            change = float(self.found.total / before) - 1
            words = against(self.selection, self.found.days, self.formatter)
            sentences.append(f"{_moved(change, self.formatter)} on {words}.")
        elif before is None and self.found.days_before is not None:
            first = self.ask.view.vocabulary.about.first_day
            sentences.append(
                f"Not compared: there are no data before {self.formatter.date(first)}."
            )
        if len(self.buckets) > 1 and best.revenue > 0:
            sentences.append(f"Strongest {self.found.grain}: {self._named(best)}"
                             f" with {money(best.revenue)}.")  # fmt: skip
        elif not any(bucket.orders for bucket in self.found.buckets):
            sentences.append("No order in these days.")
        left = len(self.found.buckets) - len(self.buckets)
        if left:
            sentences.append(
                f"{'An' if left == 1 else 'Two'} incomplete {self.found.grain}"
                f"{'' if left == 1 else 's'} at the {'edge' if left == 1 else 'edges'}"
                f" {'is' if left == 1 else 'are'} left out of the line."
            )
        elif not all(bucket.is_whole for bucket in self.buckets):
            sentences.append(f"The {self.found.grain}s at the edges are incomplete.")
        return " ".join(sentences)

    def _named(self, bucket: Bucket) -> str:
        words = self.span(bucket)
        return words[:1].lower() + words[1:] if self.found.grain == "week" else words

    def table(self) -> html.Table:
        """Every bucket, newest first, each a link to its days."""
        has_before = self.found.days_before is not None
        columns = [
            tables.Column(WORDS[self.found.grain]),
            tables.Column("Orders", True),
            tables.Column(self.word, True, "strong"),
            *([tables.Column("Compared", True)] if has_before else []),
        ]
        rows = []
        for bucket in reversed(self.found.buckets):
            note = "" if bucket.is_whole else f" ({self.formatter.days(bucket.covered)})"
            cells: list[object] = [
                go(self.span(bucket) + note, self.href(bucket)),
                self.formatter.count(bucket.orders),
                self.formatter.money(bucket.revenue),
            ]
            if has_before:
                cells.append(self.formatter.money(bucket.before))
            rows.append(cells)
        return tables.table(columns, rows, caption=f"{self.word} by {self.found.grain}")


def _moved(change: float, formatter: Formatter) -> str:
    """``Up 6.2 %``, ``Down 1.0 %``, ``Unchanged``."""
    text = formatter.change(abs(change))
    if not any(digit in "123456789" for digit in text):
        return "Unchanged"
    return f"{'Up' if change > 0 else 'Down'} {text}"


def axis_word(value: float, formatter: Formatter) -> str:
    """``24 k``, ``1.2 m``: as short as a tick can be."""
    number, space, step = formatter.compact(value).partition(" ")
    if "." in number:
        number = number.rstrip("0").rstrip(".")
    return f"{number}{space}{step}"


def _short(day: date) -> str:
    return f"{day.day} {day:%b}"


def moved(now: Decimal, before: Decimal | None, formatter: Formatter) -> str:
    """Change in words for a table cell: ``+6.2 %``; a dash without anything to compare."""
    if before is None or before <= 0:
        return formatter.percent(None)
    return f"{formatter.signed((float(now / before) - 1) * 100, 1)} %"
