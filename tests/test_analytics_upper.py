"""The upper bound of a customer: what 95 % of her like stayed below where it was tested."""

from datetime import date

import numpy as np
import pytest

from analytics.totals import Holdout
from analytics.upper import Upper, calibrated, coverage


def shop(seed, n=2000, share=0.5):
    """Customers whose expectation is right on average; a share of them buys."""
    random = np.random.default_rng(seed)
    expected = random.lognormal(3, 1, n)
    buys = random.random(n) < share
    return expected, np.where(buys, expected / share * random.lognormal(-0.125, 0.5, n), 0.0)


def shops(seeds, **how):
    return [Holdout(date(2024, 1 + k, 1), *shop(seed, **how)) for k, seed in enumerate(seeds)]


@pytest.mark.parametrize("share", [0.5, 0.06])
def test_nineteen_of_twenty_stay_below_it_in_a_shop_that_was_not_seen(share):
    found = coverage(shops(range(6), share=share))
    assert len(found) == 5
    assert all(0.93 <= everybody <= 0.97 for _, everybody, _ in found)
    assert np.mean([top for *_, top in found]) == pytest.approx(0.95, abs=0.02)


def test_a_bound_by_hand():
    # Ten tenths of 40 who are expected to spend 1 to 10; each tenth spent 1 to 40 times a tenth.
    expected = np.repeat(np.arange(1.0, 11.0), 40)
    spent = np.tile(np.arange(1.0, 41.0), 10)
    found = calibrated([Holdout(date(2024, 1, 1), expected, spent)], expected)
    # The 39th of 40 values is the first that 95 % of 41 do not exceed.
    assert found.bounds == [39.0] * 9
    # In the highest tenth 39 / (10 + 10) times (what is expected + 10).
    assert found.of(np.array([1.0, 10.0, 50.0])) == pytest.approx([39.0, 39.0, 39 / 20 * 60])


def test_it_is_never_below_what_is_expected():
    upper = Upper(edges=[1.0] * 9, bounds=[0.5] * 9, times=0.1, beyond=0.0)
    assert upper.of(np.array([0.7, 200.0])) == pytest.approx([0.7, 200.0])


def test_stretched_scores_keep_their_bounds():
    tests = shops([1, 2])
    expected = shop(3)[0]
    found = calibrated(tests, expected)
    assert found.stretched(1.5).of(expected * 1.5) == pytest.approx(
        np.maximum(found.of(expected), expected * 1.5)
    )


def test_where_nearly_nobody_buys_the_bound_is_not_zero():
    found = calibrated(shops([1, 2], share=0.06), shop(3)[0])
    assert min(found.bounds) > 0


@pytest.mark.parametrize("tied", [0.3, 0.6, 0.97, 1.0])
def test_customers_of_equal_expectation_have_a_bound_too(tied):
    random = np.random.default_rng(5)

    def shop_of_ties():
        expected = np.where(random.random(3000) < tied, 1.0, random.lognormal(3, 1, 3000))
        return expected, np.where(random.random(3000) < 0.3, expected * random.gamma(2, 2, 3000), 0)

    tests = [Holdout(date(2024, month, 1), *shop_of_ties()) for month in (1, 2, 3)]
    for _, everybody, top in coverage(tests):
        assert 0.93 <= everybody <= 0.97
        assert np.isnan(top) or 0.85 <= top <= 1


def test_too_few_tests_give_no_bound():
    expected, spent = shop(1, n=60)
    assert calibrated([Holdout(date(2024, 1, 1), expected, spent)], expected) is None
    assert calibrated([], expected) is None
    nothing = np.zeros(500)
    assert calibrated([Holdout(date(2024, 1, 1), nothing, nothing)], nothing) is None
    assert coverage(shops([1])) == []
