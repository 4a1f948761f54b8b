"""Sums that stand beside each customer, and pieces that several threads go through."""

import numpy as np
import pytest
from small_shop import SETTINGS, publish

from dashboard.queries import held_lines, held_threads, ranking
from dashboard.queries.held_threads import through
from dashboard.queries.held_whole import Whole
from dashboard.reader import Reader
from dashboard.selection import Selection

CUSTOMERS = np.array([1, 2, 1, 3, 3])
VALUES = np.array([0, 1, 0, 1, 0])
CENTS = np.array([100, 2_000_000_000, -30, 2_000_000_000, -7])


def whole(*pieces):
    made = Whole((4, 2))
    for piece in pieces:
        made.add(CUSTOMERS[piece], VALUES[piece], CENTS[piece])
    return made


def test_each_customer_has_her_own_sums_however_lines_are_read():
    made = whole(slice(0, 2), slice(2, None))
    assert made.is_exact
    assert made.sums.tolist() == [[0, 0], [70, 0], [0, 2_000_000_000], [-7, 2_000_000_000]]
    # More than one of the sums' own numbers holds.
    assert of(made, 1, 2, 3) == ([63, 4_000_000_000], [True, True])
    assert of(made, 1) == ([70, 0], [True, False])
    assert of(made) == ([0, 0], [False, False])


def of(made, *customers):
    return tuple(found.tolist() for found in made.of(np.array(customers, np.int64)))


def test_a_value_with_lines_that_come_to_nothing_has_lines():
    made = Whole((2, 3))
    made.add(np.array([1, 1]), np.array([0, 0]), np.array([5, -5]))
    made.add(np.array([1]), np.array([1]), np.array([0]))
    assert of(made, 1) == ([0, 0, 0], [True, True, False])


def test_there_are_no_sums_where_they_do_not_fit():
    assert Whole.within(40, (4, 2)) is not None
    assert Whole.within(39, (4, 2)) is None
    # Two amounts of customer 2 would be more than a sum holds.
    assert not whole(slice(0, 2), slice(1, 2), slice(2, None)).is_exact


@pytest.mark.parametrize("query", ["q=an", "monetary=50.."])
def test_all_days_are_the_same_from_customers_as_from_lines(tmp_path_factory, query, monkeypatch):
    workspace = publish(tmp_path_factory.mktemp("shop") / "workspace")
    answers = []
    for there in (True, False):
        monkeypatch.setattr(held_lines.Whole, "within", within(there))
        view = Reader(workspace, SETTINGS).view()
        assert (view.lines().whole is not None) is there
        selection = Selection.parse(query, view.vocabulary, strict=True)
        answers.append(ranking.ranking(view, selection, held_lines.rankable(view)[0]))
    assert answers[0] == answers[1]
    assert sum(rank.revenue for rank in answers[0])


def within(there):
    return lambda _, shape: Whole(shape) if there else None


@pytest.mark.parametrize("n", [0, 1, 7, 100])
def test_pieces_come_back_in_their_order(n, monkeypatch):
    monkeypatch.setattr(held_threads, "ENOUGH", 1)
    monkeypatch.setattr(held_threads, "default_threads", lambda: 3)
    pieces = [(number, number + 1) for number in range(n)]
    assert through(pieces, lambda first, behind: (first, behind)) == pieces


def test_what_goes_wrong_in_another_thread_is_told(monkeypatch):
    monkeypatch.setattr(held_threads, "ENOUGH", 1)
    monkeypatch.setattr(held_threads, "default_threads", lambda: 2)
    with pytest.raises(ZeroDivisionError):
        through([(1, 1), (1, 1), (1, 1), (1, 0)], lambda first, behind: first // behind)
