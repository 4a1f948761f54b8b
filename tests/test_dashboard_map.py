"""The map over HTTP: what is drawn, what a box means, what sets a part of it apart."""

import json

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from plotly.offline import get_plotlyjs_version
from small_app import Browser, links, nodes, publish_scored, text
from small_shop import SETTINGS, publish

from dashboard.figures.encoding import decode
from dashboard.figures.map import SYMBOLS, Group, contains, scatter, symbol_of
from dashboard.queries.apart import apart
from dashboard.queries.map import MOST_POINTS, points, quotas
from dashboard.reader import Reader
from dashboard.selection import Selection
from dashboard.theme import assets_folder, theme
from warehouse.generations import Workspace

# ann (4, 1) champions, bob (2, 0) loyal, cyd (-1, -1) at risk, dan (0, 0) and fay (-3, 0) dormant;
# eve has not been scored.
BOX = "box=1,-0.5,5,2"  # ann and bob


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    workspace = publish_scored(tmp_path_factory.mktemp("map") / "w")
    with workspace.writing("refresh", SETTINGS) as draft:
        draft.con.execute(
            "insert into scores.pca_axes values"
            " (1, 'Spends more', 0.46), (2, 'Bought recently', 0.21)"
        )
        draft.con.execute(
            "insert into scores.pca_loadings values (1, 'monetary', 'Spend', 0.7),"
            " (1, 'frequency', 'Orders', 0.2), (2, 'recency_days', 'Days since', -0.9)"
        )
        from warehouse.publishing import finish

        finish(draft, SETTINGS, as_of=None, scores_as_of=None, horizon_days=30, models=[])
    return workspace.folder


@pytest.fixture(scope="module")
def pages(folder):
    return Browser(folder, SETTINGS)


@pytest.fixture(scope="module")
def view(folder):
    return Reader(Workspace(folder), SETTINGS).view()


def cloud(pages, search="", **values):
    return pages.ask("cloud-figure.figure", path="/map", search=search, **values)


def drawn(answer):
    """Name of each trace to how many points it has, split by opacity."""
    figure = answer["cloud-figure"]["figure"]
    go.Figure(figure)
    return {
        (trace["name"], trace["marker"]["opacity"]): len(decode(trace["x"]))
        for trace in figure["data"]
        if len(decode(trace["x"]))
    }


def test_everybody_with_coordinates_is_drawn_in_the_shape_of_the_persona(pages):
    answer = cloud(pages)
    assert drawn(answer) == {
        ("Champions", 0.45): 1, ("Loyal", 0.45): 1, ("At risk", 0.45): 1, ("Dormant", 0.45): 2,
    }  # fmt: skip
    symbols = {
        trace["name"]: trace["marker"]["symbol"]
        for trace in answer["cloud-figure"]["figure"]["data"]
    }
    assert symbols["Champions"] == "circle"
    assert symbols["Dormant"] == "x"
    assert answer["cloud-say"]["children"] == (
        "Showing 5 of 6 (1 has no place yet); neighbours buy alike."
        " The axes hold 67 % of all differences."
    )


def test_axes_are_named_and_do_not_move_with_a_filter(pages):
    layout = cloud(pages)["cloud-figure"]["figure"]["layout"]
    assert layout["xaxis"]["title"]["text"].startswith("Spends more")
    narrowed = cloud(pages, "?persona=loyal")["cloud-figure"]["figure"]["layout"]
    assert narrowed["xaxis"]["range"] == layout["xaxis"]["range"]
    low, high = layout["xaxis"]["range"]
    assert low < -3 < 4 < high


def test_a_box_marks_who_is_inside_and_says_how_many(pages):
    answer = cloud(pages, f"?{BOX}")
    assert drawn(answer) == {
        ("Champions", 0.95): 1, ("Loyal", 0.95): 1, ("At risk", 0.45): 1, ("Dormant", 0.45): 2,
    }  # fmt: skip
    layout = answer["cloud-figure"]["figure"]["layout"]
    assert layout["annotations"][0]["text"] == "<b>2 selected</b>"
    assert layout["shapes"][0]["line"]["dash"] == "dash"
    assert layout["selectionrevision"] == "box=1,-0.5,5,2"


