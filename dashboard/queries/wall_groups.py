"""The wall of a table of customers, of whom no purchase is known: how many, in which groups."""

from typing import TYPE_CHECKING, Final

from dashboard.formatting import Formatter
from dashboard.queries.kpi import Kpi, valued
from dashboard.queries.segments import shares
from dashboard.queries.wall_points import BESIDE, FEWEST, WITHHELD, withheld
from dashboard.selection import Selection

if TYPE_CHECKING:
    from dashboard.reader import View

CUSTOMERS: Final = "customers"
GROUP: Final = "persona-"  # begins the name of a group's figure


def groups(view: "View", selection: Selection, formatter: Formatter) -> list[Kpi]:
    """The number of selected customers, and that of each group; none of fewer than ten.

    Where a group is withheld the smallest other one is too: all less the shown is never it alone.
    """
    found = shares(view, selection)
    sizes = [share.customers for share in found]
    total = sum(sizes)
    if total < FEWEST:
        return []
    everybody = Kpi(CUSTOMERS, "Customers", "count")
    whole = view.vocabulary.about.n_customers
    note = f"of {formatter.count(whole)}" if whole - total >= FEWEST else ""
    made = [_counted(everybody, total, note, formatter)]
    if len(found) < 2:
        return made
    missing = withheld(sizes)
    for place, share in enumerate(found):
        if share.persona is None:
            continue
        kpi = Kpi(f"{GROUP}{share.persona.slug}", share.persona.title, "count")
        if place in missing:
            reason = WITHHELD if share.customers < FEWEST else BESIDE
            made.append(Kpi(kpi.name, kpi.title, kpi.unit, reason=reason, state="withheld"))
        else:
            part = f"{formatter.percent(share.customers / total)} of customers"
            made.append(_counted(kpi, share.customers, part, formatter))
    return made


def _counted(kpi: Kpi, number: int, note: str, formatter: Formatter) -> Kpi:
    counted = valued(kpi, number, formatter)
    return Kpi(kpi.name, kpi.title, kpi.unit, counted.value, counted.text, counted.short, note=note)
