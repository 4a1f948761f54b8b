"""Monthly forecasts: whole months, honest tests, categories that add up to the total."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from analytics.forecast import BOTTOM_UP, forecast
from analytics.forecasters import BASELINES, FORECASTERS
from analytics.forecasting import Circumstances, keep_forecast
from analytics.month_tests import STEPS
from analytics.months import MOST_CATEGORIES, Months, read_months
from warehouse.build import build_core
from warehouse.progress import Silent


def months(n=30, seed=1, **series):
    """Months from January 2022; without series: rent that never changes, and food that varies."""
    random = np.random.default_rng(seed)
    made = series or {"rent": np.full(n, 900.0), "food": random.normal(300, 30, n)}
    index = pd.date_range("2022-01-01", periods=len(next(iter(made.values()))), freq="MS")
    names = tuple(("category", name) for name in made)
    return Months(pd.DataFrame(made, index=index, dtype=float), names)


QUICK = {name: FORECASTERS[name] for name in (*BASELINES, "linear")}


def found(known, candidates=QUICK):
    return forecast(known, 0, lambda done: None, candidates)


@pytest.fixture(scope="module")
def usual():
    return found(months(18), FORECASTERS)


def test_the_next_three_months_are_forecast_for_each_category_and_the_total(usual):
    assert list(usual.rows["month"].unique()) == [date(2023, 7, 1), date(2023, 8, 1),
                                                  date(2023, 9, 1)]  # fmt: skip
    assert usual.rows.groupby("month").size().tolist() == [3] * STEPS
    rent = usual.rows[usual.rows["category"] == "rent"]
    assert rent["expected"].to_numpy() == pytest.approx(900, rel=0.05)


def test_categories_add_up_to_the_total(usual):
    parts = usual.rows[usual.rows["series"] != "total"].groupby("month")["expected"].sum()
    whole = usual.rows[usual.rows["series"] == "total"].set_index("month")["expected"]
    assert parts.to_numpy() == pytest.approx(whole.to_numpy())


def test_every_candidate_stays_on_the_leaderboard(usual):
    by = usual.results.groupby("metric")["candidate"].agg(set)
    assert by["mase"] == set(FORECASTERS)
    assert by["total_wape"] == {*FORECASTERS, BOTTOM_UP}
    assert usual.results["origin"].nunique() == 6


def test_what_came_after_an_origin_changes_nothing_that_was_said_there():
    """The newest month is altered beyond recognition: results of older origins stay the same."""
    known, altered = months(14), months(14)
    altered.values.iloc[-1] *= 100
    before, after = (
        {name: FORECASTERS[name][1](each.values.iloc[:-1], STEPS, 0) for name in FORECASTERS}
        for each in (known, altered)
    )
    for name in FORECASTERS:
        np.testing.assert_array_equal(before[name], after[name])


def test_a_season_is_learnt_by_who_looks_a_year_back():
    winter = [100.0, 100, 100, 20, 20, 20, 20, 20, 20, 20, 20, 100] * 4
    told = found(months(heating=np.array(winter))).rows
    expected = told[told["series"] == "total"]["expected"].to_numpy()
    assert expected == pytest.approx([100, 100, 100], abs=10)


def test_noise_is_left_to_a_baseline():
    noise = np.random.default_rng(4).lognormal(4, 0.8, (4, 40))
    made = found(months(**{f"c{n}": row for n, row in enumerate(noise)}))
    assert made.champion in BASELINES
    assert "are needed" in made.why


def test_intervals_hold_the_forecast_and_are_never_below_nothing():
    made = np.random.default_rng(1).normal(300, 60, (5, 30))
    rows = found(months(rent=np.full(30, 900.0), **{f"c{n}": row for n, row in enumerate(made)}))
    parts = rows.rows[rows.rows["series"] == "category"]
    assert (parts["lower"] <= parts["expected"]).all()
    assert (parts["upper"] >= parts["expected"]).all()
    assert (parts["lower"] >= 0).all()
    # What never changed is expected to stay.
    rent = parts[parts["category"] == "rent"]
    assert rent["lower"].tolist() == rent["upper"].tolist()


def test_without_enough_errors_there_is_no_interval(usual):
    assert usual.rows["upper"].isna().all()


def test_nine_in_ten_months_fall_into_the_interval():
    inside = []
    for seed in range(8):
        made = np.random.default_rng(seed).normal(500, 60, (10, 31))
        past = months(**{f"c{n}": row[:28] for n, row in enumerate(made)})
        rows = found(past).rows
        rows = rows[rows["series"] == "category"].reset_index(drop=True)
        came = made[:, 28:].T.ravel()
        inside += list((rows["lower"] <= came) & (came <= rows["upper"]))
    assert 0.82 < np.mean(inside) < 0.98


def test_the_total_has_an_interval_of_its_own_errors():
    """Six origins hold too few errors of one series; the one that serves is asked further back."""
    inside, has = [], []
    for seed in range(6):
        made = np.random.default_rng(seed).normal(500, 60, (3, 43))
        rows = found(months(**{f"c{n}": row[:40] for n, row in enumerate(made)})).rows
        rows = rows[rows["series"] == "total"]
        came = made[:, 40:].sum(axis=0)
        has += list(rows["upper"].notna())
        inside += list((rows["lower"] <= came) & (came <= rows["upper"]))
    assert all(has)
    assert 0.75 < np.mean(inside) <= 1


@pytest.mark.parametrize(("n", "champion"), [(2, None), (4, "historic_average"),
                                             (12, "trailing_median")])  # fmt: skip
def test_too_little_history_is_said(n, champion):
    made = found(months(n))
    assert made.champion == champion
    assert "at least" in made.note
    assert made.rows.empty == (champion is None)
    if champion:
        assert made.rows["upper"].isna().all()


@pytest.mark.parametrize("values", [np.zeros(20), np.full(20, 7.0)], ids=["nothing", "constant"])
def test_series_that_never_change_are_no_trouble(values):
    rows = found(months(only=values)).rows
    assert rows["expected"].to_numpy() == pytest.approx(values[0], abs=1e-6)


def test_the_same_seed_gives_the_same_forecast(usual):
    pd.testing.assert_frame_equal(usual.rows, found(months(18), FORECASTERS).rows)


@pytest.fixture
def core(tmp_path):
    import duckdb

    with duckdb.connect() as con:
        build_core(con)
        yield con


def insert(con, *lines):
    """Lines of day, category, amount, kind."""
    con.executemany(
        "insert into core.transactions (transaction_id, purchased_on, category, amount, kind)"
        " values (uuid()::varchar, ?, ?, ?, ?)",
        lines,
    )


def test_only_whole_months_count_and_gaps_are_nothing(core):
    insert(
        core, ("2024-01-03", "Food", 10, "purchase"), ("2024-01-30", "Food", -2, "refund"),
        ("2024-03-05", None, 5, "purchase"), ("2024-03-05", "Food", 99, "transfer"),
        ("2024-04-29", "Food", 50, "purchase"),
    )  # fmt: skip
    known = read_months(core, date(2024, 4, 29))
    assert [str(day.date()) for day in known.values.index] == [
        "2024-01-01", "2024-02-01", "2024-03-01"
    ]  # fmt: skip
    by = dict(zip(known.names, known.values.to_numpy().T.tolist(), strict=True))
    assert by == {("category", "Food"): [8, 0, 0], ("category", None): [0, 0, 5]}
    assert len(read_months(core, date(2024, 4, 30))) == 4


def test_the_last_months_without_a_line_are_months_of_nothing(core):
    """A line after a pause: what is over by then is known, and only what is not is forecast."""
    usual = [(f"2024-{month:02d}-01", "Food", 30.0, "purchase") for month in range(1, 5)]
    insert(core, *usual, ("2024-09-05", "Food", 7.0, "purchase"))
    known = read_months(core, date(2024, 9, 5))
    assert known.values["category Food"].tolist() == [30.0] * 4 + [0.0] * 4
    assert found(known).rows["month"].min() == date(2024, 9, 1)


def test_a_first_whole_month_without_a_line_counts(core):
    insert(core, ("2024-01-20", "A", 1, "purchase"), ("2024-03-02", "A", 2, "purchase"))
    assert read_months(core, date(2024, 3, 31)).values.to_numpy().tolist() == [[0.0], [2.0]]


def test_whole_months_without_any_line_are_no_ground_for_a_forecast(core):
    insert(core, ("2024-01-20", "A", 1, "purchase"), ("2024-06-02", "A", 2, "purchase"))
    made = found(read_months(core, date(2024, 6, 2)))
    assert made.rows.empty
    assert "None of the 4 whole months has a purchase" in made.note


def test_after_a_long_pause_nothing_is_expected():
    """Who is wrong about nothing at every origin serves, and no error is divided by nothing."""
    made = np.random.default_rng(1).normal(300, 30, 48)
    made[24:] = 0
    forecast = found(months(food=made))
    assert forecast.rows["expected"].tolist() == [0.0] * len(forecast.rows)
    wape = forecast.results[forecast.results["metric"] == "total_wape"]["value"]
    assert wape.max() <= 1


def test_a_first_month_that_begins_late_is_left_out(core):
    insert(core, ("2024-01-09", "A", 1, "purchase"), ("2024-02-20", "A", 2, "purchase"))
    assert read_months(core, date(2024, 2, 29)).values.to_numpy().tolist() == [[2.0]]


def test_an_undated_ledger_has_no_months(core):
    insert(core, (None, "A", 1, "purchase"))
    assert len(read_months(core, None)) == 0


def test_small_categories_go_together(core):
    insert(core, *(("2024-01-01", f"c{n:02d}", n + 1, "purchase") for n in range(40)),
           ("2024-01-31", None, 1, "purchase"))  # fmt: skip
    known = read_months(core, date(2024, 1, 31))
    by = dict(zip(known.names, known.values.iloc[0], strict=True))
    assert len(by) == MOST_CATEGORIES + 1
    assert by[("others", None)] == sum(range(1, 12))
    assert by[("category", None)] == 1


def test_a_line_that_is_taken_out_again_takes_its_forecast_along(core):
    """What was said as of an earlier day stays, also where the as-of date alone goes back."""

    def forecast_as_of(day):
        keep_forecast(core, Circumstances(day, 1, 0), anew=False, progress=Silent())
        rows = core.execute("select distinct as_of from scores.forecasts order by all").fetchall()
        return [as_of for (as_of,) in rows]

    core.execute("create schema if not exists scores")
    insert(core, *((f"2024-{month:02d}-01", "Food", 30, "purchase") for month in range(1, 7)))
    june, july, gone = date(2024, 6, 1), date(2024, 7, 2), date(2024, 11, 20)
    assert forecast_as_of(june) == [june]
    insert(core, ("2024-07-02", "Food", 30, "purchase"), (str(gone), "Food", 7, "purchase"))
    assert forecast_as_of(july) == [june, july]
    assert forecast_as_of(gone) == [june, july, gone]
    assert forecast_as_of(july) == [june, july, gone]
    core.execute("delete from core.transactions where purchased_on = ?", [gone])
    assert forecast_as_of(july) == [june, july]
