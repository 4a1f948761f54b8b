"""Frames: one row a customer, in order, as numbers; score tables that take what they are given."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from small_warehouse import add_customers, small_warehouse

from analytics.batches import scoring_batch
from analytics.cutoffs import training_frame
from analytics.frames import (
    customer_table_frame,
    feature_views,
    features,
    history,
    scoring_frame,
)
from analytics.matrix import feature_columns, matrix, signed_log, with_rates
from analytics.tables import read_scores, write_scores

SHOP = """
    customer  day         amount
    ann       2025-01-01   10.00
    ann       2025-01-31   30.00
    ann       2025-02-10   25.00
    bob       2025-01-20   50.00
    bob       2025-02-25  -60.00
    cyd       2025-01-10   -5.00
    -         2025-01-05    7.00
"""
CUTOFF = date(2025, 1, 31)


@pytest.fixture
def con():
    con = small_warehouse(SHOP)
    yield con
    con.close()


def test_a_training_frame_has_features_of_before_and_labels_of_after(con):
    frame = training_frame(con, CUTOFF, 30).set_index("customer_id")
    assert frame.index.tolist() == ["ann", "bob"]  # cyd only returned something
    assert frame.loc["ann", ["frequency", "monetary", "recency_days"]].tolist() == [2, 40, 0]
    assert frame["future_spend"].tolist() == [25, 0]
    assert frame["purchased_again"].tolist() == [True, False]


def test_a_horizon_below_a_day_is_refused(con):
    with pytest.raises(ValueError, match="at least 1"):
        training_frame(con, CUTOFF, 0)


def test_a_scoring_frame_has_everybody_with_a_transaction_and_only_numbers(con):
    frame = scoring_frame(con, CUTOFF)
    assert frame["customer_id"].tolist() == ["ann", "bob", "cyd"]
    assert frame["customer_key"].is_monotonic_increasing
    numbers = frame.drop(columns=["customer_key", "customer_id"])
    assert set(numbers.dtypes) == {np.dtype("float64")}
    assert {"spend_30d", "promo_usage_ratio", "mean_gap_days"} <= set(numbers)
    assert frame.loc[2, "frequency"] == 0
    # Where two views have a column of one name, the second would arrive as another one.
    assert not [name for name in frame if name.endswith("_1")]


def test_batches_are_the_scoring_frame_in_pieces_without_ids(con):
    con.execute("""
        -- Not everybody, in another order, and one who never bought anything.
        create macro features.own(given_as_of) as table
        select customer_key, customer_id, customer_key * 1.5 as half_more, 1 as is_there
        from core.customers where customer_id <> 'bob' order by customer_key desc
    """)
    con.execute("""
        create macro features.own_of_nobody(given_as_of) as table
        select customer_key, customer_id, 1 as nobodys from core.customers where false
    """)
    whole = scoring_frame(con, CUTOFF).drop(columns="customer_id")
    low, high = whole["customer_key"].min(), whole["customer_key"].max()
    ranges = [(low, low), (low + 1, high)]
    pieces = [scoring_batch(con, CUTOFF, features(con), keys) for keys in ranges]
    assert len(pieces[1]) > 1
    pd.testing.assert_frame_equal(pd.concat(pieces, ignore_index=True), whole)


def test_a_view_of_the_workspaces_own_becomes_features(con):
    con.execute("""
        create macro features.own(given_as_of) as table
        select customer_key, customer_id, 7::decimal(9, 2) as lucky, 'text' as word
        from core.customers
    """)
    assert "own" in feature_views(con)
    frame = scoring_frame(con, CUTOFF)
    assert frame["lucky"].tolist() == [7.0] * 3
    assert "word" not in frame


def test_history_counts_customers_and_days(con):
    found = history(con, CUTOFF)
    assert (found.n_lines, found.n_buyers, found.n_without_customer) == (4, 2, 1)
    assert (found.first_day, found.last_day, found.days) == (date(2025, 1, 1), CUTOFF, 31)
    assert history(con, date(2024, 1, 1)).days == 0


def test_a_customers_table_gives_its_numbers():
    con = small_warehouse()
    add_customers(con, """
        customer_id  age  balance  word
        ann          30   1.5      a
        bob          -    2.5      b
    """, attributes=[("balance", "DOUBLE"), ("word", "VARCHAR")])  # fmt: skip
    frame = customer_table_frame(con)
    assert list(frame) == ["customer_key", "customer_id", "age", "balance"]
    assert frame["balance"].tolist() == [1.5, 2.5]
    con.close()


def test_score_tables_take_categories_and_missing_values(con):
    rows = pd.DataFrame({"customer_key": [1, 2], "customer_id": ["ann", "bob"],
                         "expected_spend": [1.25, np.nan],
                         "value_band": pd.Categorical(["low", None])})  # fmt: skip
    write_scores(con, "spend", rows)
    types = dict(
        con.execute("select column_name, column_type from (describe scores.spend)").fetchall()
    )
    assert types["value_band"] == "VARCHAR"
    kept = con.execute("select expected_spend, value_band from scores.spend order by 1").fetchall()
    assert [(float(kept[0][0]), kept[0][1]), kept[1]] == [(1.25, "low"), (None, None)]


def test_writing_scores_replaces_and_refuses_unknown_columns(con):
    rows = pd.DataFrame({"axis": [1], "title": ["Spends more"]})
    write_scores(con, "pca_axes", rows)
    write_scores(con, "pca_axes", rows)
    assert len(read_scores(con, "pca_axes")) == 1
    write_scores(con, "pca_axes", pd.DataFrame())
    assert read_scores(con, "pca_axes").empty
    with pytest.raises(ValueError, match="no column"):
        write_scores(con, "pca_axes", rows.assign(colour="red"))


def test_rates_mean_the_same_however_long_a_history_is():
    frame = pd.DataFrame({"customer_lifetime_days": [60.0, 3.0, np.nan], "frequency": [4.0, 1, 1],
                          "monetary": [100.0, 20, 5], "recency_days": [30.0, 3, np.nan],
                          "mean_gap_days": [20.0, np.nan, 0.0]})  # fmt: skip
    rates = with_rates(frame)
    assert rates["orders_per_30d"].tolist()[:2] == [2, 1]
    assert rates["spend_per_30d"].tolist()[:2] == [50, 20]
    assert rates["gaps_since_last"].iloc[0] == 1.5
    assert rates["gaps_since_last"].iloc[1:].isna().all()


def test_only_columns_that_tell_customers_apart_are_seen():
    frame = pd.DataFrame({"customer_key": [1, 2], "varies": [1.0, 2], "same": [3.0, 3],
                          "unknown": np.nan, "sometimes": [1.0, np.nan],
                          "future_spend": [0.0, 1]})  # fmt: skip
    assert feature_columns(frame) == ["varies", "sometimes"]


def test_a_matrix_has_the_wanted_columns_and_no_infinity():
    found = matrix(pd.DataFrame({"a": [1.0, np.inf], "z": [0.0, 0]}), ["gone", "a"])
    assert list(found) == ["gone", "a"]
    assert found.isna().to_numpy().tolist() == [[True, False], [True, True]]


def test_signed_logs_keep_the_sign():
    found = signed_log(pd.DataFrame({"x": [-np.e + 1, 0, np.e - 1]}))
    assert found["x"].tolist() == pytest.approx([-1, 0, 1])
