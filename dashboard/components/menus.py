"""Menus that open under a button: native disclosure, so keyboard and screen readers just work."""

from collections.abc import Sequence
from dataclasses import dataclass

from dash import html

from dashboard.components.icons import icon
from dashboard.components.links import go


@dataclass(frozen=True)
class Choice:
    """One entry of a menu: words, where it leads, whether it is the present one."""

    text: str
    href: str
    active: bool = False


def menu(key: str, value: str, choices: Sequence[Choice], *more: object, name: str) -> html.Details:
    """A button that says ``key value`` and opens links; ``more`` stands below them.

    Parameters
    ----------
    key, value : what the button says, grey and bold.
    choices : the links.
    more : further components under a line, such as a form.
    name : id of the menu.
    """
    links = [
        html.Li(
            go(
                [html.Span(choice.text), icon("check2") if choice.active else None],
                choice.href,
                className="menu-item",
                **({"aria-current": "true"} if choice.active else {}),
            )
        )
        for choice in choices
    ]
    return html.Details(
        [
            html.Summary(
                [html.Span(key, className="key"), value, icon("chevron-down")],
                className="btn btn-quiet",
            ),
            html.Div([html.Ul(links), *more], className="menu-pop"),
        ],
        className="menu",
        id=name,
    )
