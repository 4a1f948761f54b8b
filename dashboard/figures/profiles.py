"""How the groups differ: one cell for each feature of each group, in standard deviations."""

from collections.abc import Sequence

from dashboard.figures.encoding import Figure, label, numbers
from dashboard.theme import Theme

ROW = 31  # px of one feature
HEAD = 36  # px of the names above
LINE = 15  # px of each further line of a name
LONG = 11  # letters that fit above a column
FAR = 2.0  # standard deviations at which a colour is full


def heatmap(
    groups: Sequence[str],
    features: Sequence[str],
    *,
    z: Sequence[Sequence[float]],
    texts: Sequence[Sequence[str]],
    hovers: Sequence[Sequence[str]],
    hrefs: Sequence[str],
    theme: Theme,
) -> Figure:
    """Cells with their number printed in them.

    Parameters
    ----------
    groups, features : names of the columns and rows, in order; text from the data.
    z : distance from everybody's mean, ``[feature][group]``; NaN where it is unknown.
    texts : the same in words, printed in the cells.
    hovers : what a cell says when pointed at.
    hrefs : where a click on a group's cell leads.
    theme : colours and template.
    """
    colours = theme.colours
    cells = {
        "type": "heatmap",
        "x": [_folded(group) for group in groups],
        "y": [label(feature) for feature in features],
        "z": numbers(z, "f4"),
        "text": [list(row) for row in texts],
        "texttemplate": "%{text}",
        "textfont": {"color": colours["ink"], "size": 12},
        "hovertext": [[label(words) for words in row] for row in hovers],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "customdata": [list(hrefs) for _ in features],
        **_scale(theme),
    }
    return {"data": [cells], "layout": _layout(groups, theme)}


def _scale(theme: Theme) -> Figure:
    """Two hues that meet in the middle, full at :data:`FAR`."""
    steps = enumerate(("z-low", "z-mid", "z-high"))
    return {
        "zmin": -FAR, "zmid": 0, "zmax": FAR, "showscale": False, "xgap": 2, "ygap": 2,
        "colorscale": [[place / 2, theme.colours[token]] for place, token in steps],
    }  # fmt: skip


def _layout(groups: Sequence[str], theme: Theme) -> Figure:
    """Names above and at the left, each at every cell, without lines."""
    names = {"color": theme.colours["ink-2"], "size": 12}
    return {
        "template": theme.template,
        "hovermode": "closest",
        "xaxis": {
            "side": "top", "dtick": 1, "showline": False, "ticks": "", "tickangle": 0,
            "tickfont": names, "type": "category",
        },
        "yaxis": {
            "autorange": "reversed", "dtick": 1, "showgrid": False, "type": "category",
            "ticks": "outside", "ticklen": 8, "tickcolor": "rgba(0,0,0,0)", "tickfont": names,
        },
        "margin": {"l": 8, "r": 0, "t": _head(groups), "b": 0},
    }  # fmt: skip


def _folded(name: str) -> str:
    """A name above a narrow column: one word a line, where it has several and is long."""
    return "<br>".join(label(name).split()) if len(name) > LONG else label(name)


def _head(groups: Sequence[str]) -> int:
    """Room in px for the names above."""
    return HEAD + LINE * max((_folded(group).count("<br>") for group in groups), default=0)


def height(groups: Sequence[str], n_features: int) -> int:
    """Height in px that gives every feature a row of the same height."""
    return _head(groups) + ROW * n_features
