"""Sums from memory are the sums of the statements, and take fewer of them."""

import numpy as np
import pytest
from small_shop import SETTINGS, publish

from dashboard.queries import (
    held,
    held_calendar,
    held_lines,
    held_mixed,
    held_pieces,
    held_reading,
    held_threads,
    wall_points,
)
from dashboard.queries.facets import facets
from dashboard.queries.held import count
from dashboard.queries.kpi_sums import measure
from dashboard.queries.trend import GRAINS, trend
from dashboard.reader import Reader
from dashboard.selection import Selection

# Orders on several days, one over a turn of the month; lines of nobody; a leap day; no day at all;
# a day in the future, on which nobody has bought yet.
SHOP = """
    customer  order  day         amount
    eve       o10    2022-12-30    1.00
    ann       o11    2023-02-28    3.00
    bob       o12    2023-03-01    6.00
    bob       o12    2023-03-02    2.00
    ann       o1     2024-02-28   10.00
    ann       o2     2024-02-29   20.00
    ann       o3     2024-03-01   40.00
    bob       o4     2024-12-31   50.00
    bob       o4     2025-01-02  -20.00
    bob       o5     2025-02-20    5.00
    cyd       o6     2025-02-28    7.00
    cyd       o7     2025-03-01    9.00
    cyd       o7     2025-03-01    1.00
    dan       o8     2025-02-27   -3.00
    -         o9     2025-02-26   11.00
    -         o9     2025-03-02   12.00
    eve       o19    2199-12-31  500.00
"""
QUERIES = (
    "",
    "period=7d&compare=previous",
    "period=30d&compare=year",
    "period=90d&churn_band=high",
    "period=365d&compare=year&persona=loyal,at-risk",
    "period=2024-12-31..2025-01-01",
    "period=2024-02-01..2024-12-31&churn_risk=0.5..",
    "period=2020-01-01..2020-12-31&compare=previous",
    "period=2024-02-29..2024-02-29&compare=year",
    "period=2024-02-29..2024-03-02&compare=year",
    "period=2024-02-27..2024-03-01&compare=year",
    "period=2023-12-31..2024-02-29&compare=year",
    "period=2024-02-27..2024-03-01&compare=previous",
    "period=1900-01-01..2200-12-31&compare=previous",
    "persona=none",
    "churn_risk=0.3..",
    "persona=!loyal&consent=yes",
    "q=nobody-is-called-so",
)


@pytest.fixture(autouse=True)
def in_small_pieces(monkeypatch):
    """A dozen rows are gone through like a million, piece by piece, by more than one thread."""
    monkeypatch.setattr(held_calendar, "AT_A_TIME", 3)
    monkeypatch.setattr(held_threads, "ENOUGH", 1)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    return publish(tmp_path_factory.mktemp("leap") / "workspace", SHOP)


@pytest.fixture(scope="module")
def view(workspace):
    return Reader(workspace, SETTINGS).view()


@pytest.fixture(scope="module")
def asking(workspace):
    """The same generation, as it is answered while nothing is held."""
    view = Reader(workspace, SETTINGS).view()
    view.held = lambda: None
    return view


def sums(view, query):
    found = measure(view, Selection.parse(query, view.vocabulary, strict=True))
    groups = sorted(found.groups, key=lambda group: str(group["persona"]))
    return {name: getattr(found, name) for name in found.__dataclass_fields__} | {"groups": groups}


@pytest.mark.parametrize("query", QUERIES)
def test_memory_and_statements_say_the_same(view, asking, query):
    assert view.held() is not None
    mine, theirs = sums(view, query), sums(asking, query)
    for one, other in zip(mine.pop("groups"), theirs.pop("groups"), strict=True):
        assert one.pop("churn_risk") == pytest.approx(other.pop("churn_risk"))
        assert one == other
    assert mine == theirs
    for place in (view, asking):
        selection = Selection.parse(query, place.vocabulary)
        place.answers = [count(place, selection), *(trend(place, selection, g) for g in GRAINS)]
        place.answers += [
            facets(place, selection, place.vocabulary.keys[name])
            for name in ("persona", "churn_band", "risk_band")
        ]
        place.answers += [customers_by_bucket(place, selection, g) for g in GRAINS]
    assert view.answers == asking.answers


def customers_by_bucket(view, selection, grain):
    """Of each bucket of the wall's line that has any; those of no day stand on no wall."""
    found = trend(view, selection, grain)
    return {key: n for key, n in wall_points.customers(view, selection, found).items() if n}


