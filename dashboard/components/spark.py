"""Sparklines as CSS masks: an SVG made here, coloured by the theme, no figure object spent."""

import math
from collections.abc import Sequence
from urllib.parse import quote

from dashboard.components import html

WIDTH, HEIGHT, EDGE = 100, 32, 2

# Quoted once: letter by letter it took as long as the rest of a board of key figures.
_GAP, _COMMA = (quote(mark, safe="") for mark in " ,")
_HEAD, _BETWEEN, _TAIL = (
    'url("data:image/svg+xml,'
    + quote(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"'
        ' preserveAspectRatio="none"><polygon points="',
        safe="",
    ),
    quote('" fill="#000" opacity=".13"/><polyline points="', safe=""),
    quote(
        '" fill="none" stroke="#000" stroke-width="1.5"'
        ' stroke-linejoin="round" vector-effect="non-scaling-stroke"/></svg>',
        safe="",
    )
    + '")',
)


def _points(values: Sequence[float | None]) -> list[tuple[float, float]]:
    """Positions of the known values in a box of ``WIDTH`` x ``HEIGHT``, from edge to edge."""
    known = [(n, v) for n, v in enumerate(values) if v is not None and math.isfinite(v)]
    if len(known) < 2:
        return []
    begin, end = known[0][0], known[-1][0]  # months that are not whole are left out at the ends
    low, high = min(v for _, v in known), max(v for _, v in known)
    step = WIDTH / (end - begin)
    span = (high - low) or 1.0
    room = HEIGHT - 2 * EDGE
    flat = high == low
    return [
        ((n - begin) * step, HEIGHT / 2 if flat else HEIGHT - EDGE - room * (v - low) / span)
        for n, v in known
    ]


def mask(values: Sequence[float | None]) -> str | None:
    """CSS ``url(...)`` of the line and its faint area; None below two known values."""
    points = _points(values)
    if not points:
        return None
    line = _GAP.join(f"{x:.1f}{_COMMA}{y:.1f}" for x, y in points)
    left, right = (f"{points[at][0]:.1f}{_COMMA}{HEIGHT}" for at in (0, -1))
    return f"{_HEAD}{left}{_GAP}{line}{_GAP}{right}{_BETWEEN}{line}{_TAIL}"


def spark(values: Sequence[float | None], *, calm: bool = True) -> html.Span | None:
    """A sparkline; grey when ``calm``, in the first series colour otherwise.

    It repeats what value and change say, so it is hidden from screen readers.
    """
    image = mask(values)
    if image is None:
        return None
    return html.Span(
        className="spark calm" if calm else "spark",
        style={"maskImage": image, "WebkitMaskImage": image},
        **{"aria-hidden": "true"},
    )
