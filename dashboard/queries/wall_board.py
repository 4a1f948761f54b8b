"""The key figures as a wall may show them: no number that fewer than ten customers make up."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from dashboard.formatting import Formatter
from dashboard.queries.kpi import Kpi
from dashboard.queries.kpi_sums import Purchases, Sums, measure
from dashboard.queries.kpis import board, without_score
from dashboard.selection import Selection
from warehouse.configuration import Settings

if TYPE_CHECKING:
    from dashboard.reader import View

FEWEST: Final = 10  # customers behind a number on the wall
WITHHELD: Final = f"fewer than {FEWEST} customers"
# Whose customers a figure of the lens speaks of: those who bought.
BOUGHT: Final = ("revenue", "active_customers", "average_order", "repeat_rate")
COUNTED: Final = ("active_customers", "leaving_customers")  # their notes say of how many


def wall_board(view: "View", selection: Selection, settings: Settings) -> list[Kpi]:
    """The board of ``selection`` with every cell under ten customers withheld."""
    sums = measure(view, selection)
    formatter = Formatter(view.vocabulary.about.currency)
    return [_discreet(kpi, sums, formatter) for kpi in board(view, selection, settings)]


def _discreet(kpi: Kpi, sums: Sums, formatter: Formatter) -> Kpi:
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
    kpi = replace(kpi, spark=_spark(kpi, sums.buckets))
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
    return any(0 < known.n_customers - n < FEWEST for n in told)


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
    if not 0 < n_without < FEWEST:
        return kpi.note
    # Only the part that counts so few: what the figure is stays said.
    return kpi.note.replace(f", {without_score(n_without, formatter)}", "")


def _spark(kpi: Kpi, buckets: Sequence[Purchases | None]) -> tuple[float | None, ...]:
    return tuple(
        None
        if value is None or bucket is None or _is_telling(value, _fewest(kpi.name, bucket))
        else value
        for value, bucket in zip(kpi.spark, buckets, strict=True)
    )
