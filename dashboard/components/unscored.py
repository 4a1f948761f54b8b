"""What stands where scores would: not scored yet, or not enough to score."""

from dash import html

from dashboard.components.states import State, not_enough, nothing
from dashboard.panels import Ask
from dashboard.queries.segments import too_little


def no_personas(ask: Ask) -> State:
    """There are no personas: what to run, or what the customers are too few for."""
    if ask.view.vocabulary.about.scores_as_of is None and too_little(ask.view) is None:
        return _run_refresh("No personas yet", "They are found when the customers are scored: ")
    reason = too_little(ask.view) or "There are too few customers to tell groups apart."
    return not_enough(reason, title="No groups could be found")


def without_groups(ask: Ask, title: str, why: object, mark: str) -> State:
    """What rests on the groups is missing: they could not be found, or were not looked for yet."""
    reason = too_little(ask.view)
    return not_enough(reason, title=title) if reason else nothing(f"{title} yet", why, mark=mark)


def no_bands(ask: Ask) -> State:
    """There are no bands: what to run, or that the history is too short."""
    if ask.view.vocabulary.about.scores_as_of is None:
        return _run_refresh("No bands yet", "They are set when the customers are scored: ")
    short = next(iter(ask.view.vocabulary.withheld.values()), None)
    return not_enough(short or "The purchases are too few, or too recent, for bands.")


def _run_refresh(title: str, why: str) -> State:
    return State("people", title, [why, html.Code("spendboard refresh")], kind="no-data")
