"""Marks of personas (shape and colour) and of bands (fill level): colour is the second signal."""

from typing import Final

from dashboard.components import html
from dashboard.theme import HUES, hue

LEVELS: Final = {"low": (1, ""), "medium": (2, "warn"), "high": (3, "bad")}
# Where high is bad. Much exposure is that of the best customers, and much value is no danger.
JUDGED: Final = frozenset({"churn_band"})


def mark(number: int) -> html.Span:
    """The shape of persona mark 1 to 9; other numbers get a plain grey square."""
    known = number if number in HUES else 0
    return html.Span(className=f"mark m{known}", **{"aria-hidden": "true"})


def tag(number: int, title: str) -> html.Span:
    """A persona: its mark and its name."""
    return html.Span([mark(number), title], className="tag")


def level(step: int, class_name: str = "") -> html.Span:
    """Three bars of which ``step`` are filled."""
    return html.Span(
        [html.I(), html.I(), html.I()],
        className=f"level l{step} {class_name}".strip(),
        **{"aria-hidden": "true"},
    )


def band(name: str | None, of: str, words: str = "") -> html.Span:
    """A band as a pill: fill level and word. A missing band is a dash.

    Parameters
    ----------
    of : its column, such as ``churn_band``; decides whether high is bad.
    words : what follows the band's own word: ``High exposure``.
    """
    if name is None:
        return html.Span("\N{EN DASH}", className="muted")
    step, tone = LEVELS.get(name, (0, ""))
    tone = tone if of in JUDGED else ""
    said = f"{name.capitalize()} {words}".strip()
    return html.Span([level(step), said], className=f"pill {tone}".strip())


def bar(share: float, number: int = 1) -> html.Div:
    """A bar inside a table cell; ``share`` of the longest in [0, 1], colour of mark ``number``."""
    width = f"{max(0.0, min(1.0, share)) * 100:.1f}%"
    style = {"width": width, "background": f"var(--{hue(number)})"}
    return html.Div(html.I(style=style), className="bar", **{"aria-hidden": "true"})
