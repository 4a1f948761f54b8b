"""BG/NBD and Gamma-Gamma against the published numbers of the CDNOW sample, and at their edges."""

import numpy as np
import pandas as pd
import pytest

from analytics.bgnbd import BgNbd, fit_bgnbd
from analytics.gammagamma import GammaGamma, fit_gamma_gamma
from analytics.lifetimes import fit_lifetimes, past

# Fader, Hardie and Lee (2005): the parameters, and their example of one customer in 39 weeks.
PAPER = BgNbd(0.243, 4.414, 0.793, 2.426, -9582.4)


@pytest.fixture(scope="module")
def cdnow(shared_data):
    """Purchases of the sample up to 30 September 1997, one row a customer and day."""
    rows = pd.read_csv(
        shared_data / "cdnow_sample" / "CDNOW_sample.txt", sep=r"\s+", header=None,
        names=["master", "customer", "day", "discs", "paid"],
    )  # fmt: skip
    rows["day"] = pd.to_datetime(rows["day"].astype(str))
    rows = rows[rows["day"] <= "1997-09-30"]
    return rows.groupby(["customer", "day"], as_index=False)["paid"].sum()


def weeks(cdnow):
    by = cdnow.groupby("customer")["day"].agg(["min", "max", "count"])
    last, now = by["max"] - by["min"], pd.Timestamp("1997-09-30") - by["min"]
    return by["count"].to_numpy(float) - 1, last.dt.days.to_numpy() / 7, now.dt.days.to_numpy() / 7


def test_bgnbd_finds_the_published_parameters(cdnow):
    found = fit_bgnbd(*weeks(cdnow))
    assert (found.r, found.alpha, found.a, found.b) == pytest.approx(
        (0.243, 4.414, 0.793, 2.426), abs=0.001
    )
    assert found.log_likelihood == pytest.approx(-9582.4, abs=0.1)
    assert found.tells_drop_out


def test_the_unit_of_time_does_not_matter(cdnow):
    in_weeks, in_days = fit_bgnbd(*weeks(cdnow)), fit_bgnbd(*(
        values * factor for values, factor in zip(weeks(cdnow), (1, 7, 7), strict=True)
    ))  # fmt: skip
    assert in_days.alpha == pytest.approx(7 * in_weeks.alpha, rel=0.01)
    assert in_days.a == pytest.approx(in_weeks.a, rel=0.01)


def test_gamma_gamma_finds_the_published_parameters(cdnow):
    later = cdnow[cdnow["day"] > cdnow.groupby("customer")["day"].transform("min")]
    by = later.groupby("customer")["paid"].agg(["count", "mean"])
    found = fit_gamma_gamma(by["count"].to_numpy(float), by["mean"].to_numpy())
    assert (found.p, found.q, found.v) == pytest.approx((6.25, 3.74, 15.44), abs=0.02)


def test_the_example_of_the_paper():
    one = [np.array([value]) for value in (2.0, 30.43, 38.86)]
    assert PAPER.purchases(39, *one) == pytest.approx([1.226], abs=0.001)


def test_a_chance_and_a_number_agree_with_a_simulation():
    """Customers simulated as the model says, known up to 50 and watched for 10 more."""
    random = np.random.default_rng(5)
    model, n = BgNbd(0.8, 10.0, 0.6, 2.0, 0.0), 60_000
    rate, leaves = random.gamma(model.r, 1 / model.alpha, n), random.beta(model.a, model.b, n)
    x, t_x, later = np.zeros(n), np.zeros(n), np.zeros(n)
    now, alive = np.zeros(n), np.ones(n, dtype=bool)
    while alive.any():
        now = now + random.exponential(1 / rate)
        alive &= now < 60
        x += alive & (now < 50)
        t_x = np.where(alive & (now < 50), now, t_x)
        later += alive & (now >= 50)
        alive &= random.random(n) >= leaves
    t = np.full(n, 50.0)
    for few in (0, 1, 3):
        seen = x == few
        told = x[seen], t_x[seen], t[seen]
        assert model.purchases(10, *told).mean() == pytest.approx(later[seen].mean(), rel=0.06)
        assert model.buys(10, *told).mean() == pytest.approx((later[seen] > 0).mean(), rel=0.06)


def test_who_bought_once_is_always_alive():
    once = np.zeros(2), np.zeros(2), np.array([1.0, 500.0])
    assert PAPER.alive(*once).tolist() == [1, 1]
    assert PAPER.buys(4, *once)[0] > 10 * PAPER.buys(4, *once)[1]


def test_a_customer_of_whom_little_is_known_is_like_the_others():
    model = GammaGamma(6.25, 3.74, 15.44, 0.0)
    unknown, few, many = model.value(np.array([0.0, 1, 50]), np.array([np.nan, 100, 100]))
    assert unknown == pytest.approx(model.population_mean)
    assert unknown < few < many < 100


@pytest.mark.parametrize(
    "columns",
    [([], [], []), ([0.0, 0.0], [0.0, 0.0], [5.0, 9.0]), ([1.0], [0.0], [0.0])],
    ids=["nobody", "nobody came back", "no time"],
)
def test_where_there_is_nothing_to_learn_no_model_is_made(columns):
    assert fit_bgnbd(*(np.array(values, dtype=float) for values in columns)) is None


def test_gamma_gamma_needs_values_that_differ():
    assert fit_gamma_gamma(np.array([1.0, 2.0]), np.array([5.0, 5.0])) is None
    assert fit_gamma_gamma(np.array([0.0, 2.0]), np.array([5.0, 7.0])) is None


def test_the_past_is_read_from_the_features():
    """Bought on days 0, 10 and 40 of 100, orders of 20, 30 and 70; the other one once, undated."""
    frame = pd.DataFrame(
        {
            "customer_lifetime_days": [100.0, np.nan], "recency_days": [60.0, np.nan],
            "mean_gap_days": [20.0, np.nan], "frequency": [3.0, 1.0],
            "avg_order_value": [40.0, 9.0], "first_order_value": [20.0, np.nan],
        }
    )  # fmt: skip
    known = past(frame)
    assert (known.x[0], known.t_x[0], known.t[0]) == (2, 40, 100)
    assert (known.n_orders[0], known.mean_order[0]) == (2, 50)
    assert (known.x[1], known.t_x[1], known.t[1], known.mean_order[1]) == (0, 0, 0, 0)
    assert fit_lifetimes(frame.iloc[1:], 30, seed=0) is None
