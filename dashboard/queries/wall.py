"""The screens of the wall: which key figures stand on it, and the trend in words and numbers.

Everything is worded here; the script in the browser only draws. Like the key figures, a point of
the trend that fewer than ten customers make up is withheld, and so is one that would leave them.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from dashboard.figures.axes import from_zero, ticks
from dashboard.formatting import MISSING, Formatter
from dashboard.queries.held import count
from dashboard.queries.kpi import Kpi
from dashboard.queries.trend import Bucket, Grain, trend
from dashboard.queries.wall_groups import CUSTOMERS, GROUP
from dashboard.queries.wall_points import BESIDE, FEWEST, WITHHELD, Point, customers, points
from dashboard.selection import Selection

if TYPE_CHECKING:
    from dashboard.reader import View

MOST_TILES: Final = 6
MOST_LABELS: Final = 11
# The most telling six; the others step in where one of these cannot be answered.
PREFERRED: Final = (
    "revenue", "active_customers", "repeat_rate", "expected_spend", "revenue_at_risk", "reachable",
    "average_order", "leaving_customers",
)  # fmt: skip


def screens(
    view: "View",
    selection: Selection,
    kpis: Sequence[Kpi],
    names: Sequence[str],
    formatter: Formatter,
) -> list[dict[str, object]]:
    """Screens ``names`` in their order, as ``/api/wall.json`` says them.

    Returns
    -------
    ``{"name": "kpi", "kpis": [at most six names]}`` and ``{"name": "trend", ...}``: title, the
    latest value in words, one or two series of equal length, and both axes worded.
    """
    made: dict[str, Callable[[], dict[str, object]]] = {
        "kpi": lambda: {"name": "kpi", "kpis": tiles(kpis)},
        "trend": lambda: trend_screen(view, selection, formatter),
    }
    return [made[name]() for name in names]


def instead(view: "View", selection: Selection) -> dict[str, str] | None:
    """What stands on the wall where every number would be withheld; ``None`` otherwise.

    Returns
    -------
    ``{"title": ..., "text": ...}``; neither says of how few.
    """
    if not 0 < count(view, selection) < FEWEST:
        return None
    if view.vocabulary.about.n_customers < FEWEST:
        text = (
            f"These data are of {WITHHELD}, as a household ledger is, and no number here speaks of"
            " so few. What was spent and what comes next stand on Overview: press Esc."
        )
        return {"title": "Too few people for a wall", "text": text}
    text = f"No number here speaks of {WITHHELD}, and no more are selected. Remove a filter."
    return {"title": "Too few customers for a wall", "text": text}


def tiles(kpis: Sequence[Kpi]) -> list[str]:
    """Names of the six key figures for the wall; those without a value only to fill up."""
    by_name = {kpi.name: kpi for kpi in kpis}
    groups = [name for name in by_name if name.startswith(GROUP)]
    known = [name for name in (CUSTOMERS, *PREFERRED, *groups) if name in by_name]
    chosen = [name for name in known if by_name[name].value is not None][:MOST_TILES]
    others = [name for name in known if name not in chosen]
    if CUSTOMERS in chosen:  # a table of customers never answers the others
        others = [name for name in others if name in groups]
    kept = {*chosen, *others[: MOST_TILES - len(chosen)]}
    return [name for name in known if name in kept]


def trend_screen(view: "View", selection: Selection, formatter: Formatter) -> dict[str, object]:
    """Revenue over time; what is missing stands in ``note`` where there is none."""
    about = view.vocabulary.about
    if not (about.has_transactions and about.has_dates):
        return _empty("Revenue", "These data have no dated purchases")
    found = trend(view, selection)
    buckets = found.drawn()
    if not buckets:
        return _empty("Revenue", "There are no data in these days")
    behind = {point.first: point for point in points(view, selection)}
    now = [_shown(bucket.revenue, behind[bucket.first]) for bucket in buckets]
    series = [{"name": f"Revenue a {found.grain}", "values": now}]
    if found.days_before is not None:
        compared = {point.first: point for point in points(view, selection, is_before=True)}
        before = [_shown(bucket.before, compared[bucket.first]) for bucket in buckets]
        earlier = {"previous": "The days before", "year": "A year earlier"}
        series.append({"name": earlier[selection.lens.compare or "previous"], "values": before})
    known = [value for one in series for value in one["values"] if isinstance(value, float)]
    counts = customers(view, selection, found)
    if max(counts.values(), default=0) < FEWEST:
        return _empty(f"Revenue a {found.grain}", WITHHELD)
    return {
        "name": "trend",
        "title": f"Revenue a {found.grain}",
        "series": series,
        "ticks": [
            {"value": mark, "text": tick_words(mark, formatter)}
            for mark in ticks(*from_zero(known))
        ],
        "labels": labels(buckets, found.grain),
        **_latest(buckets, now, series, found.grain, formatter),
        **_unsaid(now[-1], behind[buckets[-1].first]),
    }


def _empty(title: str, note: str) -> dict[str, object]:
    return {"name": "trend", "title": title, "short": MISSING, "note": note, "series": [],
            "ticks": [], "labels": []}  # fmt: skip


def _shown(revenue: Decimal | None, point: Point) -> float | None:
    """A point, unless it or what it leaves of a sum would speak of few customers."""
    if revenue is None or (point.is_missing and point.customers):
        return None
    return float(revenue)


def _latest(
    buckets: Sequence[Bucket],
    now: Sequence[float | None],
    series: Sequence[Mapping[str, Any]],
    grain: Grain,
    formatter: Formatter,
) -> dict[str, object]:
    """The last point in words: its value, its days, and how it compares."""
    value, last = now[-1], buckets[-1]
    if len(series) > 1:
        before, name = series[1]["values"][-1], str(series[1]["name"])
        of = "in the days before" if name == "The days before" else name.lower()
    else:
        before, of = (now[-2] if len(now) > 1 else None), f"the {grain} before"
    made: dict[str, object] = {
        "short": formatter.money(value, compact=True),
        "until": formatter.span(last.first, last.last),
        "note": "",
        "summary": f"Revenue a {grain}, {formatter.span(buckets[0].first, last.last)}",
    }
    if value is None or before is None:
        return made
    made["note"] = f"was {formatter.money(before, compact=True)} {of}"
    if before > 0:
        change = value / before - 1
        text = formatter.change(change)
        flat = not any(digit in "123456789" for digit in text)
        made |= {"change": change, "change_text": text}
        made["judgement"] = None if flat else "good" if change > 0 else "bad"
    return made


def _unsaid(value: float | None, point: Point) -> dict[str, object]:
    """Why the last point is not told."""
    if value is not None:
        return {}
    return {"note": WITHHELD if point.customers < FEWEST else BESIDE}


def tick_words(value: float, formatter: Formatter) -> str:
    """``€40 k``: as short as the axis can say it."""
    text, space, step = formatter.money(value, compact=True).partition(" ")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"{text}{space}{step}"


def labels(buckets: Sequence[Bucket], grain: Grain) -> list[dict[str, object]]:
    """At most eleven words under the axis: days, or months with the year where it begins."""
    if grain == "day" or (grain == "week" and len(buckets) <= 2 * MOST_LABELS):
        step = -(-len(buckets) // MOST_LABELS)
        return [
            {"at": at, "text": f"{buckets[at].first.day} {buckets[at].first:%b}"}
            for at in range(0, len(buckets), step)
        ]
    starts = [
        at
        for at, bucket in enumerate(buckets)
        if grain == "month" or bucket.first.day <= 7  # the first week that begins in a month
    ]
    step = next(s for s in (1, 2, 3, 6, 12, 24, 60, 240) if len(starts) / s <= MOST_LABELS)
    kept = [at for at in starts if (buckets[at].first.month - 1) % min(step, 12) == 0]
    if step > 12:
        kept = [at for at in kept if buckets[at].first.year % (step // 12) == 0]
    return [{"at": at, "text": _month(buckets[at].first, is_first=at == kept[0])} for at in kept]


def _month(day: date, *, is_first: bool) -> str:
    """``Mar``; ``Jan 2026`` where a year or the axis begins."""
    return f"{day:%b %Y}" if is_first or day.month == 1 else f"{day:%b}"
