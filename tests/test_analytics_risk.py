"""Bands: cut points in money, written in words, and applied as they are written."""

import duckdb
import numpy as np

from analytics.bands import LEVELS, churn_cuts, cut_points, value_cuts
from analytics.risk import risk_cuts
from analytics.tables import Bands
from warehouse.configuration import Risk


def banded(values, cuts, names=LEVELS, **kwargs):
    """The band of each value, as the warehouse is told to make it."""
    sql = Bands(names, cuts, **kwargs).sql("value")
    found = duckdb.execute(
        f"select {sql} from (select unnest($v::double[]) as value)", {"v": values}
    )
    return [band for (band,) in found.fetchall()]


def risky(*totals, **settings):
    """The bands of these totals, and how they were made."""
    cuts, rows = risk_cuts(np.array(totals, dtype=float), Risk(**settings), "GBP")
    return banded([float(total) for total in totals], cuts), rows


def test_bands_are_cut_at_the_quantiles_of_total_spend():
    # Of 11 totals 0, 100 ... 1000 the quantile .33 is 330, .66 is 660.
    bands, cuts = risky(*range(0, 1100, 100))
    assert bands == ["low"] * 4 + ["medium"] * 3 + ["high"] * 4
    assert cuts[["band", "lower", "upper"]].replace(np.nan, None).to_numpy().tolist() == [
        ["low", None, 330.0], ["medium", 330.0, 660.0], ["high", 660.0, None],
    ]  # fmt: skip
    assert cuts["words"].tolist() == [
        "Total spend in GBP up to 330.00 (about 33 % of the customers spent no more).",
        "Total spend in GBP above 330.00 and up to 660.00.",
        "Total spend in GBP above 660.00 (about 66 % of the customers spent no more).",
    ]


def test_the_settings_move_the_cut_points():
    bands, _ = risky(*range(0, 1100, 100), low=0.1, high=0.9)
    assert [bands.count(each) for each in LEVELS] == [2, 8, 1]


def test_cut_points_are_whole_cents_and_applied_as_written():
    # The quantile .33 of these is 10.006599...: what is written is 10.01, and 10.01 is low.
    bands, cuts = risky(10.00, 10.01, 10.03)
    assert cuts["upper"].iloc[0] == 10.01
    assert bands == ["low", "low", "high"]


def test_where_all_spent_the_same_nobody_stands_out():
    bands, _ = risky(50, 50, 50)
    assert set(bands) == {"low"}


def test_more_returned_than_bought_is_low():
    assert risky(-20, 30, 60)[0] == ["low", "medium", "high"]


def test_value_bands_are_thirds_of_expected_spend():
    expected = [1.0, 2, 3, 4, 5, 6, 7, 8, 9]
    cuts, rows = value_cuts(np.array(expected), "GBP", 30)
    bands = banded(expected, cuts)
    assert [bands.count(each) for each in LEVELS] == [3, 3, 3]
    assert rows["words"].iloc[1] == (
        "Spend expected in the next 30 days, in GBP, above 3.67 and up to 6.33."
    )


def test_where_most_are_expected_to_spend_nothing_all_of_them_are_low():
    expected = [0.0] * 8 + [5.0]
    cuts, _ = value_cuts(np.array(expected), "GBP", 30)
    assert banded(expected, cuts) == ["low"] * 8 + ["high"]


def test_churn_bands_begin_at_the_threshold():
    cuts, rows = churn_cuts(0.6)
    bands = banded([0.0, 0.599, 0.6, 1.0], cuts, ("low", "high"), inclusive=False)
    assert bands == ["low", "low", "high", "high"]
    assert rows["words"].tolist() == ["A churn risk below 60 %.", "A churn risk of 60 % or more."]


def test_a_cut_point_belongs_to_the_band_below():
    assert banded([1.0, 1.01], [1.0, 2.0]) == ["low", "medium"]
    assert cut_points(np.array([0.0, 1.0]), [0.335]) == [0.34]
