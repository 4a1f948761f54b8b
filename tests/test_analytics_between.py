"""Moves between two days: what was said then, or the saved models on features of both days."""

from datetime import date

import duckdb
import pandas as pd
import pytest
from small_history import FIRST, KEY, LAST, QUICK, little_work, purchases, workspace

from analytics import between
from analytics.between import moves_between
from analytics.refresh import refresh
from warehouse.errors import NoModelError, UsageError

OCTOBER, NOVEMBER = date(2024, 10, 31), date(2024, 11, 30)


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A shop that was trained as of October, and scored with the same models as of November."""
    made = workspace(tmp_path_factory.mktemp("shop"), purchases(n_customers=150))
    with little_work(origins=1):
        refresh(made, QUICK, as_of=OCTOBER, key=KEY)
        return made, refresh(made, QUICK, as_of=NOVEMBER, train="never", key=KEY)


def moved(generation, start, end):
    return moves_between(generation, QUICK, start, end, key=KEY)


def test_the_saved_models_say_of_two_days_what_they_said_then(shop, monkeypatch):
    _, now = shop
    said = moved(now, OCTOBER, NOVEMBER)
    assert said.source == "history"
    monkeypatch.setattr(between, "_kept_days", lambda _: [])
    again = moved(now, OCTOBER, NOVEMBER)
    assert again.source == "computed"
    # Groups are compared by number: what a group is called may change with its medians.
    same = [moves[moves["dimension"] != "persona"] for moves in (again.rows, said.rows)]
    pd.testing.assert_frame_equal(*(rows.reset_index(drop=True) for rows in same))
    assert {"persona", "cluster", "risk_band", "value_band", "churn_band"} == set(
        said.rows["dimension"]
    )
    assert {"stayed", "moved", "appeared"} <= set(said.rows["change"])


def test_who_came_after_the_training_has_a_group_without_a_fit(shop):
    with duckdb.connect(str(shop[1].database), read_only=True) as con:
        came = con.execute(
            """
            select scores.clusters.persona, scores.clusters.model_id
            from marts.customers
            join scores.clusters using (customer_key)
            where first_purchased_on > ?
            """,
            [OCTOBER],
        ).fetchall()
    assert len(came) > 5
    assert all(persona for persona, _ in came)
    assert {model for _, model in came} == {"clusters-000002"}


def test_a_day_that_was_never_scored_is_scored_now(shop):
    _, now = shop
    found = moved(now, date(2024, 7, 31), None)
    assert (found.source, found.end) == ("computed", NOVEMBER)
    assert "learnt from days up to 2024-10-31" in found.note
    assert found.rows["is_same_model"].all()
    # Everybody who bought by November is in a risk band, and whoever bought by July moved or not.
    risk = found.rows[found.rows["dimension"] == "risk_band"]
    by_july = {name for name, day in zip(*buyers(), strict=True) if day <= date(2024, 7, 31)}
    came = risk["change"] == "appeared"
    assert risk.loc[~came, "n_customers"].sum() == len(by_july)


def buyers():
    """Customers, and the first day of each."""
    firsts = purchases(n_customers=150).groupby("customer_id")["purchased_on"].min()
    return list(firsts.index), [pd.Timestamp(day).date() for day in firsts]


def test_without_a_first_day_the_one_scored_before_is_taken(shop):
    found = moved(shop[1], None, NOVEMBER)
    assert (found.start, found.source) == (OCTOBER, "history")


@pytest.mark.parametrize(
    ("start", "end"),
    [(NOVEMBER, OCTOBER), (LAST, None), (date(2020, 1, 1), None), (FIRST, date(2100, 1, 1))],
)
def test_days_that_cannot_be_compared_are_refused(shop, start, end):
    with pytest.raises(UsageError):
        moved(shop[1], start, end)


def test_before_anything_was_scored_there_is_no_answer(shop):
    with pytest.raises(NoModelError, match="no scores"):
        moved(shop[0].open_generation(1), OCTOBER, None)