def test_an_order_over_two_months_counts_in_each_and_once_in_all(view):
    months = trend(view, Selection.parse("", view.vocabulary), "month").buckets
    assert [(b.orders, float(b.revenue)) for b in months if b.revenue] == [
        (1, 1), (1, 3), (1, 8), (2, 30), (1, 40), (1, 50), (0, -20), (2, 9), (1, 10),
    ]  # fmt: skip
    assert sums(view, "")["now"].n_orders == 10  # o4 once, with 30; dan's is no purchase
    assert sums(view, "persona=loyal")["now"].paid == 43


def test_a_year_earlier_lays_each_day_over_its_own_date(view):
    query = "period=2025-02-27..2025-03-02&compare=year"
    days = trend(view, Selection.parse(query, view.vocabulary), "day").buckets
    assert [(b.first.day, b.before) for b in days] == [(27, 0), (28, 30), (1, 40), (2, 0)]
    query = "period=2023-12-29..2023-12-31&compare=year"  # the data begin on 30 December 2022
    days = trend(view, Selection.parse(query, view.vocabulary), "day").buckets
    assert [bucket.before for bucket in days] == [None, 1, 0]


@pytest.mark.parametrize(
    ("days", "befores"),
    [
        # The year before has no such day: 1 March is laid over 1 March alone, and counts once.
        ("2024-02-28..2024-03-02", [3, 0, 6, 2]),
        # 29 February is compared with the 28th, as the key figures do.
        ("2024-02-29..2024-02-29", [3]),
        ("2024-02-29..2024-03-01", [3, 6]),
    ],
)
def test_a_leap_day_is_compared_with_what_the_key_figures_compare(view, asking, days, befores):
    for place in (view, asking):
        selection = Selection.parse(f"period={days}&compare=year", place.vocabulary)
        found = trend(place, selection, "day")
        assert [bucket.before for bucket in found.buckets] == befores
        assert found.total_before == measure(place, selection).before.revenue == sum(befores)


def test_lines_without_a_day_count_in_all_and_in_no_part(tmp_path):
    shop = """
        customer  order  day         amount
        ann       o1     -             5.00
        ann       o2     2025-06-01    8.00
    """
    found = sums(Reader(publish(tmp_path / "w", shop), SETTINGS).view(), "")
    assert (found["now"].revenue, found["buckets"][0].revenue) == (13, 8)


def test_an_order_partly_without_a_day_counts_with_what_has_one(tmp_path):
    shop = """
        customer  order  day         amount
        ann       o1     2025-05-31    3.00
        ann       o1     2025-06-01    5.00
        ann       o1     -             7.00
        ann       o2     2025-06-02   20.00
        bob       o3     2025-06-02    2.00
        bob       o3     -            -6.00
        cyd       o4     -             4.00
        cyd       o4     2025-04-01   -9.00
    """
    workspace = publish(tmp_path / "w", shop)
    held_view, asking = (Reader(workspace, SETTINGS).view() for _ in range(2))
    asking.held = lambda: None
    for query in ("", "period=90d&compare=previous", "period=2025-06-01..2025-06-02&compare=year"):
        mine, theirs = (sums(view, query) for view in (held_view, asking))
        assert mine == theirs
        for grain in GRAINS:
            one, other = (
                trend(view, Selection.parse(query, view.vocabulary), grain)
                for view in (held_view, asking)
            )
            assert one == other
    months = trend(held_view, Selection.parse("", held_view.vocabulary), "month").buckets
    assert [(bucket.orders, float(bucket.revenue)) for bucket in months] == [
        (0, -9),
        (1, 3),
        (3, 27),
    ]


def test_a_period_is_gone_through_once_for_all_panels(workspace, monkeypatch):
    view = Reader(workspace, SETTINGS).view()
    passes = []
    tally = held.tally
    monkeypatch.setattr(held, "tally", lambda *of: passes.append(of) or tally(*of))
    for query in ("period=30d&persona=loyal", "sort=name&period=30d&persona=loyal"):
        selection = Selection.parse(query, view.vocabulary)
        measure(view, selection)
        for grain in GRAINS:
            trend(view, selection, grain)
    assert len(passes) == 1


def test_many_orders_are_read_beside_the_statements(workspace, monkeypatch):
    monkeypatch.setattr(held, "AT_ONCE", 1)
    begun = []
    monkeypatch.setattr(held.threading, "Thread", lambda **of: begun.append(of) or NotYet())
    view = Reader(workspace, SETTINGS).view()
    assert sums(view, "")["now"].revenue == 131
    assert sums(view, "period=365d")["now"].n_active == 2
    (thread,) = begun
    assert view.held() is None
    thread["target"](*thread["args"])
    assert view.held() is not None


