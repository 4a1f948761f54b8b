"""Large shops: models learn from a drawn part of the customers, everybody is scored in batches."""

from datetime import date

import pandas as pd
import pytest
from small_history import KEY, QUICK, little_work, purchases, workspace

from analytics import refresh, scoring
from analytics.frames import key_ranges
from analytics.sample import RELATION, Sample, draw
from analytics.situation import look
from analytics.tables import read_scores

LAST = date(2024, 12, 31)
SCORED = ("spend", "churn", "risk", "clusters")


@pytest.fixture(scope="module", autouse=True)
def small_models():
    """What is tested here does not depend on how many trees or windows there are."""
    with little_work(origins=1):
        yield


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A year of a small shop, loaded."""
    return workspace(tmp_path_factory.mktemp("shop") / "shop", purchases())


def scored(made, settings=QUICK, train="always"):
    """What a refresh says of everybody, and why."""
    refresh.refresh(made, settings, train=train, key=KEY)
    with made.writing("look", settings) as draft:
        tables = {name: read_scores(draft.con, name) for name in SCORED}
        return tables, read_scores(draft.con, "model_runs").set_index("question")["why"]


@pytest.fixture(scope="module")
def whole(made):
    """What is said of everybody when all are learnt from and scored at once."""
    return scored(made)


def drawn(made, most, seed=0):
    with made.writing("look", QUICK) as draft:
        situation = look(draft.con, QUICK, LAST, 30)
        sample = draw(draft.con, situation, most, seed)
        if sample is None:
            return None, pd.DataFrame()
        found = draft.con.execute(
            f"from {RELATION} join features.customer_rfm(date '2024-12-31') using (customer_key)"
        ).df()
        everybody = draft.con.execute("from features.customer_rfm(date '2024-12-31')").df()
        assert sample == Sample(len(found), len(everybody))
        return found, everybody


def test_a_small_shop_is_learnt_from_as_a_whole(made):
    assert drawn(made, 10_000)[0] is None


def test_a_sample_looks_like_the_whole(made):
    found, everybody = drawn(made, 120)
    assert abs(len(found) - 120) <= 12
    for column in ("frequency", "recency_days"):
        assert found[column].median() == pytest.approx(everybody[column].median(), rel=0.3)


def test_the_seed_alone_decides_who_is_drawn(made):
    first, again, other = (set(drawn(made, 60, seed)[0]["customer_key"]) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_ranges_of_keys_hold_everybody_once(made):
    with made.writing("look", QUICK) as draft:
        n = draft.con.execute("select count(*) from core.customers").fetchall()[0][0]
        ranges = key_ranges(draft.con, 50)
    keys = [key for low, high in ranges for key in range(low, high + 1)]
    assert keys == list(range(1, n + 1))
    assert max(high - low for low, high in ranges) == 49


def test_scores_do_not_depend_on_how_many_are_read_at_a_time(made, whole, monkeypatch):
    at_once, _ = whole
    monkeypatch.setattr(refresh, "BATCH", 37)
    monkeypatch.setattr(scoring, "PART", 11)
    for name, rows in scored(made)[0].items():
        pd.testing.assert_frame_equal(
            rows.drop(columns="model_id"), at_once[name].drop(columns="model_id"), check_exact=True
        )
    assert set(at_once["spend"]["value_band"]) == {"low", "medium", "high"}
    assert at_once["clusters"]["persona"].notna().all()


def test_everybody_is_scored_by_models_that_learnt_from_some_and_it_is_said(
    made, whole, monkeypatch
):
    everybody, why = whole
    assert "drawn at random" not in " ".join(why)
    monkeypatch.setattr(
        refresh, "draw", lambda con, situation, most, seed: draw(con, situation, 150, seed)
    )
    some, why = scored(made)
    for name in SCORED:
        assert some[name]["customer_key"].tolist() == everybody[name]["customer_key"].tolist()
    for question in ("spend", "churn", "clusters"):
        assert f"of {len(everybody['risk']):,} customers, drawn at random." in why[question]
    assert some["risk"]["risk_band"].tolist() == everybody["risk"]["risk_band"].tolist()


def test_a_customers_table_is_grouped_in_batches(tmp_path, monkeypatch):
    rows = [(f"c{n:03d}", float(n % 7), float(n % 5) * 10, float(n)) for n in range(120)]
    table = pd.DataFrame(rows, columns=["customer_id", "visits", "basket", "balance"])
    made = workspace(tmp_path / "table", table=table)
    at_once = scored(made)[0]["clusters"]
    monkeypatch.setattr(refresh, "BATCH", 17)
    again = scored(made)[0]["clusters"]
    assert len(again) == 120
    pd.testing.assert_frame_equal(at_once.drop(columns="model_id"), again.drop(columns="model_id"))
