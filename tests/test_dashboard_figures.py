"""Figures of Overview and Segments: plain dicts that plotly accepts, in the theme's colours."""

import json
from datetime import date

import numpy as np
import plotly.graph_objects as go
import pytest

from dashboard.figures import profiles, trend
from dashboard.figures.axes import from_zero, ticks, worded
from dashboard.figures.encoding import decode, label
from dashboard.theme import NAMES, theme

HOSTILE = '<a href="javascript:alert(1)">Evil</a> & Söhne'


def points(values, before=None):
    before = before or [None] * len(values)
    return [
        trend.Point(date(2025, 1, 1 + n), value, f"{value}", f"/?period={n}", other, f"{other}")
        for n, (value, other) in enumerate(zip(values, before, strict=True))
    ]


def drawn(values, before=None, name="light", **kwargs):
    return trend.revenue(points(values, before), theme=theme(name), grain="day", word=str, **kwargs)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("values", [[0.0], [1.0, 2.0], [-5.0, 0.0, 1e9], [0.0] * 30])
def test_plotly_accepts_every_trend_and_its_numbers_arrive_exactly(name, values):
    figure = drawn(values, name=name, data_end=date(2025, 2, 1), data_end_text="data end")
    made = go.Figure(figure)
    assert made.layout.annotations[0].text == "data end"
    assert decode(figure["data"][0]["y"]).tolist() == values
    assert json.dumps(figure, allow_nan=False)


def test_a_gap_in_the_compared_line_is_a_gap_and_no_zero():
    before = decode(drawn([1.0, 2.0], [None, 3.0])["data"][0]["y"])
    assert np.isnan(before[0])
    assert before[1] == 3


def test_the_line_is_the_accent_series_and_the_compared_one_grey_and_thin():
    grey, line = drawn([1.0, 2.0], [1.0, 1.0])["data"][:2]
    colours = theme("light").colours
    assert (line["line"]["color"], line["line"]["width"]) == (colours["c1"], 2.25)
    assert (grey["line"]["color"], grey["line"]["width"]) == (colours["line-control"], 1.25)


def test_a_single_point_is_a_dot_because_a_line_of_one_shows_nothing():
    assert "markers" in drawn([4.0])["data"][0]["mode"]
    assert drawn([4.0, 5.0, 6.0])["data"][0]["mode"] == "lines"


def test_a_mark_on_the_last_tick_is_drawn_whole():
    """30 is the highest value and the end of the axis: clipped there, half of its dot is lost."""
    figure = drawn([10.0, 20.0, 30.0], [30.0, 1.0, 1.0])
    assert figure["layout"]["yaxis"]["range"][1] == 30
    assert [trace["cliponaxis"] for trace in figure["data"]] == [False] * 3


@pytest.mark.parametrize("name", NAMES)
def test_plotly_accepts_the_comparison_and_no_name_is_markup(name):
    figure = profiles.heatmap(
        [HOSTILE, "B"], ["Spend", HOSTILE],
        z=[[1.5, float("nan")], [-2.5, 0.0]],
        texts=[["+1.5", "–"], ["−2.5", "0.0"]],
        hovers=[["a", "b"], [HOSTILE, "d"]],
        hrefs=["/segments/a", "/segments/b"],
        theme=theme(name),
    )  # fmt: skip
    cells = go.Figure(figure).data[0]
    assert decode(figure["data"][0]["z"]).shape == (2, 2)
    assert "<a" not in json.dumps(figure)
    assert cells.x[0].replace("<br>", " ") == label(HOSTILE)
    assert cells.hovertext[1][0] == label(HOSTILE)
    assert figure["data"][0]["customdata"] == [["/segments/a", "/segments/b"]] * 2
    assert figure["layout"]["xaxis"]["dtick"] == figure["layout"]["yaxis"]["dtick"] == 1


def test_every_feature_has_a_row_of_the_same_height():
    few, many = (profiles.height(["Loyal"], n) for n in (8, 9))
    assert many - few == profiles.height(["Loyal"], 2) - profiles.height(["Loyal"], 1)


def test_a_long_name_is_folded_and_gets_its_room():
    short, long = ["Loyal", "At risk"], ["Loyal", "High Balance Holders"]
    assert profiles.height(long, 3) - profiles.height(short, 3) == 2 * profiles.LINE
    figure = profiles.heatmap(
        long, ["Spend"], z=[[0.0, 1.0]], texts=[["0.0", "+1.0"]], hovers=[["a", "b"]],
        hrefs=["/a", "/b"], theme=theme("light"),
    )  # fmt: skip
    assert figure["data"][0]["x"] == ["Loyal", "High<br>Balance<br>Holders"]


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 100, [0, 20, 40, 60, 80, 100]),
        (0, 7, [0, 2, 4, 6, 8]),
        (-5, 50, [-20, 0, 20, 40, 60]),
        (16_200, 23_900, [16_000, 18_000, 20_000, 22_000, 24_000]),
        (0, 0, [0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (5, 5, [0, 1, 2, 3, 4, 5]),
        (float("nan"), 1, [0, 1]),
    ],
)
def test_ticks_are_round_and_span_the_values(low, high, expected):
    assert ticks(low, high) == pytest.approx(expected)


def test_an_axis_starts_at_zero_unless_every_value_is_far_above():
    assert from_zero([10.0, 90.0]) == (0.0, 90.0)
    assert from_zero([70.0, 90.0]) == (70.0, 90.0)
    assert from_zero([-5.0, 90.0]) == (-5.0, 90.0)
    assert from_zero([]) == (0.0, 1.0)
    axis = worded([0.0, 10.0], lambda value: f"{value:g} k")
    assert axis["ticktext"][-1] == "10 k"
    assert axis["range"] == [0, 10]
