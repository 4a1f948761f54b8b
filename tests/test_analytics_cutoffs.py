"""Several cutoffs at once give what each gives alone."""

from datetime import date

import duckdb
import pandas as pd
import pytest
from small_history import LAST, insert, purchases

from analytics.cutoffs import training_frame, training_frames
from warehouse.build import build_core, build_views

# From before the first purchase to behind the last one.
CUTOFFS = [LAST, date(2024, 3, 1), date(2024, 6, 30), date(2023, 1, 1), date(2024, 9, 30),
           date(2025, 6, 1)]  # fmt: skip


@pytest.fixture(scope="module")
def con():
    with duckdb.connect(config={"threads": 2}) as con:
        build_core(con)
        build_views(con)
        insert(con, purchases(60))
        yield con


def test_six_cutoffs_give_what_each_gives_alone(con):
    found = training_frames(con, CUTOFFS, 30)
    assert list(found) == sorted(CUTOFFS)
    for cutoff, frame in found.items():
        alone = training_frame(con, cutoff, 30)
        if alone.empty:
            assert frame.empty
            assert list(frame) == list(alone)
        else:
            pd.testing.assert_frame_equal(frame, alone)
    assert len(found[date(2023, 1, 1)]) == 0 < len(found[LAST])


def test_only_some_customers(con):
    con.execute("create temp table few as select * from range(1, 9) as numbers(customer_key)")
    found = training_frames(con, [LAST, date(2024, 9, 30)], 30, among="few")
    assert set(found[LAST]["customer_key"]) <= set(range(1, 9))
    whole = training_frame(con, LAST, 30)
    few = whole[whole["customer_key"] < 9].reset_index(drop=True)
    pd.testing.assert_frame_equal(found[LAST], few)


def test_no_cutoff_is_no_frame_and_a_horizon_has_a_day(con):
    assert training_frames(con, [], 30) == {}
    with pytest.raises(ValueError, match="at least 1"):
        training_frames(con, [LAST], 0)
