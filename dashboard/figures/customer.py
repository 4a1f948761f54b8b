"""Figures of one customer: when she ordered, for how much, and how long she has been silent."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from dashboard.figures.axes import dates_of, worded
from dashboard.figures.encoding import Figure, days, numbers
from dashboard.theme import Theme

if TYPE_CHECKING:
    import pandas as pd

MANY: Final = 150  # more stems than this melt into a block: then one a month


@dataclass(frozen=True)
class Silence:
    """The days without an order up to ``until``, in words.

    Parameters
    ----------
    since, until : last purchase, and the day the data speak of.
    text : what to write into the shaded span; may hold ``<br>``.
    """

    since: date
    until: date
    text: str


def by_month(orders: "pd.DataFrame") -> "pd.DataFrame":
    """Orders summed by calendar month, dated on its first day; same columns as ``orders``."""
    months = orders["purchased_on"].dt.to_period("M").dt.to_timestamp()
    summed = orders.assign(purchased_on=months).groupby("purchased_on", as_index=False)
    return summed[["revenue"]].sum()


def timeline(
    orders: "pd.DataFrame",
    silence: Silence | None,
    theme: Theme,
    *,
    word: Callable[[float], str],
    until: date | None = None,
) -> Figure:
    """A stem for each order, and a long silence since the last one shaded.

    Parameters
    ----------
    orders : ``purchased_on`` (datetime64), ``revenue`` (float, currency; refunds below zero).
    silence : shaded where given.
    word : words an amount, for the axis and the hover.
    until : the day the data speak of, marked by a dotted line; the last order's without one.
    """
    if len(orders) > MANY:
        orders = by_month(orders)
    revenue = orders["revenue"].astype(float)
    colour = theme.colours["c1"]
    stems: dict[str, Any] = {
        "type": "scatter",
        "mode": "markers",
        "x": days(day.date() for day in orders["purchased_on"]),
        "y": numbers(revenue, "f8"),
        "marker": {"size": 8, "color": colour, "line": {"width": 0}},
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": numbers((-revenue).clip(lower=0), "f8"),
            "arrayminus": numbers(revenue.clip(lower=0), "f8"),
            "width": 0,
            "thickness": 2,
            "color": colour,
        },
        "text": [word(amount) for amount in revenue],
        "hovertemplate": "%{x|%-d %b %Y}: %{text}<extra></extra>",
    }
    return {"data": [stems], "layout": _layout(orders, silence, theme, word, until)}


def _layout(
    orders: "pd.DataFrame",
    silence: Silence | None,
    theme: Theme,
    word: Callable[[float], str],
    until: date | None,
) -> dict[str, Any]:
    first = orders["purchased_on"].min().date()
    last = until or orders["purchased_on"].max().date()
    air = max(timedelta(days=2), (last - first) * 0.02)
    low, high = min(0.0, orders["revenue"].min()), max(0.0, orders["revenue"].max())
    room = (high - low or 1.0) * (0.3 if silence else 0.08)  # for the words above the stems
    layout: dict[str, Any] = {
        "template": theme.template,
        "hovermode": "closest",
        "margin": {"l": 8, "r": 12, "t": 12, "b": 8},
        "xaxis": {
            "type": "date",
            "range": days([first - air, last + air]),
            "tickformatstops": dates_of((last - first).days),
        },
        "yaxis": worded([low, high], word)
        | {
            "range": [low - (room if low < 0 else 0), high + room],
            "zeroline": True,
            "zerolinecolor": theme.colours["line-strong"],
        },
        "shapes": [_end(last, theme)],
    }
    if silence:
        layout["shapes"].append(_shade(silence, theme))
        layout["annotations"] = [_words(silence, (silence.until - first) / 4, theme)]
    return layout


def _end(last: date, theme: Theme) -> dict[str, Any]:
    """Where the data end."""
    return {
        "type": "line",
        "x0": last.isoformat(),
        "x1": last.isoformat(),
        "y0": 0,
        "y1": 1,
        "yref": "paper",
        "line": {"color": theme.colours["line-strong"], "width": 1, "dash": "dot"},
    }


def _shade(silence: Silence, theme: Theme) -> dict[str, Any]:
    return {
        "type": "rect",
        "x0": silence.since.isoformat(),
        "x1": silence.until.isoformat(),
        "y0": 0,
        "y1": 1,
        "yref": "paper",
        "fillcolor": theme.faint("ink-3", 0.09),
        "line": {"width": 0},
        "layer": "below",
    }


def _words(silence: Silence, narrow: timedelta, theme: Theme) -> dict[str, Any]:
    """The silence in words: in the middle of its shade, at its end where that is ``narrow``."""
    length = silence.until - silence.since
    fits = length >= narrow
    return {
        "x": (silence.since + length / 2 if fits else silence.until).isoformat(),
        "xanchor": "center" if fits else "right",
        "align": "center" if fits else "right",
        "y": 1,
        "yref": "paper",
        "yanchor": "top",
        "showarrow": False,
        "text": silence.text,
        "font": {"color": theme.colours["ink"], "size": 12},
    }
