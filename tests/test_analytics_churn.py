"""Churn models: probabilities, calibrated on a later window, and honest where all are alike."""

import functools

import numpy as np
import pandas as pd
import pytest
from small_history import KEY

from analytics import artifacts
from analytics.boosting import Fitting
from analytics.churn import Calibration, Rate, calibrate, folds, question

ASKED = question(30)
MODELS = ["logistic", "lightgbm", "bgnbd"]


def frame(rows=600, seed=1, later=0.0):
    """Customers who come back the less, the longer they have been away; ``later`` shifts all."""
    random = np.random.default_rng(seed)
    away = random.gamma(2, 40, rows)
    stays = random.random(rows) < 1 / (1 + np.exp(away / 40 - 1.5 + later))
    return pd.DataFrame(
        {
            "customer_key": np.arange(rows), "customer_id": [f"c{n}" for n in range(rows)],
            "recency_days": away, "frequency": random.integers(1, 9, rows).astype(float),
            "customer_lifetime_days": away + 300,
            "mean_gap_days": np.where(random.random(rows) < 0.4, np.nan, 30.0),
            "future_spend": np.where(stays, 20.0, 0.0), "purchased_again": stays,
        }
    )  # fmt: skip


def fitted(name, *frames):
    return ASKED.candidate(name).fit(frames, Fitting()) if frames else usual(name)


@functools.cache
def usual(name):
    return ASKED.candidate(name).fit([frame(seed=2), frame(seed=1)], Fitting())


@pytest.mark.parametrize("name", MODELS)
def test_a_risk_is_a_probability_and_tells_leavers_from_stayers(name):
    new = frame(seed=7)
    new.loc[0, ["recency_days", "frequency"]] = [np.inf, np.nan]
    risk = fitted(name).predict(new)
    assert ((risk > 0) & (risk < 1)).all()
    assert ASKED.metrics(1 - new["purchased_again"].to_numpy(float), risk)["auc"] > 0.6


@pytest.mark.parametrize("name", ["logistic", "lightgbm"])
def test_the_newest_window_puts_the_level_right(name):
    older, newest, coming = (frame(4000, seed, later) for seed, later in ((1, 0), (2, 1), (3, 1)))
    gone = (~coming["purchased_again"]).mean()
    assert fitted(name, newest, older).predict(coming).mean() == pytest.approx(gone, abs=0.02)
    assert abs(fitted(name, older).predict(coming).mean() - gone) > 0.1


def test_a_calibration_finds_the_line_that_was_planted():
    random = np.random.default_rng(1)
    odds = random.normal(0, 2, 200_000)
    churned = (random.random(200_000) < 1 / (1 + np.exp(-(0.5 * odds + 1)))).astype(float)
    line = calibrate(1 / (1 + np.exp(-odds)), churned)
    assert (line.slope, line.intercept) == pytest.approx((0.5, 1.0), abs=0.03)


def test_a_calibration_never_turns_the_order_round():
    line = calibrate(np.array([0.1, 0.2, 0.8, 0.9] * 10), np.array([1.0, 1, 0, 0] * 10))
    assert line.slope == 1
    assert calibrate(np.array([0.2, 0.7]), np.array([1.0, 1.0])) == Calibration()


@pytest.mark.parametrize("everybody", [True, False])
@pytest.mark.parametrize("name", MODELS)
def test_where_everybody_did_the_same_the_rate_serves(name, everybody):
    alike = frame().assign(purchased_again=everybody)
    assert fitted(name, alike, alike) == Rate(0.0 if everybody else 1.0)


@pytest.mark.parametrize("name", ["base_rate", *MODELS])
def test_a_saved_model_predicts_the_same_to_the_last_bit(name, tmp_path):
    model = fitted(name)
    files = artifacts.save_parts(tmp_path, "churn", model.parts(), KEY)
    again = ASKED.candidate(name).restore(artifacts.load_parts(tmp_path, files, "churn", KEY))
    np.testing.assert_array_equal(again.predict(frame(seed=9)), model.predict(frame(seed=9)))


@pytest.mark.parametrize("name", MODELS)
def test_the_same_seed_gives_the_same_model(name):
    again = fitted(name, frame(seed=2), frame(seed=1))
    np.testing.assert_array_equal(again.predict(frame()), fitted(name).predict(frame()))


def test_the_rate_is_that_of_every_window():
    half, none = frame().assign(purchased_again=[True, False] * 300), frame()
    none["purchased_again"] = False
    assert fitted("base_rate", half, none).predict(half)[0] == 0.75


def test_the_search_learns_from_older_windows_and_judges_by_later_ones():
    newest, middle, oldest = (np.zeros((n, 1)) for n in (3, 2, 4))
    found = [(list(learn), list(judge)) for learn, judge in folds([newest, middle, oldest])]
    assert found == [([3, 4, 5, 6, 7, 8], [0, 1, 2]), ([5, 6, 7, 8], [3, 4])]


def test_the_strength_of_the_penalty_follows_the_data():
    noise = [frame(300, seed).assign(**{f"noise_{n}": np.random.default_rng(n).normal(size=300)
        for n in range(40)}) for seed in (1, 2, 3)]  # fmt: skip
    weak = fitted("logistic", *noise).pipeline["logisticregression"].C
    assert weak < 0.1
