"""Rolling origins: what a test may learn from ends before it, and nothing later leaks in."""

from datetime import date, timedelta

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_history import FIRST, LAST, insert, little_work, purchases

from analytics import churn, spend
from analytics.backtest import Frames, fit, plan, run, thinned
from analytics.boosting import Fitting
from analytics.candidates import Candidate, Question
from analytics.frames import history
from analytics.learning import Constant
from analytics.metrics import spend_metrics
from analytics.spend import RULE
from warehouse.build import build_core, build_views

DAYS = st.dates(date(2020, 1, 1), date(2025, 12, 31))


@pytest.fixture
def con():
    """A warehouse in memory with a year of purchases."""
    con = duckdb.connect(config={"threads": 2})
    build_core(con)
    build_views(con)
    insert(con, purchases(60))
    yield con
    con.close()


def test_windows_count_back_from_the_day_before_the_last():
    # The last day may be incomplete. 1 Jan has a window after it but not 30 days before it.
    found = plan(date(2024, 1, 1), date(2024, 5, 1), 30)
    assert found.cutoffs == (date(2024, 3, 31), date(2024, 3, 1), date(2024, 1, 31))
    assert found.training(date(2024, 3, 31)) == (date(2024, 3, 1), date(2024, 1, 31))
    assert found.training() == found.cutoffs
    assert found.origins(1) == (date(2024, 3, 31), date(2024, 3, 1))
    assert found.origins(2) == (date(2024, 3, 31),)


@given(DAYS, DAYS, st.integers(1, 400))
def test_what_is_learnt_from_ends_by_the_origin(first, last, horizon_days):
    found = plan(first, last, horizon_days)
    window = timedelta(days=horizon_days)
    assert len(found.origins(1)) <= 6
    assert all(cutoff + window < last for cutoff in found.cutoffs)
    assert all(cutoff - window >= first - timedelta(days=1) for cutoff in found.cutoffs)
    for origin in found.origins(1):
        assert found.training(origin)
        assert all(cutoff + window <= origin for cutoff in found.training(origin))


def test_long_histories_have_six_origins_and_short_ones_what_there_is():
    assert len(plan(date(2022, 1, 1), date(2024, 12, 31), 30).origins(1)) == 6
    assert len(plan(date(2024, 1, 1), date(2024, 4, 1), 30).origins(1)) == 1
    assert plan(date(2024, 1, 1), date(2024, 2, 1), 30).cutoffs == ()
    assert plan(None, None, 30).cutoffs == ()


def test_a_purchase_after_the_origin_changes_nothing_that_is_learnt(con):
    windows = plan(FIRST, LAST, 30)
    origin = windows.origins(1)[0]
    before = [Frames(con, 30).training(cutoff) for cutoff in windows.training(origin)]
    features = Frames(con, 30).training(origin).drop(columns=["future_spend", "purchased_again"])
    planted = [("c0001", 99999.0, origin + timedelta(days=1)), ("stranger", 5.0, LAST)]
    insert(con, pd.DataFrame(planted, columns=["customer_id", "amount", "purchased_on"]))
    after = Frames(con, 30)
    for cutoff, frame in zip(windows.training(origin), before, strict=True):
        pd.testing.assert_frame_equal(after.training(cutoff), frame)
    same = after.training(origin).drop(columns=["future_spend", "purchased_again"])
    pd.testing.assert_frame_equal(same, features)


def test_the_outcome_is_what_came_in_the_horizon_and_no_later(con):
    cutoff = date(2024, 6, 1)
    sums = con.execute(
        """
        select customer_id, sum(amount)::double as spent from core.transactions
        where purchased_on > $cutoff and purchased_on <= $cutoff + 30
        group by customer_id
        """,
        {"cutoff": cutoff},
    ).df()
    frame = Frames(con, 30).training(cutoff).merge(sums, on="customer_id", how="left")
    assert frame["future_spend"].to_numpy() == pytest.approx(frame["spent"].fillna(0).to_numpy())
    assert frame["purchased_again"].tolist() == frame["spent"].notna().tolist()


def test_more_returned_than_bought_counts_as_nothing_spent(con):
    insert(con, pd.DataFrame({"customer_id": ["c0000"], "amount": [-5000.0],
                              "purchased_on": [date(2024, 9, 10)]}))  # fmt: skip
    frame = Frames(con, 30).training(date(2024, 9, 1)).set_index("customer_id")
    assert frame["future_spend"].min() == 0
    assert history(con, LAST).n_buyers == 60


def test_every_candidate_is_tested_at_every_origin(con):
    twice, nothing = Constant(2.0), Constant(0.0)
    question = Question(
        "spend",
        (Candidate("twice", "two", lambda frames, fitting: twice, lambda parts: twice),
         Candidate("nothing", "none", lambda frames, fitting: nothing, lambda parts: nothing)),
        lambda frame: frame["future_spend"].to_numpy(dtype=float), spend_metrics, RULE, 1,
    )  # fmt: skip
    windows, done = plan(FIRST, LAST, 60), []
    origins = windows.origins(1)
    found = run(question, Frames(con, 60), windows, origins=origins, fitting=Fitting(),
                workers=2, advance=done.append)  # fmt: skip
    wide = found.results.pivot(index=["candidate", "origin"], columns="metric", values="value")
    assert len(wide) == 2 * len(origins) == sum(done)
    frame = Frames(con, 60).training(origins[0])
    assert wide.loc[("twice", origins[0]), "total_expected"] == 2 * len(frame)
    assert wide.loc[("nothing", origins[0]), "mae"] == pytest.approx(frame["future_spend"].mean())


@pytest.mark.parametrize("asked", [spend.question(60), churn.question(60)], ids=["spend", "churn"])
def test_what_candidates_share_changes_no_number(con, asked):
    windows = plan(FIRST, LAST, 60)
    origin = windows.origins(asked.windows)[0]
    frames = Frames(con, 60)
    with little_work():
        found = run(asked, frames, windows, origins=[origin], fitting=Fitting(), workers=2,
                    advance=lambda units: None)  # fmt: skip
        for each in asked.candidates:
            alone = fit(asked, each.name, frames, windows.training(origin), Fitting())
            said = alone.predict(frames.training(origin))
            np.testing.assert_array_equal(found.expected[each.name, origin], said, each.name)


def test_frames_are_thinned_to_the_same_share_each_and_repeatably():
    frames = [pd.DataFrame({"x": np.arange(300)}), pd.DataFrame({"x": np.arange(100)})]
    thin = thinned(frames, seed=1, most=100)
    assert [len(frame) for frame in thin] == [75, 25]
    assert thin[0]["x"].is_monotonic_increasing
    pd.testing.assert_frame_equal(thin[0], thinned(frames, seed=1, most=100)[0])
    assert thinned(frames, seed=1, most=400)[0] is frames[0]
