"""Revenue over time: one solid line, the compared days as a thin grey one."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Final, NamedTuple

from dashboard.figures.axes import dates_of, worded
from dashboard.figures.encoding import Figure, days, numbers
from dashboard.theme import Theme

HEADS: Final = {"day": "%-d %b %Y", "week": "Week of %-d %b %Y", "month": "%B %Y"}


class Point(NamedTuple):
    """One point of the line.

    Parameters
    ----------
    day : where it stands.
    value : what is drawn.
    text : value in words, shown on hover.
    href : where a click leads.
    before : the compared value; None without.
    before_text : that value in words.
    """

    day: date
    value: float
    text: str
    href: str
    before: float | None = None
    before_text: str = ""


def revenue(
    points: Sequence[Point],
    *,
    theme: Theme,
    grain: str,
    word: Callable[[float], str],
    data_end: date | None = None,
    data_end_text: str = "",
) -> Figure:
    """The line of ``points``, at least one.

    Parameters
    ----------
    points : in order of their days.
    theme : colours and template.
    grain : day, week or month; heads what is shown on hover.
    word : short words for a value of the axis.
    data_end : the data's last day, marked by a vertical line; None where it is not in view.
    data_end_text : label of that line.
    """
    xs = days(p.day for p in points)
    traces = [_compared(points, xs, theme)] if any(p.before is not None for p in points) else []
    traces += [_line(points, xs, theme), _end(points[-1], xs[-1], theme)]
    values = [p.value for p in points] + [p.before for p in points if p.before is not None]
    layout: Figure = {
        "template": theme.template,
        "xaxis": _time_axis(points, grain, theme),
        "yaxis": worded(values, word),
        "margin": {"l": 8, "r": 16, "t": 20, "b": 8},
        "annotations": [],
        "shapes": [],
    }
    if data_end is not None:
        _mark_end(layout, data_end, data_end_text, theme)
    return {"data": traces, "layout": layout}


def _line(points: Sequence[Point], xs: list[str], theme: Theme) -> Figure:
    ink = theme.colours["c1"]
    return {
        "type": "scatter", "mode": "lines+markers" if len(points) < 3 else "lines", "x": xs,
        "y": numbers([p.value for p in points], "f8"),
        "text": [p.text for p in points],
        "customdata": [p.href for p in points],
        "hovertemplate": "%{text}<extra></extra>",
        "line": {"color": ink, "width": 2.25},
        "marker": {"color": ink, "size": 6},
        "cliponaxis": False,  # the last tick may be the highest value: half its mark stands above
    }  # fmt: skip


def _compared(points: Sequence[Point], xs: list[str], theme: Theme) -> Figure:
    return {
        "type": "scatter", "mode": "lines", "x": xs,
        "y": numbers([_gap(p.before) for p in points], "f8"),
        "text": [p.before_text for p in points],
        "hovertemplate": "%{text}<extra></extra>",
        "line": {"color": theme.colours["line-control"], "width": 1.25},
        "cliponaxis": False,
    }  # fmt: skip


def _time_axis(points: Sequence[Point], grain: str, theme: Theme) -> Figure:
    span = (points[-1].day - points[0].day).days
    return {
        "type": "date", "hoverformat": HEADS[grain], "tickformatstops": dates_of(span),
        "showspikes": True, "spikemode": "across", "spikethickness": 1, "spikedash": "solid",
        "spikecolor": theme.colours["line-control"],
    }  # fmt: skip


def _gap(value: float | None) -> float:
    return float("nan") if value is None else value


def _end(last: Point, x: str, theme: Theme) -> Figure:
    """A dot where the line ends."""
    return {
        "type": "scatter", "mode": "markers", "x": [x], "y": numbers([last.value], "f8"),
        "hoverinfo": "skip", "cliponaxis": False,
        "marker": {
            "color": theme.colours["surface"], "size": 7,
            "line": {"color": theme.colours["c1"], "width": 2},
        },
    }  # fmt: skip


def _mark_end(layout: Figure, day: date, text: str, theme: Theme) -> None:
    """A dashed vertical line where the data end, with its label at the foot."""
    layout["shapes"].append(
        {
            "type": "line", "x0": day.isoformat(), "x1": day.isoformat(), "yref": "paper",
            "y0": 0, "y1": 1, "layer": "below",
            "line": {"color": theme.colours["line-control"], "width": 1, "dash": "2px,3px"},
        }
    )  # fmt: skip
    layout["annotations"].append(
        {
            "x": day.isoformat(), "yref": "paper", "y": 1, "text": text, "showarrow": False,
            "xanchor": "right", "yanchor": "bottom",
            "font": {"color": theme.colours["ink-3"], "size": 12},
        }
    )  # fmt: skip