def test_the_legend_counts_and_filters_and_takes_back(pages):
    legend = links(cloud(pages, "?period=90d")["cloud-key"]["children"])
    assert legend["Loyal 1"] == "/map?period=90d&persona=loyal"
    pressed = links(cloud(pages, "?persona=loyal")["cloud-key"]["children"])
    assert pressed["Loyal 1"] == "/map"
    assert pressed["Dormant 2"] == "/map?persona=dormant,loyal"  # still says what it would bring


def test_colour_switches_to_churn_and_risk_with_shapes_of_their_own(pages):
    churn = cloud(pages, map_shade__data="churn_band")
    assert drawn(churn) == {("Not scored", 0.45): 1, ("Low", 0.45): 1, ("High", 0.45): 3}
    assert links(churn["cloud-key"]["children"])["High 3"] == "/map?churn_band=high"
    risk = cloud(pages, map_shade__data="risk_band")
    symbols = {
        trace["name"]: trace["marker"]["symbol"] for trace in risk["cloud-figure"]["figure"]["data"]
    }
    assert symbols["Low"] != symbols["High"]


def test_the_figure_is_also_a_table(pages):
    answer = cloud(pages, f"?{BOX}", cloud_toggle__n_clicks=1)
    words = text(answer["cloud-table"]["children"])
    assert "Dormant 2 40.0 % 0" in words
    assert "Loyal 1 20.0 % 1" in words


def test_the_selection_panel_adds_up(pages):
    words = text(pages.body("chosen", path="/map", search=f"?{BOX}&period=30d"))
    assert "2 of 6 customers" in words
    assert "€30.00 each" in words  # 50 and 10
    assert "Churn risk, average 35 %" in words  # 0.1 and 0.6
    assert "Revenue, 30 days €90" in words  # 60 and 30
    assert "Reachable 2 (100 %)" in words
    found = links(pages.body("chosen", path="/map", search=f"?{BOX}&period=30d"))
    assert found["See 2 customers"] == f"/customers?{BOX}&period=30d"


def test_without_a_selection_the_panel_starts_one_without_a_mouse(pages):
    found = links(pages.body("chosen", path="/map"))
    assert found["Dormant"] == "/map?box=-2.25,0,-0.75,0"  # quartiles of (0, 0) and (-3, 0)


def test_clear_takes_back_the_area_only(pages):
    aside = pages.panel("chosen", path="/map", search=f"?{BOX}&period=30d")["aside"]
    assert links(aside) == {"Clear": "/map?period=30d"}


def test_differences_are_in_standard_deviations_of_the_whole(view):
    # Orders: ann 3, bob 1 inside; cyd 1, dan 0, fay 1, eve 0 outside; eve counts, she has no order.
    everybody = Selection.parse("", view.vocabulary)
    found = {d.feature: d for d in apart(view, Selection.parse(BOX, view.vocabulary), everybody)}
    orders = np.array([3, 1, 1, 0, 1, 0])
    assert found["frequency"].inside == 2.0
    assert found["frequency"].outside == 0.5
    assert found["frequency"].z == pytest.approx(1.5 / orders.std())


def test_nothing_sets_everybody_apart(pages):
    assert "Nothing is selected" in text(pages.body("apart", path="/map"))
    everybody = pages.body("apart", path="/map", search="?box=-9,-9,9,9&persona=!none")
    assert "Everybody is in the selection" in text(everybody)


def test_drawing_becomes_the_address(pages):
    answer = pages.ask(
        "url.search", path="/map", search="?period=90d&page=3",
        map_drawn__data={"box": "1.5,-1,2,0.25", "drawn": 1},
    )  # fmt: skip
    assert answer["url"]["search"] == "?box=1.5,-1,2,0.25&period=90d"


