"""Names of components that callbacks, scripts and tests share. A panel's parts share its name."""

from typing import Final

URL: Final = "url"
GENERATION: Final = "generation"
THEME: Final = "theme"
TITLE: Final = "document-title"
FRAME: Final = "frame"
RAIL: Final = "rail"
FILTERS: Final = "filters"
TRUST: Final = "trust"
TICK: Final = "tick"


def graph(panel: str) -> str:
    """The ``dcc.Graph`` of a figure panel."""
    return f"{panel}-figure"


def part(panel: str, name: str) -> str:
    """A part of a panel: ``body``, ``sub``, ``say``, ``slot``, ``key``, ``table``, ``retry`` ..."""
    return f"{panel}-{name}"
