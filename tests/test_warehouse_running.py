"""Running sums and maxima over arrays are those of a loop over each customer's rows."""

import numpy as np
import pytest

from warehouse.running import Groups, chosen, highest, is_above, lowest, sums, where_reached

KEYS = np.repeat([3, 4, 9, 10], [1, 6, 200, 93])
GROUPS = Groups.of(KEYS)


def loop(values, combine):
    """What has been combined so far, of each key for itself; None before the first known value."""
    found, so_far = [], {}
    for key, value in zip(KEYS, values.tolist(), strict=True):
        if value is not None:
            so_far[key] = value if key not in so_far else combine(so_far[key], value)
        found.append(so_far.get(key))
    return found


def column(size, known, seed=1):
    """Whole numbers up to ``size`` on both sides of 0, of which a part is not known."""
    random = np.random.default_rng(seed)
    values = random.integers(-size, size, len(KEYS), endpoint=True)
    return np.ma.array(values, mask=random.random(len(KEYS)) > known)


@pytest.mark.parametrize("size", [0, 5, 10**9, 10**15])
@pytest.mark.parametrize("known", [0, 0.02, 0.5, 1])
def test_each_customer_has_running_numbers_of_her_own(size, known):
    values = column(size, known)
    assert sums(values, GROUPS).tolist() == loop(values, lambda a, b: a + b)
    assert highest(values, GROUPS).tolist() == loop(values, max)
    assert lowest(values, GROUPS).tolist() == loop(values, min)


def test_values_too_far_apart_for_one_running_maximum_are_ranked():
    values = column(4 * 10**18, 0.5)
    assert highest(values, GROUPS).tolist() == loop(values, max)
    assert lowest(values, GROUPS).tolist() == loop(values, min)


def test_a_sum_that_no_number_holds_is_never_a_wrong_one():
    """Eleven of the largest amounts pass 64 bits; a column of money refuses what stands there."""
    values = np.full(len(KEYS), 10**18 - 1)
    for found, true in zip(sums(values, GROUPS), loop(values, lambda a, b: a + b), strict=True):
        assert found == true or (found > 10**18 and true > 4 * 10**18)


def test_beside_a_maximum_stands_what_came_with_it():
    places = np.ma.array(np.random.default_rng(2).permutation(len(KEYS)))
    places[::3] = np.ma.masked
    beside = np.arange(len(KEYS)) + 1000
    found = where_reached(highest(places, GROUPS), places, beside)
    names = dict(zip(places.filled(-1).tolist(), beside.tolist(), strict=True))
    reached = highest(places, GROUPS).tolist()
    assert found.tolist() == [None if place is None else names[place] for place in reached]


def test_of_two_columns_the_larger_or_the_only_one_is_chosen():
    one = np.ma.array([1, 5, 0, 7, 0], mask=[0, 0, 1, 0, 1])
    other = np.ma.array([2, 4, 3, 0, 0], mask=[0, 0, 0, 1, 1])
    assert chosen(is_above(one, other), one, other).tolist() == [2, 5, 3, 7, None]
