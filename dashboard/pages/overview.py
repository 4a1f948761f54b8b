"""Overview: how are we doing."""

from dash import Dash, html

from dashboard.components.panel import panel
from dashboard.context import Context
from dashboard.panels import Ask, Panels, Shown

TITLE = "Overview"
PATH = "/"
ICON = "layout-text-window-reverse"
GROUP = ""


def layout(context: Context) -> list[object]:
    return [panel("hello", "Hello")]


def register(app: Dash, context: Context) -> None:
    panels = Panels(app, context, PATH)
    panels.html(
        "hello", lambda ask: Shown(html.P(str(ask.selection.words())), sub="sub", say="say")
    )
