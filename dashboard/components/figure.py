"""The only place that makes a ``dcc.Graph``: named, without mode bar, sending nothing anywhere."""

from collections.abc import Sequence
from typing import Final

from dash import dcc, html

from dashboard import ids
from dashboard.components.panel import head, section
from dashboard.components.states import skeleton

# plotly.js would offer to upload the figure's data to a cloud; every door to that is shut.
CONFIG: Final = {
    "displaylogo": False,
    "displayModeBar": False,
    "plotlyServerURL": "",
    "showSendToCloud": False,
    "showEditInChartStudio": False,
    "modeBarButtonsToRemove": ["sendChartToCloud", "sendDataToCloud"],
    "responsive": True,
    "doubleClick": False,
    "scrollZoom": False,
    "showTips": False,
}


def graph(identifier: str, height: int, **config: object) -> dcc.Graph:
    """A bare graph; ``config`` adds to or overrides :data:`CONFIG`."""
    return dcc.Graph(
        id=identifier,
        figure={"data": [], "layout": {}},
        config={**CONFIG, **config},
        responsive=True,
        className="figure",
        style={"height": f"{height}px"},
    )


def figure(name: str, label: str, *, height: int = 300, **config: object) -> html.Div:
    """A graph in a named group, with its key above and room for its table.

    Parameters
    ----------
    name : the panel's name; the graph is ``<name>-figure``.
    label : what the figure shows, for those who do not see it; the panel's sentence describes it.
    height : px; a figure may set another one by its own layout.
    config : additions to plotly's config.
    """
    return html.Div(
        [
            html.Div(id=ids.part(name, "key"), className="key-row"),
            html.Div(
                graph(ids.graph(name), height, **config),
                id=ids.part(name, "group"),
                className="figure-group",
                style={"--height": f"{height}px"},
                role="group",
                **{"aria-label": label, "aria-describedby": ids.part(name, "say")},
            ),
            html.Div(id=ids.part(name, "table"), className="table-scroll", hidden=True),
        ],
        id=ids.part(name, "content"),
        className="panel-body",
        hidden=True,
    )


def figure_panel(
    name: str,
    title: str,
    label: str,
    *extras: object,
    class_name: str = "",
    height: int = 300,
    bars: Sequence[int] | None = None,
    **config: object,
) -> html.Section:
    """A panel around one figure, filled through ``Panels.figure(name, ...)``."""
    return section(
        name,
        [
            head(name, title, *extras, as_table=True),
            html.P(id=ids.part(name, "say"), className="panel-say"),
            html.Div(
                skeleton(*(bars or (16, height))), id=ids.part(name, "slot"), className="panel-slot"
            ),
            figure(name, label, height=height, **config),
        ],
        class_name,
    )
