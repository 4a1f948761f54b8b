"""Bars in words: the largest values of one dimension, each a link that filters to it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dashboard.components import html
from dashboard.components.links import go


@dataclass(frozen=True)
class Line:
    """One bar.

    Parameters
    ----------
    title : what it is.
    amount : its number in words, on the right edge.
    share : its length in [0, 1] of the longest; None draws no bar.
    note : grey words below.
    href : where it leads; None for the rest of all others.
    active : the filter is already set, the link takes it away.
    """

    title: str
    amount: str
    share: float | None
    note: str = ""
    href: str | None = None
    active: bool = False


def ranking(lines: Sequence[Line], colour: Callable[[Line], str] | None = None) -> html.Ul:
    """Bars below each other, longest first as given."""
    return html.Ul([html.Li(_line(line, colour)) for line in lines], className="ranking")


def _line(line: Line, colour: Callable[[Line], str] | None) -> object:
    tint = colour(line) if colour else "var(--c1)" if line.href else "var(--ink-3)"
    style = {"width": f"{max(0.0, min(1.0, line.share or 0)) * 100:.1f}%", "background": tint}
    parts = [
        html.Span(line.title, className="ranking-title"),
        html.Span(line.amount, className="ranking-amount"),
        html.Span(
            html.I(style=style) if line.share is not None else None,
            className="bar",
            **{"aria-hidden": "true"},
        ),
        html.Span(line.note, className="ranking-note"),
    ]
    if line.href is None:
        return html.Span(parts, className="ranking-line")
    extra = {"aria-current": "true"} if line.active else {}
    return go(parts, line.href, className="ranking-line", **extra)
