"""Segments: which groups of customers exist, and how they differ."""

from dash import Dash, html

from dashboard.components.figure import figure_panel
from dashboard.components.groups import Comparison, scan_table
from dashboard.components.links import go
from dashboard.components.nobody import is_nobody, nobody
from dashboard.components.panel import bare, panel
from dashboard.components.persona_card import persona_card
from dashboard.components.states import State, nothing
from dashboard.components.unscored import no_personas
from dashboard.context import Context
from dashboard.panels import Ask, Drawn, Panels, Shown
from dashboard.queries.segments import Cell, personas, profiles, scan, shares, why

TITLE = "Segments"
PATH = "/segments"
ICON = "people"
GROUP = "Customers"
COMPARES = True


def layout(context: Context) -> list[object]:
    """The page's frame; callbacks fill it."""
    del context
    return [
        html.H2("Personas", className="visually-hidden"),
        bare("cards", "Personas", bars=(160, 160)),
        html.Div(
            [
                figure_panel(
                    "profiles", "How the groups differ",
                    "Distance of each group from the average of all customers, by feature",
                    class_name="c7", height=300,
                ),
                panel("scan", "How many groups", class_name="c5", flush=True, bars=(16, 200)),
            ],
            className="cols",
        ),
    ]  # fmt: skip


def register(app: Dash, context: Context) -> None:
    """Attach the page's panels."""
    panels = Panels(app, context, PATH)
    panels.bare("cards", _cards)
    panels.figure("profiles", _profiles, drill=True)
    panels.html("scan", _scan)


def _cards(ask: Ask) -> object:
    if not personas(ask.view):
        return html.Div(no_personas(ask).component(2), className="panel")
    if is_nobody(ask):
        return html.Div(nobody(ask).component(2), className="panel")
    found = shares(ask.view, ask.selection)
    total = sum(share.customers for share in found)
    cells: dict[str, list[Cell]] = {}
    for cell in profiles(ask.view):
        cells.setdefault(cell.persona, []).append(cell)
    named = sum(1 for share in found if share.persona)
    width = "c6" if named in (2, 4) else "c4"
    cards = [
        persona_card(ask, share, total, cells.get(share.persona.slug, []), width)
        for share in found
        if share.persona
    ]
    parts: list[object] = [html.Div(cards, className="cols")]
    nameless = sum(share.customers for share in found if not share.persona)
    if nameless:
        words = f"{ask.context.formatter.count(nameless)} of them have no persona"
        href = ask.href("/customers", persona="none")
        parts.append(html.P(go(words, href), className="small page-note"))
    return parts


def _profiles(ask: Ask) -> Drawn | State:
    cells = profiles(ask.view)
    return Comparison(ask, personas(ask.view), cells).drawn() if cells else no_personas(ask)


def _scan(ask: Ask) -> Shown | State:
    candidates = scan(ask.view)
    if not candidates:
        if not personas(ask.view):
            return no_personas(ask)
        return nothing("The number was set by hand", "spendboard.toml fixes clusters.k.")
    chosen = [candidate.k for candidate in candidates if candidate.is_chosen]
    return Shown(
        scan_table(candidates, ask.context.formatter),
        sub=f"{chosen[0]} were chosen" if chosen else None,
        say=why(ask.view),
    )