def test_a_click_opens_the_customer(pages):
    key = cloud(pages, "?persona=loyal")["cloud-figure"]["figure"]["data"]
    loyal = next(trace for trace in key if trace["name"] == "Loyal")
    answer = pages.ask(
        "cloud-figure.clickData", path="/map",
        **{"cloud-figure__clickData": {"points": [{"customdata": loyal["customdata"][0]}]}},
    )  # fmt: skip
    assert answer["url"]["pathname"] == "/customers/bob"


def test_axes_are_explained_by_what_they_are_made_of(pages):
    words = text(pages.body("axes", path="/map"))
    assert "Spends more 46 % of the differences Spend +0.70 Orders +0.20" in words
    assert "Days since −0.90" in words


def test_without_scores_the_page_says_which_command_makes_a_map(tmp_path):
    pages = Browser(publish(tmp_path / "w", scored=False).folder, SETTINGS)
    slot = cloud(pages)["cloud-slot"]["children"]
    assert "No map yet" in text(slot)
    assert "spendboard refresh" in text(slot)
    assert text(pages.body("axes", path="/map"))


def test_filters_that_leave_nobody_name_the_one_to_remove(pages):
    slot = cloud(pages, "?persona=loyal&churn_band=low")["cloud-slot"]["children"]
    assert "No customer matches these filters" in text(slot)
    assert any("data-state" in node["props"] for node in nodes(slot))


def test_a_hostile_title_is_escaped_in_the_figure():
    frame = pd.DataFrame({"pca_1": [0.0], "pca_2": [0.0], "shade": ["x"], "customer_key": [1]})
    figure = scatter(frame, [Group("x", "<b>Evil</b>", "circle", "#000000")], ("<i>", "y"),
                     (0, 0, 1, 1), theme("light"))  # fmt: skip
    assert "<b>" not in json.dumps(figure["data"])
    assert figure["layout"]["xaxis"]["title"]["text"].startswith("&lt;i&gt;")


def test_the_sample_is_fair_and_small_groups_stay_visible():
    counts = {"big": 1_000_000, "middle": 100_000, "small": 150, "none": 0}
    shown = quotas(counts)
    assert sum(shown.values()) <= MOST_POINTS
    assert shown["small"] == 150
    assert shown["big"] / shown["middle"] == pytest.approx(10, rel=0.01)
    assert quotas({"a": 3, "b": 4}) == {"a": 3, "b": 4}
    many = quotas(dict.fromkeys(range(30_000), 1))
    assert sum(many.values()) <= MOST_POINTS


def test_the_sample_is_the_same_every_time(view):
    everybody = Selection.parse("", view.vocabulary)
    counts = {"champions": 1, "loyal": 1, "at-risk": 1, "dormant": 2}
    first = points(view, everybody, "persona", counts)
    pd.testing.assert_frame_equal(first, points(view, everybody, "persona", counts))
    assert len(first) == 5


def test_inside_a_polygon_is_what_the_warehouse_says():
    triangle = [(0.0, 0.0), (4.0, 0.0), (0.0, 4.0)]
    x, y = np.array([1.0, 3.0, -1.0]), np.array([1.0, 3.0, 1.0])
    assert list(contains(triangle, x, y)) == [True, False, False]


def test_marks_have_one_symbol_each():
    assert len({symbol_of(mark) for mark in range(1, 10)}) == 9
    assert symbol_of(0) == "circle"
    assert not any(symbol.endswith("-open") for symbol in SYMBOLS)  # WebGL draws none of those


def test_figures_are_drawn_by_the_strict_bundle_of_the_same_plotly():
    head = (assets_folder() / "plotly-strict.min.js").read_text(encoding="utf-8")[:200]
    assert f"(strict - minified) v{get_plotlyjs_version()}" in head
