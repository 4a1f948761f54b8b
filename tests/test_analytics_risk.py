"""Bands: cut points in money, written in words, and applied as they are written."""

import numpy as np
import pandas as pd

from analytics.bands import churn_bands, cut_points, levels, value_bands
from analytics.risk import score
from warehouse.configuration import Risk


def spenders(*totals):
    keys = range(1, len(totals) + 1)
    return pd.DataFrame({"customer_key": keys, "customer_id": [f"c{key}" for key in keys],
                         "monetary": [float(total) for total in totals]})  # fmt: skip


def test_bands_are_cut_at_the_quantiles_of_total_spend():
    # Of 11 totals 0, 100 ... 1000 the quantile .33 is 330, .66 is 660.
    rows, cuts = score(spenders(*range(0, 1100, 100)), Risk(), "GBP")
    assert rows["risk_band"].tolist() == ["low"] * 4 + ["medium"] * 3 + ["high"] * 4
    assert cuts[["band", "lower", "upper"]].replace(np.nan, None).to_numpy().tolist() == [
        ["low", None, 330.0], ["medium", 330.0, 660.0], ["high", 660.0, None],
    ]  # fmt: skip
    assert cuts["words"].tolist() == [
        "Total spend in GBP up to 330.00 (the 33 % quantile of total spend).",
        "Total spend in GBP above 330.00 and up to 660.00.",
        "Total spend in GBP above 660.00 (the 66 % quantile of total spend).",
    ]


def test_the_settings_move_the_cut_points():
    rows, _ = score(spenders(*range(0, 1100, 100)), Risk(low=0.1, high=0.9), "GBP")
    assert rows["risk_band"].value_counts().to_dict() == {"medium": 8, "low": 2, "high": 1}


def test_cut_points_are_whole_cents_and_applied_as_written():
    # The quantile .33 of these is 10.006599...: what is written is 10.01, and 10.01 is low.
    rows, cuts = score(spenders(10.00, 10.01, 10.03), Risk(), "EUR")
    assert cuts["upper"].iloc[0] == 10.01
    assert rows["risk_band"].tolist() == ["low", "low", "high"]


def test_where_all_spent_the_same_nobody_stands_out():
    rows, _ = score(spenders(50, 50, 50), Risk(), "GBP")
    assert set(rows["risk_band"]) == {"low"}


def test_more_returned_than_bought_is_low_and_unknown_is_nothing():
    rows, _ = score(spenders(-20, 30, 60, np.nan), Risk(), "GBP")
    assert dict(zip(rows["customer_id"], rows["risk_band"], strict=True)) == {
        "c1": "low", "c2": "medium", "c3": "high",
    }  # fmt: skip


def test_nobody_has_no_bands():
    rows, cuts = score(spenders(), Risk(), "GBP")
    assert rows.empty
    assert cuts.empty


def test_value_bands_are_thirds_of_expected_spend():
    bands, cuts = value_bands(np.array([1.0, 2, 3, 4, 5, 6, 7, 8, 9]), "GBP", 30)
    assert [bands.count(each) for each in ("low", "medium", "high")] == [3, 3, 3]
    assert cuts["words"].iloc[1] == (
        "Spend expected in the next 30 days, in GBP, above 3.67 and up to 6.33."
    )


def test_where_most_are_expected_to_spend_nothing_all_of_them_are_low():
    bands, _ = value_bands(np.array([0.0] * 8 + [5.0]), "GBP", 30)
    assert bands == ["low"] * 8 + ["high"]


def test_churn_bands_begin_at_the_threshold():
    bands, cuts = churn_bands(np.array([0.0, 0.599, 0.6, 1.0]), 0.6)
    assert bands == ["low", "low", "high", "high"]
    assert cuts["words"].tolist() == ["A churn risk below 60 %.", "A churn risk of 60 % or more."]


def test_a_cut_point_belongs_to_the_band_below():
    assert levels(np.array([1.0, 1.01]), [1.0, 2.0]) == ["low", "medium"]
    assert cut_points(np.array([0.0, 1.0]), [0.335]) == [0.34]
