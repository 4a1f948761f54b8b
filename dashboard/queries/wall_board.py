"""The key figures as a wall may show them: no number that fewer than ten customers make up."""

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from dashboard.formatting import Formatter
from dashboard.queries.kpi import Kpi
from dashboard.queries.kpi_sums import Customers, Purchases, Sums, measure
from dashboard.queries.kpis import board, without_score
from dashboard.queries.parts import edges_of
from dashboard.queries.wall_groups import groups
from dashboard.queries.wall_points import (
    FEWEST,
    WITHHELD,
    crossing,
    is_telling_between,
    points,
    telling,
    withheld,
)
from dashboard.selection import Selection
from warehouse.configuration import Settings

if TYPE_CHECKING:
    from dashboard.reader import View

# Whose customers a figure of the lens speaks of: those who bought.
BOUGHT: Final = ("revenue", "active_customers", "average_order", "repeat_rate")
COUNTED: Final = ("active_customers", "leaving_customers")  # their notes say of how many


def wall_board(view: "View", selection: Selection, settings: Settings) -> list[Kpi]:
    """The board of ``selection`` with every cell under ten customers withheld."""
    sums = measure(view, selection)
    formatter = Formatter(view.vocabulary.about.currency)
    missing = _missing(view, selection, sums)
    made = [_discreet(kpi, sums, missing, formatter) for kpi in board(view, selection, settings)]
    if view.vocabulary.about.has_transactions or _is_total_telling(sums):
        return made
    return [*made, *groups(view, selection, formatter)]


def _discreet(kpi: Kpi, sums: Sums, missing: Collection[int], formatter: Formatter) -> Kpi:
    """One figure as the wall may show it."""
    if kpi.value is None:
        return replace(kpi, query="")
    n_customers = sums.customers.n_customers
    behind = min(n_customers, _behind(kpi.name, sums))
    # Of a selection of so few not even a zero is told: its notes would count them.
    if 0 < n_customers < FEWEST or _is_telling(kpi.value, behind):
        return Kpi(kpi.name, kpi.title, kpi.unit, reason=WITHHELD, state="withheld")
    kpi = replace(kpi, query="", note=_note(kpi, sums, formatter))
    if kpi.name not in BOUGHT:
        return kpi
    kpi = replace(kpi, spark=_spark(kpi, sums, missing))
    n_before = _fewest(kpi.name, sums.before) if sums.before else 0
    if kpi.previous is not None and _is_telling(kpi.previous, n_before):
        return replace(
            kpi, previous=None, previous_text=None, previous_short=None, change=None,
            change_text=None, judgement=None, reason=f"{WITHHELD} before",
        )  # fmt: skip
    return kpi


def _is_telling(value: float, customers: int) -> bool:
    """Whether a number speaks of so few that it must not hang in an office; a plain 0 does not."""
    return customers < FEWEST and (customers > 0 or value != 0)


def _behind(name: str, sums: Sums) -> int:
    """How many customers a figure is made of."""
    known = sums.customers
    of: dict[str, Callable[[], int]] = {
        "expected_spend": lambda: known.n_scored,
        "revenue_at_risk": lambda: known.n_leaving,
        "leaving_customers": lambda: known.n_leaving,
        "reachable": lambda: known.n_reachable,
        "revenue_without_customer": lambda: known.n_customers,
    }
    return of[name]() if name in of else _fewest(name, sums.now)


def _fewest(name: str, bought: Purchases) -> int:
    """The fewest customers that a figure of the lens tells of.

    A rate beside the number of buyers counts those who came again, and those who did not.
    """
    if name == "repeat_rate":
        for n_customers in (bought.n_repeat, bought.n_active - bought.n_repeat):
            if 0 < n_customers < FEWEST:
                return n_customers
    return bought.n_active


def _is_total_telling(sums: Sums) -> bool:
    """Whether the number of all selected leaves so few beside another count on the wall."""
    known = sums.customers
    told = (sums.now.n_active, known.n_leaving, known.n_reachable)
    left = [known.n_customers - n for n in told]
    # Less those at high risk and those without a score: those at a lower risk.
    left.append(known.n_rated - known.n_leaving)
    return _is_score_telling(known) or any(0 < n < FEWEST for n in left)


def _is_score_telling(known: Customers) -> bool:
    """Whether two counts of those without a score leave so few who have one score alone."""
    return 0 < abs(known.n_scored - known.n_rated) < FEWEST


def _note(kpi: Kpi, sums: Sums, formatter: Formatter) -> str:
    """The note without counts below ten; nobody at all may be said."""
    known = sums.customers
    if kpi.name in COUNTED and _is_total_telling(sums):
        return ""
    counts = {
        "revenue_at_risk": (known.n_leaving,),
        "reachable": (
            known.n_customers - known.n_asked,
            known.n_asked - known.n_consenting,
            known.n_consenting,
            known.n_consenting - known.n_reachable,
        ),
    }
    if any(0 < n < FEWEST for n in counts.get(kpi.name, ())):
        return ""
    scored = {
        "expected_spend": known.n_scored,
        "revenue_at_risk": known.n_rated,
        "leaving_customers": known.n_rated,
    }
    n_without = known.n_customers - scored.get(kpi.name, known.n_customers)
    if not (0 < n_without < FEWEST or _is_score_telling(known)):
        return kpi.note
    # Only the part that counts so few: what the figure is stays said.
    return kpi.note.replace(f", {without_score(n_without, formatter)}", "")


def _missing(view: "View", selection: Selection, sums: Sums) -> Collection[int]:
    """Places of the sparklines' parts that are withheld: in all of them, as one tells of another.

    A month that the data hold only some days of is not drawn; at least the customers of a bucket
    of the trend within it are behind it.
    """
    edges = edges_of(sums.days, view.vocabulary.about)
    if not edges:
        return ()
    of = points(view, selection)
    firsts = crossing(of, edges)
    if firsts and is_telling_between(view, selection, firsts):
        return range(len(sums.buckets))
    sizes = []
    for bucket, first, behind in zip(sums.buckets, edges, edges[1:], strict=False):
        if bucket is not None:
            # Money given back to somebody who bought nothing has no buyer behind it.
            sizes.append(bucket.n_active or int(bucket.revenue != 0))
        else:
            sizes.append(max((p.customers for p in of if first <= p.first < behind), default=0))
    undrawn = {at for at, bucket in enumerate(sums.buckets) if bucket is None}
    return withheld(sizes, undrawn | telling(of, edges, sizes))


def _spark(kpi: Kpi, sums: Sums, missing: Collection[int]) -> tuple[float | None, ...]:
    return tuple(
        None
        if value is None
        or bucket is None
        or (at in missing and (bucket.n_active or bucket.revenue))
        or _is_telling(value, _fewest(kpi.name, bucket))
        else value
        for at, (value, bucket) in enumerate(zip(kpi.spark, sums.buckets, strict=True))
    )
