"""What stands around every page: skip link, rail, page head, filter bar, trust strip."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dash import dcc, html

from dashboard import ids
from dashboard.components.icons import icon
from dashboard.components.links import address, go
from dashboard.components.panel import bare

BRAND = "Spendboard"


@dataclass(frozen=True)
class Stop:
    """One page in the rail; ``compares`` says that it needs more customers than one."""

    title: str
    path: str
    icon: str
    group: str
    compares: bool = False


def frame() -> html.Div:
    """The shell before any page is in it."""
    return html.Div(
        [
            html.A("Skip to content", href="#content", className="skip"),
            dcc.Location(id=ids.URL, refresh="callback-nav"),
            dcc.Store(id=ids.GENERATION),
            dcc.Store(id=ids.THEME),
            dcc.Store(id=ids.TITLE),
            dcc.Interval(id=ids.TICK, interval=60_000),
            html.Nav(id=ids.RAIL, className="rail", **{"aria-label": "Pages"}),
            html.Div(_main(), className="main"),
            html.Div(id="announce", className="visually-hidden", role="status"),
        ],
        className="shell",
        id="shell",
    )


def _main() -> list[object]:
    return [
        html.Header(id=ids.part(ids.FRAME, "head"), className="page-head"),
        html.Div(
            bare(ids.FILTERS, "Filters", class_name="filters", bars=(32, 16)),
            id=ids.part(ids.FILTERS, "box"),
        ),
        html.Main(id="content", className="page", tabIndex=-1),
        html.Footer(
            bare(ids.TRUST, "Age and origin of the data", class_name="trust-box", bars=(12,)),
            className="trust",
        ),
    ]


def rail(stops: Sequence[Stop], here: str | None, queries: Mapping[str, str]) -> list[object]:
    """Content of the rail.

    Parameters
    ----------
    stops : pages in their order; those of one group stand together.
    here : path of the page that is shown.
    queries : what each link keeps of the selection: ``pages`` and ``wall``.
    """
    parts: list[object] = [
        _rail_top(queries["pages"]),
        html.Div(search("menu-search"), className="phone-only rail-search"),
    ]
    group = ""
    for stop in stops:
        if stop.group != group:
            group = stop.group
            parts.append(html.Div(group, className="rail-head"))
        active = stop.path == here
        parts.append(
            go(
                [icon(stop.icon), stop.title],
                address(stop.path, queries["pages"]),
                className="nav-link active" if active else "nav-link",
                **({"aria-current": "page"} if active else {}),
            )
        )
    parts.append(html.Div(_rail_foot(queries["wall"]), className="rail-foot"))
    return parts


def _rail_top(query: str) -> html.Div:
    brand_mark = html.Span(
        [html.I(), html.I(), html.I()], className="brand-mark", **{"aria-hidden": "true"}
    )
    close = html.Button(
        icon("x-lg"),
        type="button",
        className="btn btn-ghost menu-close",
        **{"data-menu": "close", "aria-label": "Close menu"},
    )
    brand = go([brand_mark, BRAND], address("/", query), className="brand")
    return html.Div([brand, close], className="rail-top")


def _rail_foot(wall_query: str) -> list[object]:
    return [
        html.A([icon("display"), "Wall"], href=address("/wall", wall_query), className="nav-link"),
        html.Button(
            [
                html.Span([icon("moon"), "Dark theme"], className="when-light"),
                html.Span([icon("sun"), "Light theme"], className="when-dark"),
            ],
            type="button",
            id="theme-switch",
            className="nav-link",
            **{"data-theme-switch": "true"},
        ),
    ]


def head(title: str, *extras: object) -> list[object]:
    """Content of the page head: menu button of narrow screens, title, extras, customer search."""
    return [
        menu_button(),
        html.H1(title),
        html.Div([*extras, search()], className="push btn-row wide-only"),
    ]


def menu_button() -> html.Button:
    """Opens the rail on narrow screens."""
    return html.Button(
        icon("list"),
        type="button",
        className="btn btn-ghost menu-btn nudge",
        **{"data-menu": "open", "aria-label": "Menu", "aria-controls": ids.RAIL},
    )


def search(identifier: str = "customer-search") -> html.Form:
    """Search for a customer anywhere; works without the script, too."""
    field = dcc.Input(
        type="search",
        name="q",
        placeholder="Customer name or id",
        className="form-control search",
        autoComplete="off",
        maxLength=200,
        id=identifier,
    )
    return html.Form(
        html.Label([html.Span("Find a customer", className="visually-hidden"), field]),
        action="/customers",
        method="get",
        role="search",
        **{"data-go": "true"},
    )
