"""The state of a selection that means nobody: it names the filter whose removal helps most."""

from dashboard.components.links import go
from dashboard.components.states import State, no_match, nothing
from dashboard.panels import Ask
from dashboard.queries.held import count
from dashboard.queries.kpi_sums import measure
from dashboard.selection import Selection
from dashboard.wording import is_one_persons


def is_nobody(ask: Ask) -> bool:
    """Whether no customer matches."""
    return count(ask.view, ask.selection) == 0


def nobody(ask: Ask) -> State:
    """Says which chip to take away, and how many customers there would be without it.

    In the ledger of one person it speaks of purchases.
    """
    chips = [chip for chip in ask.selection.chips() if chip.key not in ask.fixed]
    if not chips:
        return nothing("There are no customers", "Nobody has been loaded yet.")
    is_ledger = is_one_persons(ask.view.vocabulary.about)
    title = f"No {'purchase' if is_ledger else 'customer'} matches these filters"
    best_count, best = -1, chips[0]
    for chip in chips:
        without = Selection.parse(chip.without, ask.view.vocabulary)
        number = measure(ask.view, without).now.n_orders if is_ledger else count(ask.view, without)
        if number > best_count:
            best_count, best = number, chip
    if best_count == 0:
        return nothing(
            title,
            "More than one filter stands in the way.",
            go("Clear all", ask.path, className="btn btn-quiet"),
            mark="funnel",
        )
    return no_match(
        title,
        f"{best.title}: {best.text}",
        ask.context.formatter.count(best_count),
        ask.href(**{best.key: None}),
    )
