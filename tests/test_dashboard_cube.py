"""The spending cube and the lines in memory: the numbers of the purchase lines, always."""

from datetime import date

import pytest
from small_shop import SETTINGS, publish

from dashboard.period import Days
from dashboard.queries import held_calendar, held_pieces, held_threads, ranking
from dashboard.queries.cube import spent, whole_months
from dashboard.queries.held_lines import DIMENSIONS, rankable
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
FROM_MEMORY = (
    *FROM_THE_CUBE,
    "q=an",
    "monetary=0..&period=365d&compare=previous",
    "box=-2,-2,5,2&period=30d&compare=year",
    "period=7d&compare=previous",
    "period=2025-06-20..2025-06-28&persona=loyal",
    "period=1999-01-01..1999-12-31",
    "q=nobody-is-called-so",
)
# Equal sums, a value that comes to nothing, lines that do not say, no customer, no day.
ODD_SHOP = """
    customer  order  day         amount  category
    ann       o1     2025-06-01   10.00  Shoes
    ann       o2     2025-06-02   10.00  Books
    bob       o3     2025-06-02    7.00  Toys
    bob       o4     2025-06-03   -7.00  Toys
    bob       o5     2025-06-03    3.00  -
    cyd       o6     -             5.00  Games
    -         o7     2025-06-03   99.00  Books
"""


@pytest.fixture(scope="module")
def view(tmp_path_factory):
    workspace = publish(tmp_path_factory.mktemp("shop") / "workspace")
    return Reader(workspace, SETTINGS).view()


def dimensions(view):
    return [row["dimension"] for row in view.rows("select distinct dimension from marts.dimensions")
            if row["dimension"] in DIMENSIONS]  # fmt: skip


@pytest.mark.parametrize("query", FROM_THE_CUBE)
def test_the_cube_says_what_the_lines_say(view, query, monkeypatch):
    selection = Selection.parse(query, view.vocabulary)
    assert not selection.ignored
    asked = [name for name in dimensions(view) if spent(view, selection, name)]
    assert "category" in asked
    for name in asked:
        monkeypatch.setattr(view, "lines", lambda: None)
        quick = ranking._ranking(view, selection, name, most=2)
        with monkeypatch.context() as patch:
            patch.setattr(ranking, "spent", lambda *_: None)
            assert ranking._ranking(view, selection, name, most=2) == quick


def ranked(view, query, patch, *, held):
    """The ranking by every dimension that a page offers, from memory or from the warehouse."""
    patch.setattr(held_calendar, "AT_A_TIME", 3)
    patch.setattr(held_threads, "ENOUGH", 1)
    if not held:
        patch.setattr(view, "lines", lambda: None)
    selection = Selection.parse(query, view.vocabulary, strict=True)
    return [ranking._ranking(view, selection, name, most=2) for name in rankable(view)]


@pytest.mark.parametrize("query", FROM_MEMORY)
def test_lines_in_memory_say_what_the_warehouse_says(view, query, monkeypatch):
    assert {"category", "city"} <= view.lines().values.keys()
    mine = ranked(view, query, monkeypatch, held=True)
    assert mine == ranked(view, query, monkeypatch, held=False)


@pytest.mark.parametrize("query", ["", "period=7d", "period=30d&compare=previous", "q=bob"])
def test_odd_lines_in_memory_say_what_the_warehouse_says(tmp_path, query, monkeypatch):
    view = Reader(publish(tmp_path / "w", ODD_SHOP), SETTINGS).view()
    mine = ranked(view, query, monkeypatch, held=True)
    assert mine == ranked(view, query, monkeypatch, held=False)
    if query == "q=bob":
        assert [(rank.title, float(rank.revenue)) for rank in mine[0]] == [("Toys", 0), (None, 3)]


def test_very_many_lines_are_left_to_the_warehouse(tmp_path, monkeypatch):
    monkeypatch.setattr(held_pieces, "ROOM", 1e-12)
    view = Reader(publish(tmp_path / "w", ODD_SHOP), SETTINGS).view()
    assert view.lines() is None
    first = ranking.ranking(view, Selection.parse("", view.vocabulary), "category")[0]
    assert (first.title, first.revenue) == ("Books", 10)


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
