"""The state of a selection that means nobody: it names the filter whose removal helps most."""

from dashboard.components.links import go
from dashboard.components.states import State, no_match, nothing
from dashboard.panels import Ask
from dashboard.queries.held import count
from dashboard.selection import Selection


def is_nobody(ask: Ask) -> bool:
    """Whether no customer matches."""
    return count(ask.view, ask.selection) == 0


def nobody(ask: Ask) -> State:
    """Says which chip to take away, and how many customers there would be without it."""
    chips = [chip for chip in ask.selection.chips() if chip.key not in ask.fixed]
    if not chips:
        return nothing("There are no customers", "Nobody has been loaded yet.")
    best_count, best = -1, chips[0]
    for chip in chips:
        number = count(ask.view, Selection.parse(chip.without, ask.view.vocabulary))
        if number > best_count:
            best_count, best = number, chip
    if best_count == 0:
        return nothing(
            "No customer matches these filters",
            "More than one filter stands in the way.",
            go("Clear all", ask.path, className="btn btn-quiet"),
            mark="funnel",
        )
    return no_match(
        "No customer matches these filters",
        f"{best.title}: {best.text}",
        ask.context.formatter.count(best_count),
        ask.href(**{best.key: None}),
    )
