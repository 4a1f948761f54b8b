"""Spend models: what they promise whatever the data, and that they come back as they were saved."""

import functools

import numpy as np
import pandas as pd
import pytest
from small_history import KEY

from analytics import artifacts
from analytics.boosting import Fitting
from analytics.learning import LastWindow
from analytics.spend import question

ASKED = question(30)
LEARNING = [
    "mean", "linear", "ridge", "random_forest", "gradient_boosting", "lightgbm_l2",
    "lightgbm_tweedie", "lightgbm_hurdle", "bgnbd_gamma_gamma", "linear_hurdle", "blend",
]  # fmt: skip
# BG/NBD and Gamma-Gamma learn from the past alone, not from what happened in the windows.
FROM_OUTCOMES = [name for name in LEARNING if name not in ("bgnbd_gamma_gamma", "blend")]


def frame(rows=400, seed=1):
    """Customers whose coming spend follows their recent spend, three in four of them none."""
    random = np.random.default_rng(seed)
    spent = random.lognormal(3, 1, rows) * (random.random(rows) < 0.5)
    buys = random.random(rows) < 0.1 + 0.4 * (spent > 0)
    return pd.DataFrame(
        {
            "customer_key": np.arange(rows), "customer_id": [f"c{n}" for n in range(rows)],
            "spend_30d": spent, "recency_days": random.integers(0, 300, rows).astype(float),
            "customer_lifetime_days": random.integers(300, 400, rows).astype(float),
            "frequency": random.integers(1, 6, rows).astype(float), "same": 1.0,
            "avg_order_value": random.lognormal(3, 1, rows), "first_order_value": 20.0,
            "mean_gap_days": np.where(random.random(rows) < 0.5, np.nan, 20.0),
            "future_spend": np.where(buys, spent + random.lognormal(2, 0.5, rows), 0.0),
            "purchased_again": buys,
        }
    )  # fmt: skip


def fitted(name, *frames):
    return ASKED.candidate(name).fit(frames, Fitting()) if frames else usual(name)


@functools.cache
def usual(name):
    return ASKED.candidate(name).fit([frame()], Fitting())


@pytest.mark.parametrize("name", LEARNING)
def test_expected_spend_is_finite_and_never_negative(name):
    strange = frame(seed=2)
    strange.loc[0, ["spend_30d", "recency_days"]] = [np.inf, np.nan]
    strange.loc[1, "spend_30d"] = -1e6
    found = fitted(name).predict(strange)
    assert found.shape == (len(strange),)
    assert np.isfinite(found).all()
    assert (found >= 0).all()


@pytest.mark.parametrize("name", ["lightgbm_tweedie", "lightgbm_hurdle", "mean"])
def test_the_total_of_the_training_windows_is_kept(name):
    learnt = frame()
    assert fitted(name, learnt).predict(learnt).sum() == pytest.approx(
        learnt["future_spend"].sum(), rel=1e-6
    )


@pytest.mark.parametrize("name", FROM_OUTCOMES[1:])
def test_a_model_orders_new_customers_better_than_chance(name):
    new = frame(seed=5)
    found = ASKED.metrics(new["future_spend"].to_numpy(), fitted(name).predict(new))
    assert found["ngini"] > 0.3


@pytest.mark.parametrize("name", [candidate.name for candidate in ASKED.candidates])
def test_a_saved_model_predicts_the_same_to_the_last_bit(name, tmp_path):
    model = fitted(name)
    files = artifacts.save_parts(tmp_path, "spend", model.parts(), KEY)
    parts = artifacts.load_parts(tmp_path, files, "spend", KEY)
    again = ASKED.candidate(name).restore(parts)
    np.testing.assert_array_equal(again.predict(frame(seed=9)), model.predict(frame(seed=9)))


def test_boosters_are_saved_as_text(tmp_path):
    files = artifacts.save_parts(tmp_path, "spend", fitted("lightgbm_hurdle").parts(), KEY)
    assert sorted(file.file for file in files) == [
        "spend.buys.txt", "spend.meta.json", "spend.value.txt"
    ]  # fmt: skip
    assert (tmp_path / "spend.buys.txt").read_text(encoding="utf-8").startswith("tree")


@pytest.mark.parametrize("name", LEARNING)
def test_the_same_seed_gives_the_same_model(name):
    new = frame(seed=4)
    np.testing.assert_array_equal(fitted(name, frame()).predict(new), fitted(name).predict(new))


@pytest.mark.parametrize("name", FROM_OUTCOMES)
def test_where_nobody_spent_nothing_is_expected(name):
    idle = frame().assign(future_spend=0.0)
    model = fitted(name, idle)
    assert model.predict(frame(seed=3)) == pytest.approx(np.zeros(400), abs=1e-9)
    assert ASKED.candidate(name).restore(model.parts()).predict(idle).sum() == pytest.approx(0)


def test_windows_are_pooled():
    early, late = frame(seed=1), frame(seed=2)
    mean = fitted("mean", late, early).predict(late)[0]
    assert mean == pytest.approx(pd.concat([early, late])["future_spend"].mean())


@pytest.mark.parametrize(
    ("horizon_days", "window", "factor"), [(30, 30, 1.0), (14, 7, 2.0), (120, 90, 4 / 3)]
)
def test_last_window_is_the_nearest_one_stretched_to_the_horizon(horizon_days, window, factor):
    known = pd.DataFrame({f"spend_{window}d": [30.0, -5.0, np.nan]})
    model = question(horizon_days).candidate("last_window").fit([], Fitting())
    assert model == LastWindow(window, horizon_days)
    assert model.predict(known).tolist() == pytest.approx([30 * factor, 0, 0])
