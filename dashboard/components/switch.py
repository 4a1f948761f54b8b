"""A switch between views of one panel. It is not part of the address: it changes no number."""

from collections.abc import Mapping

from dash import dcc

from dashboard.components import html


def store(identifier: str) -> dcc.Store:
    """Where the switch keeps its choice; belongs beside the panel in the page's layout."""
    return dcc.Store(id=identifier)


def switch(identifier: str, choices: Mapping[str, str], chosen: str | None, label: str) -> html.Div:
    """Buttons of which one is pressed; ``assets/60-shell.js`` writes into the store.

    Parameters
    ----------
    identifier : id of the store.
    choices : value to words.
    chosen : value of the pressed one.
    label : what is being switched, for those who do not see the panel.
    """
    buttons = [
        html.Button(
            words,
            type="button",
            className="btn active" if value == chosen else "btn",
            **{
                "data-set": identifier,
                "data-value": value,
                "aria-pressed": "true" if value == chosen else "false",
            },
        )
        for value, words in choices.items()
    ]
    return html.Div(buttons, className="switch", role="group", **{"aria-label": label})
