"""The total is forecast apart from the customers, from what was known by then."""

from datetime import date

import numpy as np
import pytest

from analytics.champion import choose
from analytics.totals import RULE, TITLES, Holdout, Window, at_origins, factor, forecasts, told


def held(day, expected, actual):
    return Holdout(day, np.array(expected, dtype=float), np.array(actual, dtype=float))


JAN, FEB, MAR, APR = (date(2024, month, 1) for month in (1, 2, 3, 4))
# Four customers known in January spent 80, five in February 150.
WINDOWS = [Window(JAN, 4, 80.0), Window(FEB, 5, 150.0)]


def test_every_way_by_hand():
    earlier = [held(FEB, [10, 10], [20, 10])]
    found = forecasts(np.array([50.0, 30.0, 20.0, 0.0]), earlier, WINDOWS)
    assert found["customers"] == 100
    # The last test brought 30 where 20 were expected.
    assert found["corrected"] == pytest.approx(150)
    # 30 a customer in the last window, for four of them; 25 in the mean of both.
    assert found["last_window"] == pytest.approx(120)
    assert found["three_windows"] == pytest.approx(100)
    # Too few windows to smooth: their mean.
    assert found["smoothing"] == pytest.approx(100)
    assert found["combined"] == pytest.approx((100 + 150 + 120) / 3)


def test_without_tests_or_expectations_nothing_is_corrected():
    assert forecasts(np.array([5.0, 5.0]), [], WINDOWS)["corrected"] == 10
    nothing = [held(FEB, [0, 0], [20, 10])]
    assert forecasts(np.array([5.0, 5.0]), nothing, WINDOWS)["corrected"] == 10


def test_scores_are_stretched_within_reason():
    assert factor(120, np.array([60.0, 40.0])) == pytest.approx(1.2)
    assert factor(1000, np.array([60.0, 40.0])) == 2
    assert factor(1, np.array([60.0, 40.0])) == 0.5
    assert factor(100, np.zeros(3)) == 1
    assert told(120, np.array([60.0, 40.0])).endswith("by 1.200 to add up to it.")
    assert "add up to 200, not to the 1,000" in told(1000, np.array([60.0, 40.0]))


def test_an_origin_knows_only_tests_and_windows_before_it():
    tests = [held(MAR, [10, 10], [30, 10]), held(APR, [10, 30], [20, 40])]
    windows = [*WINDOWS, Window(MAR, 2, 40.0)]
    known = {MAR: 1, APR: 2}
    found = at_origins(tests, windows, known).pivot(
        index=["candidate", "origin"], columns="metric", values="value"
    )
    total = found["total_expected"]
    # In March January's window was over (20 a customer), and no test had been made.
    assert total["last_window", MAR] == pytest.approx(40)
    assert total["corrected", MAR] == pytest.approx(20)
    # In April February's too (30 a customer); March's test had brought twice what was expected.
    assert total["last_window", APR] == pytest.approx(60)
    assert total["corrected", APR] == pytest.approx(80)
    assert found["total_accuracy"]["customers", APR] == pytest.approx(40 / 60)
    altered = [tests[0], held(APR, [10, 30], [900, 900])]
    again = at_origins(altered, [*WINDOWS, Window(MAR, 2, 9999.0)], known).pivot(
        index=["candidate", "origin"], columns="metric", values="value"
    )
    assert again["total_expected"].equals(total)


def test_the_mean_of_three_serves_unless_another_is_better_everywhere():
    # Seasons: what the customers add up to is always right, what came before never.
    tests = [
        held(date(2024, month, 1), [size, size], [size, size])
        for month, size in zip(range(1, 7), (10, 30, 10, 30, 10, 30), strict=True)
    ]
    windows = [
        Window(date(2023, 6, 1), 2, 40.0),
        *(Window(test.origin, 2, float(test.actual.sum())) for test in tests),
    ]
    known = {test.origin: number + 1 for number, test in enumerate(tests)}
    # Where the customers were always right there is nothing to correct: both say the same.
    best = choose(at_origins(tests, windows, known), RULE, TITLES).champion
    assert best in ("customers", "corrected")
    level = [held(test.origin, [10, 10], [10, 10]) for test in tests]
    same = [Window(window.cutoff, 2, 20.0) for window in windows]
    assert choose(at_origins(level, same, known), RULE, TITLES).champion == "combined"
