"""A purchase dimension with very many values: few are held, the others are asked for by name."""

from urllib.parse import quote

import pytest
from small_shop import SETTINGS, publish

from dashboard.queries import vocabulary
from dashboard.queries.facets import facets
from dashboard.queries.held import count
from dashboard.queries.ranking import ranking
from dashboard.reader import Reader
from dashboard.refusal import refusal
from dashboard.selection import Selection


def view_of(workspace, most):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vocabulary, "MOST_AT_HAND", most)
        return Reader(workspace, SETTINGS).view()


@pytest.fixture(scope="module")
def views(tmp_path_factory):
    """The same shop, with one value of each dimension at hand, and with all of them."""
    workspace = publish(tmp_path_factory.mktemp("shop") / "workspace")
    return view_of(workspace, 1), view_of(workspace, 1_000)


@pytest.fixture(scope="module")
def dimension(views):
    return next(key.name for key in views[1].vocabulary.keys.values()
                if key.half == "lens" and len(key.choices) > 2)  # fmt: skip


def test_few_values_are_held_and_their_number_is_known(views, dimension):
    few, all_of_them = (view.vocabulary.keys[dimension] for view in views)
    assert len(few.choices) == 1
    assert few.n_values == len(all_of_them.choices) == all_of_them.n_values


def test_a_value_that_is_not_at_hand_selects_the_same_customers(views, dimension):
    for choice in views[1].vocabulary.keys[dimension].choices:
        counts = [
            count(view, Selection.parse(f"{dimension}={choice.slug}", view.vocabulary))
            for view in views
        ]
        assert counts[0] == counts[1] > 0


def test_a_value_may_be_written_as_it_is_stored(views, dimension):
    last = views[1].vocabulary.keys[dimension].choices[-1]
    parsed = Selection.parse(f"{dimension}={quote(last.value)}", views[0].vocabulary)
    assert parsed.query() == f"{dimension}={last.slug}"


def test_a_ranking_names_values_that_are_not_at_hand(views, dimension):
    few, all_of_them = (
        ranking(view, Selection.parse("", view.vocabulary), dimension) for view in views
    )
    assert few == all_of_them


def test_a_menu_finds_values_that_are_not_at_hand(views, dimension):
    keys = [view.vocabulary.keys[dimension] for view in views]
    last = keys[1].choices[-1]
    query = Selection.parse("", views[0].vocabulary)
    found = facets(views[0], query, keys[0], find=last.value[1:])
    alike = [f for f in facets(views[1], query, keys[1]) if last.value[1:] in f.title]
    assert found == alike


def test_a_mistyped_value_is_told_the_nearest(views, dimension):
    slug = views[1].vocabulary.keys[dimension].choices[-1].slug
    wrong = f"{slug}x"
    for view in views:
        ignored = Selection.parse(f"{dimension}={wrong}", view.vocabulary).ignored[0]
        assert refusal(ignored, view.vocabulary).fix == f"did you mean: {slug}?"
