"""A panel: one border, a title, perhaps a sentence, then the content that a callback fills."""

from collections.abc import Sequence

from dash import dcc, html

from dashboard import ids
from dashboard.components.states import skeleton


def head(name: str, title: str, *extras: object, as_table: bool = False) -> html.Div:
    """Title, note beside it, and at the right ``extras`` (a link, a switch)."""
    right: list[object] = [html.Div(id=ids.part(name, "aside"), className="aside"), *extras]
    if as_table:
        right.append(
            html.Button(
                "Show as table",
                id=ids.part(name, "toggle"),
                type="button",
                className="btn btn-link",
                n_clicks=0,
                **{"aria-controls": ids.part(name, "content")},
            )
        )
    return html.Div(
        [
            html.H2(title, id=ids.part(name, "title")),
            html.Span(id=ids.part(name, "sub"), className="sub clip"),
            html.Div(right, className="push btn-row"),
        ],
        className="panel-head",
    )


def section(name: str, children: Sequence[object], class_name: str = "") -> html.Section:
    """The frame of a panel, named by its title; also holds what Retry sets."""
    return html.Section(
        [*children, dcc.Store(id=ids.part(name, "retry"))],
        id=name,
        className=f"panel {class_name}".strip(),
        **{"aria-labelledby": ids.part(name, "title"), "aria-busy": "true"},
    )


def panel(
    name: str,
    title: str,
    *extras: object,
    class_name: str = "",
    flush: bool = False,
    bars: Sequence[int] = (20, 92),
) -> html.Section:
    """A panel of plain components, filled through ``Panels.html(name, ...)``.

    Parameters
    ----------
    name : the panel's id, unique on the page.
    title : its heading.
    extras : right of the heading: links, switches.
    class_name : grid class such as ``c8``.
    flush : content reaches the panel's edges (tables, lists).
    bars : heights in px of the grey bars of the first paint.
    """
    return section(
        name,
        [
            head(name, title, *extras),
            html.P(id=ids.part(name, "say"), className="panel-say"),
            html.Div(skeleton(*bars), id=ids.part(name, "slot"), className="panel-slot"),
            html.Div(
                id=ids.part(name, "body"),
                className="panel-body flush" if flush else "panel-body",
                hidden=True,
            ),
        ],
        class_name,
    )


def bare(name: str, label: str, *, class_name: str = "", bars: Sequence[int] = (20,)) -> html.Div:
    """A region without border and heading, filled through ``Panels.bare(name, ...)``."""
    return html.Div(
        [
            html.Div(skeleton(*bars), id=ids.part(name, "body"), className="bare-body"),
            dcc.Store(id=ids.part(name, "retry")),
        ],
        id=name,
        className=class_name,
        role="region",
        **{"aria-label": label, "aria-busy": "true"},
    )
