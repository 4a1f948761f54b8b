"""Metrics against numbers that can be checked by hand."""

import math

import numpy as np
import pytest

from analytics.metrics import (
    calibration_error,
    churn_metrics,
    normalised_gini,
    spend_metrics,
    top_share,
    tweedie_deviance,
)

ACTUAL = np.array([0.0, 0.0, 10.0, 30.0])


def test_errors_of_a_forecast_in_currency():
    found = spend_metrics(ACTUAL, np.array([1.0, 1.0, 8.0, 20.0]))
    assert found["mae"] == 3.5  # (1 + 1 + 2 + 10) / 4
    assert found["rmse"] == math.sqrt(26.5)  # (1 + 1 + 4 + 100) / 4
    assert found["r2"] == pytest.approx(1 - 26.5 / 150)  # variance (100 + 100 + 0 + 400) / 4
    assert found["total_ratio"] == 0.75
    assert (found["total_expected"], found["total_actual"]) == (30, 40)
    assert found["spearman"] == pytest.approx(1)


def test_gini_is_1_in_the_right_order_0_without_any_and_negative_upside_down():
    # Right: shares .75 1 1 1, mean .9375, less .625. Upside down: 0 0 .5 1 (the last two tie).
    assert normalised_gini(ACTUAL, ACTUAL * 7) == 1
    assert normalised_gini(ACTUAL, np.full(4, 5.0)) == 0
    assert normalised_gini(ACTUAL, np.array([30.0, 10, 0, 0])) == pytest.approx(-0.25 / 0.3125)


def test_gini_does_not_depend_on_the_order_of_rows_that_tie():
    expected = np.array([0.0, 0, 0, 9])
    mirrored = normalised_gini(ACTUAL[[2, 1, 0, 3]], expected[[2, 1, 0, 3]])
    assert normalised_gini(ACTUAL, expected) == mirrored


def test_top_share_is_what_the_highest_expected_tenth_spent():
    actual = np.array([50.0, *[1] * 10, *[4] * 9])  # 96 in all; the top two of twenty
    expected = np.arange(20.0)[::-1]
    assert top_share(actual, expected, 0.1) == pytest.approx(51 / 96)
    assert top_share(actual, np.zeros(20), 0.1) == pytest.approx(0.1)


@pytest.mark.parametrize(("actual", "expected", "deviance"), [(4, 4, 0), (0, 4, 8), (4, 1, 4)])
def test_tweedie_deviance_of_one_customer(actual, expected, deviance):
    found = tweedie_deviance(np.array([float(actual)]), np.array([float(expected)]))
    assert found == pytest.approx(deviance)


def test_a_surprise_is_dear_but_finite():
    assert 0 < tweedie_deviance(np.array([100.0]), np.array([0.0])) < 1e5


def test_what_is_not_defined_is_nan_and_not_an_error():
    found = spend_metrics(np.zeros(3), np.ones(3))
    assert all(math.isnan(found[name]) for name in ("r2", "ngini", "top10", "total_ratio"))
    assert found["mae"] == 1


def test_metrics_of_a_churn_risk():
    # Of four pairs of a leaver and a stayer, only .4 against .6 is the wrong way round.
    found = churn_metrics(np.array([1.0, 1, 0, 0]), np.array([0.9, 0.4, 0.6, 0.1]))
    assert found["auc"] == 0.75
    assert found["brier"] == pytest.approx((0.01 + 0.36 + 0.36 + 0.01) / 4)
    assert found["log_loss"] == pytest.approx(-(math.log(0.9) + math.log(0.4)) / 2)
    assert found["ece"] == pytest.approx((0.1 + 0.6 + 0.6 + 0.1) / 4)


def test_pr_auc_is_that_of_the_rarer_outcome():
    # One of four stayed; by the chance of staying she is second: precision 1 of 2.
    found = churn_metrics(np.array([1.0, 1, 1, 0]), np.array([0.9, 0.8, 0.3, 0.4]))
    assert found["pr_auc"] == 0.5


def test_with_one_outcome_only_there_is_no_auc():
    found = churn_metrics(np.ones(3), np.array([0.9, 0.8, 0.7]))
    assert math.isnan(found["auc"])
    assert found["rate_actual"] == 1


def test_a_risk_that_comes_true_as_often_as_it_says_is_calibrated():
    assert calibration_error(np.array([1.0, 0, 1, 0]), np.full(4, 0.5)) == 0
    assert calibration_error(np.array([1.0, 1, 1, 1]), np.full(4, 0.5)) == 0.5