class NotYet:
    """A thread that has not come far."""

    def start(self):
        """Nothing happens yet."""


@pytest.mark.parametrize("at_once", [1, 1_000])
def test_arrays_that_cannot_be_read_are_left_to_the_statements(
    workspace, monkeypatch, caplog, at_once
):
    def read(view):
        raise MemoryError

    begun = []
    monkeypatch.setattr(held, "read", read)
    monkeypatch.setattr(held, "AT_ONCE", at_once)
    monkeypatch.setattr(held.threading, "Thread", lambda **of: begun.append(of) or NotYet())
    view = Reader(workspace, SETTINGS).view()
    assert view.held() is None
    for thread in begun:
        thread["target"](*thread["args"])
    assert sums(view, "")["now"].revenue == 131
    assert [record.exc_info[0] for record in caplog.records] == [MemoryError]


def test_what_needs_too_much_memory_is_left_to_the_statements(workspace, monkeypatch):
    monkeypatch.setattr(held_pieces, "ROOM", 1e-12)
    view = Reader(workspace, SETTINGS).view()
    assert view.held() is None
    assert view.lines() is None
    assert sums(view, "")["now"].revenue == 131


def test_orders_on_several_days_are_too_large_sooner_than_others(tmp_path, monkeypatch):
    apart = SHOP_OF_TWELVE.format(*range(12))
    together = SHOP_OF_TWELVE.format(*(n // 2 for n in range(12)))
    monkeypatch.setattr(held_reading, "room", lambda: 12 * 20)
    answers = []
    for name, shop, is_held in (("apart", apart, True), ("together", together, False)):
        view = Reader(publish(tmp_path / name, shop), SETTINGS).view()
        assert (view.held() is not None) == is_held
        answers.append(sums(view, "")["now"])
    assert [(found.revenue, found.n_orders) for found in answers] == [(78, 12), (78, 6)]


SHOP_OF_TWELVE = """
    customer  order  day         amount
    ann       o{}    2025-06-01    1.00
    ann       o{}    2025-06-02    2.00
    ann       o{}    2025-06-03    3.00
    ann       o{}    2025-06-04    4.00
    bob       o{}    2025-06-05    5.00
    bob       o{}    2025-06-06    6.00
    bob       o{}    2025-06-07    7.00
    bob       o{}    2025-06-08    8.00
    cyd       o{}    2025-06-09    9.00
    cyd       o{}    2025-06-10   10.00
    cyd       o{}    2025-06-11   11.00
    cyd       o{}    2025-06-12   12.00
"""


def test_the_memory_of_orders_is_known_before_they_are_read(tmp_path):
    shop = SHOP + "    fay       o30    2025-02-01   -1.00\n"
    view = Reader(publish(tmp_path / "w", shop), SETTINGS).view()
    kept = view.held()
    odd = (kept.orders.unpaid, kept.orders.unbought)
    arrays = [kept.orders.customer, kept.orders.cents, kept.orders.before, kept.orders.earlier]
    arrays += [array for of in (kept.mixed, *odd) for array in vars(of).values()]
    assert all(map(len, arrays))
    counted = held_mixed.Kinds.of(view).n_bytes(kept.orders.cents.dtype)
    assert counted == sum(array.nbytes for array in arrays)


def test_more_days_than_have_a_number_are_left_to_the_statements(workspace, monkeypatch):
    for module in (held_reading, held_lines):
        monkeypatch.setattr(module, "NEVER", 10)
    view = Reader(workspace, SETTINGS).view()
    assert view.held() is None
    assert view.lines() is None
    assert sums(view, "")["now"].revenue == 131


def test_what_is_read_in_pieces_is_what_is_read_at_once(tmp_path, monkeypatch):
    shop = (
        SHOP
        + """
    ann       o20    -            5.00
    bob       o21    -            6.00
    """
    )
    workspace = publish(tmp_path / "w", shop)
    whole = Reader(workspace, SETTINGS).view()
    once = whole.held(), whole.lines()
    monkeypatch.setattr(held_pieces, "READ_AT_A_TIME", 2)
    parted = Reader(workspace, SETTINGS).view()
    assert len(held_pieces.Pieces.of(parted, "marts.orders", "revenue").spans) > 8
    for one, other in zip(once, (parted.held(), parted.lines()), strict=True):
        np.testing.assert_equal(plain(one), plain(other))


def plain(kept):
    """Arrays within each other, as dictionaries; what was asked lately left out."""
    if not hasattr(kept, "__dataclass_fields__"):
        return kept
    names = kept.__dataclass_fields__.keys() - {"tallies", "columns"}
    return {name: plain(getattr(kept, name)) for name in names}
