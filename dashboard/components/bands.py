"""Customers by band: each row narrows the selection to it."""

from typing import Final

from dashboard.components import html
from dashboard.components.links import go
from dashboard.components.marks import band, bar
from dashboard.components.nobody import is_nobody, nobody
from dashboard.components.states import State
from dashboard.components.unscored import no_bands
from dashboard.formatting import Formatter
from dashboard.panels import Ask, Shown
from dashboard.queries.facets import Facet, facets
from dashboard.slugs import NONE

BANDS: Final = {"churn_band": "Churn band", "value_band": "Value band", "risk_band": "Risk band"}
RISK_WORDS: Final = "exposure by total spend"


def bands(ask: Ask) -> Shown | State:
    """Rows of each band that the data have."""
    if is_nobody(ask):
        return nobody(ask)
    keys = ask.view.vocabulary.keys
    found = {name: facets(ask.view, ask.selection, keys[name]) for name in BANDS if name in keys}
    if not found:
        return no_bands(ask)
    rows = [html.Tbody(_band(ask, name, values)) for name, values in found.items()]
    caption = html.Caption("Customers by band", className="visually-hidden")
    return Shown(html.Table([caption, *rows], className="table-q bands"))


def _band(ask: Ask, name: str, values: list[Facet]) -> list[object]:
    """Rows of one band, highest first; a click narrows to it, a second one widens."""
    total = sum(facet.customers for facet in values) or 1
    present = ask.selection.pairs().get(name)
    formatter = ask.context.formatter
    title: list[object] = [BANDS[name]]
    if name == "risk_band":
        title.append(html.Span(f", {RISK_WORDS}", className="muted"))
    rows: list[object] = [html.Tr(html.Th(title, colSpan=3, scope="rowgroup"))]
    known = [facet for facet in values if facet.slug != NONE]
    for facet in [*reversed(known), *(f for f in values if f.slug == NONE)]:
        active = present == facet.slug
        link = go(
            band(facet.slug, name) if facet.slug != "none" else facet.title,
            ask.href(**{name: None if active else facet.slug}),
            className="row-link",
            **({"aria-current": "true"} if active else {}),
        )
        share = facet.customers / total
        cells = [html.Th(link, scope="row"), html.Td(bar(share, 0)),
                 html.Td([formatter.count(facet.customers),
                          html.Span(_percent(share, formatter), className="muted share")],
                         className="num")]  # fmt: skip
        rows.append(html.Tr(cells))
    return rows


def _percent(share: float, formatter: Formatter) -> str:
    """A share without decimals, unless that would make nobody out of a few."""
    return formatter.percent(share, 1 if 0 < share < 0.01 else 0)
