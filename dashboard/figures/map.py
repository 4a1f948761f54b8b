"""The customer map: one WebGL scatter of the principal components, with the selected box on top."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from dashboard.figures.encoding import Figure, label, numbers
from dashboard.theme import Theme

if TYPE_CHECKING:
    import pandas as pd

SYMBOLS: Final = (  # filled ones: open ones are not drawn by WebGL
    "circle", "square", "triangle-up", "diamond", "cross", "x", "triangle-right", "triangle-down",
    "star",
)  # fmt: skip
CALM, CHOSEN = 0.45, 0.95  # opacity of a point: on its own, and inside the selection
Floats = npt.NDArray[Any]
Corners = Sequence[tuple[float, float]]  # of a drawn area, in order around it


@dataclass(frozen=True)
class Group:
    """One kind of point: a persona, or a band.

    Parameters
    ----------
    value : what the ``shade`` column of the points holds.
    title : its name in words.
    symbol : plotly symbol; the first signal, colour is the second.
    colour : ``#RRGGBB``.
    """

    value: str
    title: str
    symbol: str
    colour: str


def symbol_of(mark: int) -> str:
    """Symbol of persona mark 1 to 9; a circle for anything else."""
    return SYMBOLS[mark - 1] if 1 <= mark <= len(SYMBOLS) else "circle"


def scatter(
    points: "pd.DataFrame",
    groups: Sequence[Group],
    titles: tuple[str, str],
    extent: tuple[float, float, float, float],
    theme: Theme,
    *,
    area: Corners = (),
    note: str = "",
    drag: str = "select",
    drawing: str = "",
) -> Figure:
    """All points in their places, those inside ``area`` stepping forward.

    Parameters
    ----------
    points : columns ``pca_1``, ``pca_2``, ``shade`` (str, a group's value), ``customer_key`` (int).
    groups : kinds of points in drawing order.
    titles : names of the two axes.
    extent : left, bottom, right and top over all customers, so that a filter never moves the
        landscape.
    theme : colours and template.
    area : the selected rectangle or polygon, outlined and labelled with ``note``.
    drag : ``select`` (a box), ``lasso`` or ``zoom``.
    drawing : changes whenever what the reader drew has become ``area`` or was taken back.
    """
    return {
        "data": [trace for group in groups for trace in _traces(points, group, area)],
        "layout": _layout(titles, extent, theme, drag)
        | {"selectionrevision": drawing}
        | (_outline(area, note, theme) if area else {}),
    }


def _traces(points: "pd.DataFrame", group: Group, area: Corners) -> list[dict[str, Any]]:
    mine = points[points["shade"] == group.value]
    if not area:
        return [_trace(mine, group, CALM)]
    inside = contains(area, mine["pca_1"].to_numpy(), mine["pca_2"].to_numpy())
    return [_trace(mine[~inside], group, CALM), _trace(mine[inside], group, CHOSEN)]


def contains(area: Corners, x: Floats, y: Floats) -> npt.NDArray[np.bool_]:
    """Which points lie inside the polygon, by the even-odd rule."""
    inside = np.zeros(len(x), dtype=np.bool_)
    for (x1, y1), (x2, y2) in zip(area, [*area[1:], area[0]], strict=True):
        if y1 == y2:
            continue
        crosses = (y1 > y) != (y2 > y)
        inside ^= crosses & (x < (x2 - x1) * (y - y1) / (y2 - y1) + x1)
    return inside


def _trace(points: "pd.DataFrame", group: Group, opacity: float) -> dict[str, Any]:
    return {
        "type": "scattergl",
        "mode": "markers",
        "name": label(group.title),
        "x": numbers(points["pca_1"]),
        "y": numbers(points["pca_2"]),
        # A plain list: dash looks a clicked point's data up in the figure as it was sent.
        "customdata": points["customer_key"].tolist(),
        "marker": {
            "symbol": group.symbol,
            "color": group.colour,
            "opacity": opacity,
            "size": 6,
        },
        # The box is the selection, and it is evaluated over all customers: never fade by drawing.
        "unselected": {"marker": {"opacity": opacity}},
        "hovertemplate": f"{label(group.title)}<br>Click to open<extra></extra>",
    }


def _layout(
    titles: tuple[str, str], extent: tuple[float, float, float, float], theme: Theme, drag: str
) -> dict[str, Any]:
    # A title in two words of room: the arrow says which way there is more of it.
    across, up = (f"{label(title)}  →" for title in titles)
    line = {"showgrid": False, "zeroline": True, "zerolinecolor": theme.colours["line"]}
    return {
        "template": theme.template,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "hovermode": "closest",
        "dragmode": drag,
        "uirevision": "map",
        "selections": [],
        "newselection": {"line": {"color": theme.colours["ink"], "width": 1.5, "dash": "dash"}},
        "xaxis": line
        | {"title": {"text": across}, "range": _padded(extent[0], extent[2]), "showline": False}
        | {"ticks": ""},
        "yaxis": line | {"title": {"text": up}, "range": _padded(extent[1], extent[3])},
    }


def _padded(low: float, high: float) -> list[float]:
    """The axis from ``low`` to ``high`` with 4 % of air, also where both are equal."""
    air = 0.04 * (high - low) or 1.0
    return [float(np.round(low - air, 4)), float(np.round(high + air, 4))]


def _outline(area: Corners, note: str, theme: Theme) -> dict[str, Any]:
    """The dashed line around ``area``, with ``note`` on its highest corner."""
    path = "L".join(f"{x:.5g},{y:.5g}" for x, y in area)
    top = max(y for _, y in area)
    right = max(x for x, y in area if y == top)
    return {
        "shapes": [
            {
                "type": "path",
                "path": f"M{path}Z",
                "line": {"color": theme.colours["ink"], "width": 1.5, "dash": "dash"},
                "fillcolor": "rgba(0,0,0,0)",
            }
        ],
        "annotations": [
            {
                "x": right,
                "y": top,
                "xanchor": "right",
                "yanchor": "bottom",
                "showarrow": False,
                "text": f"<b>{label(note)}</b>",
                "bgcolor": theme.faint("surface", 0.85),
                "font": {"color": theme.colours["ink"], "size": 12},
            }
        ],
    }
