"""The spending cube: the same numbers as the purchase lines, for whatever it is asked."""

from datetime import date

import pytest
from small_shop import SETTINGS, publish

from dashboard.period import Days
from dashboard.queries import ranking
from dashboard.queries.cube import spent, whole_months
from dashboard.reader import Reader
from dashboard.selection import Selection

FROM_THE_CUBE = (
    "",
    "persona=loyal",
    "persona=!loyal,new",
    "risk_band=high&persona=loyal,at-risk,new",
    "churn_band=none",
    "period=90d",
    "compare=previous&period=90d",
    "compare=year&period=90d&persona=!new",
    "period=2025-01-01..2025-06-30",
    "period=2025-01-15..2025-06-10&risk_band=low,high",
)
FROM_THE_LINES = ("q=an", "monetary=0..", "category=!none", "spend_in_period=1..", "period=7d")


@pytest.fixture(scope="module")
def view(tmp_path_factory):
    workspace = publish(tmp_path_factory.mktemp("shop") / "workspace")
    return Reader(workspace, SETTINGS).view()


def dimensions(view):
    return [row["dimension"] for row in view.rows("select distinct dimension from marts.dimensions")
            if row["dimension"] in ranking.DIMENSIONS]  # fmt: skip


@pytest.mark.parametrize("query", FROM_THE_CUBE)
def test_the_cube_says_what_the_lines_say(view, query, monkeypatch):
    selection = Selection.parse(query, view.vocabulary)
    assert not selection.ignored
    asked = [name for name in dimensions(view) if spent(view, selection, name)]
    assert "category" in asked
    for name in asked:
        quick = ranking._ranking(view, selection, name, most=2)
        with monkeypatch.context() as patch:
            patch.setattr(ranking, "spent", lambda *_: None)
            assert ranking._ranking(view, selection, name, most=2) == quick


@pytest.mark.parametrize("query", FROM_THE_LINES)
def test_what_the_cube_does_not_know_is_asked_of_the_lines(view, query):
    assert spent(view, Selection.parse(query, view.vocabulary), "category") is None


def test_a_dimension_of_very_many_values_is_not_in_the_cube(view):
    assert spent(view, Selection.parse("", view.vocabulary), "product") is None


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (date(2025, 1, 1), date(2025, 3, 31), (date(2025, 1, 1), date(2025, 4, 1))),
        (date(2025, 1, 2), date(2025, 3, 30), (date(2025, 2, 1), date(2025, 3, 1))),
        (date(2024, 12, 31), date(2025, 1, 31), (date(2025, 1, 1), date(2025, 2, 1))),
        (date(2025, 1, 2), date(2025, 2, 27), None),
    ],
)
def test_whole_months_of_a_period(first, last, expected):
    assert whole_months(Days(first, last)) == expected
