"""High spending: planted rules are found and read out, and noise is called noise."""

import numpy as np
import pandas as pd
import pytest
from sklearn.tree import DecisionTreeClassifier
from small_warehouse import rows, small_warehouse

from analytics.forecasting import Circumstances
from analytics.high_spend import Cases, tell_apart
from analytics.lines import amount_above, read_lines
from analytics.risk import risk_cuts
from analytics.risk_models import keep_risk, kept_thresholds
from analytics.tables import add_scores
from analytics.tree_rules import Column, Step, holding, in_words, paths
from warehouse.configuration import Risk, Settings
from warehouse.progress import Silent


def purchases(n_customers=60, each=15, seed=1):
    """Purchases of which toys in quantity are high nine times in ten, the others hardly ever."""
    random = np.random.default_rng(seed)
    n = n_customers * each
    frame = pd.DataFrame(
        {
            "customer_key": np.repeat(np.arange(n_customers), each),
            "category": random.choice(["toys", "books", "food"], n),
            "quantity": random.integers(1, 8, n).astype(float),
        }
    )
    likely = (frame["category"] == "toys") & (frame["quantity"] > 3)
    return frame, (random.random(n) < np.where(likely, 0.9, 0.02)).astype(float)


def cases(frame, is_high):
    return Cases(
        "high_spend", frame, ["category"], ["quantity"], is_high,
        frame["customer_key"].to_numpy(),
    )  # fmt: skip


def test_a_planted_rule_is_found_and_said_in_words():
    told = tell_apart(cases(*purchases()), seed=0)
    first = told.rules.iloc[0]
    assert first["rule"] == "category is toys and quantity above 3"
    assert first["share_high"] == pytest.approx(0.9, abs=0.05)
    assert first["share_high_unseen"] == pytest.approx(0.9, abs=0.1)
    # Every purchase falls under one rule, a fifth of the customers were not looked at.
    assert told.rules["n"].sum() + told.rules["n_unseen"].sum() == 900
    assert told.rules["n_unseen"].sum() == pytest.approx(180, abs=30)
    assert told.champion != "rate"
    assert 0.5 < told.fidelity <= 1


def test_what_is_noise_has_no_rules():
    frame, is_high = purchases()
    told = tell_apart(cases(frame, np.random.default_rng(0).permutation(is_high)), seed=0)
    assert told.champion == "rate"
    assert told.rules.empty
    assert "Nothing is better than the plain rate" in told.why


def test_the_same_seed_tells_the_same():
    first, second = (tell_apart(cases(*purchases()), seed=3) for _ in range(2))
    pd.testing.assert_frame_equal(first.results, second.results)
    pd.testing.assert_frame_equal(first.rules, second.rules)


@pytest.mark.parametrize(
    ("n_customers", "highs", "says"),
    [
        (10, 40, "There are 200 of 10 customers, at least 200 of 50"),
        (60, 3, "Fewer than 25 are high"),
    ],
)
def test_too_little_is_said(n_customers, highs, says):
    frame, is_high = purchases(n_customers, each=20)
    is_high[:] = 0
    is_high[:highs] = 1
    assert says in cases(frame, is_high).missing()


def test_conditions_on_one_column_become_one_phrase():
    quantity = Column("quantity", is_whole=True)
    price = Column("unit_price")
    way = [Step(quantity, 3.5, above=True), Step(price, 0.125, above=False),
           Step(quantity, 9.5, above=False)]  # fmt: skip
    assert in_words(way) == "quantity above 3 and up to 9 and unit price up to 0.125"
    city = [Step(Column("city", level), 0.5, above=False) for level in ("Bonn", "Ulm", "Kiel")]
    assert in_words(city) == "city is neither Bonn, Ulm nor Kiel"
    assert in_words([*city, Step(Column("city", "Jena"), 0.5, above=True)]) == "city is Jena"
    assert in_words([]) == "always"


def test_every_leaf_of_a_tree_has_its_way():
    values = np.array([[1.0], [2.0], [3.0], [4.0]])
    tree = DecisionTreeClassifier(max_depth=2, random_state=0).fit(values, [0, 1, 0, 1])
    ways = paths(tree, [Column("quantity", is_whole=True)], values)
    assert set(ways) == set(tree.apply(values))
    assert {in_words(way) for way in ways.values()} >= {"quantity up to 1"}


def ways_of(values, is_high):
    """The words of a small tree's leaves, each with the places of the cases that it is true of."""
    columns = [Column("mean_gap_days", has_gaps=bool(np.isnan(values).any()))]
    cells = np.array(values, dtype=float).reshape(-1, 1)
    tree = DecisionTreeClassifier(max_depth=2, random_state=0).fit(cells, is_high)
    ways = paths(tree, columns, cells)
    leaf = tree.apply(cells)
    for number, way in ways.items():
        assert (holding(way, columns, cells) == (leaf == number)).all()
    return {
        in_words(way): np.flatnonzero(holding(way, columns, cells)).tolist()
        for way in ways.values()
    }


def test_what_is_not_known_is_never_taken_for_a_number():
    nan = np.nan
    assert ways_of([10.0, nan, 50.0, nan], [0, 1, 0, 1]) == {
        "days between orders is known": [0, 2],
        "days between orders is not known": [1, 3],
    }
    assert ways_of([10.0, nan, 50.0, nan], [1, 0, 0, 0]) == {
        "days between orders up to 30": [0],
        "days between orders above 30 (or not known)": [1, 2, 3],
    }
    assert ways_of([10.0, nan, 50.0, nan], [1, 1, 0, 1]) == {
        "days between orders up to 30 (or not known)": [0, 1, 3],
        "days between orders above 30": [2],
    }


def test_a_threshold_is_printed_as_it_is_applied():
    # A share above .9961 was once "above 1".
    assert set(ways_of([0.9951, 0.9971, 1.0], [0, 1, 1])) == {
        "days between orders up to 0.996", "days between orders above 0.996",
    }  # fmt: skip
    assert set(ways_of([1000.125, 1000.126], [0, 1])) == {
        "days between orders up to 1,000.125", "days between orders above 1,000.125",
    }  # fmt: skip


def test_printed_rules_count_the_cases_that_they_are_true_of():
    frame, _ = purchases()
    random = np.random.default_rng(2)
    frame["n_products"] = np.where(random.random(900) < 0.4, np.nan, random.random(900))
    unknown = frame["n_products"].isna()
    is_high = (random.random(900) < np.where(unknown, 0.9, 0.05)).astype(float)
    told = tell_apart(
        Cases("high_spend", frame, [], ["n_products"], is_high, frame["customer_key"].to_numpy()),
        seed=0,
    )
    first = told.rules.iloc[0]
    assert first["rule"] == "products is not known"
    assert first["n"] + first["n_unseen"] == unknown.sum()
    assert told.rules["rule"].iloc[1:].str.contains("not known").sum() == 0


LEDGER = """
    day         customer  amount  city   merchant
    2025-01-01  ann       10.00   Bonn   cafe
    2025-01-02  ann       30.00   Bonn   -
    2025-01-03  bob       20.00   Ulm    cafe
    2025-01-04  bob       -5.00   Ulm    cafe
    2025-01-05  -         90.00   Ulm    cafe
    2025-02-01  cyd       99.00   Kiel   shop
"""


@pytest.fixture
def con():
    con = small_warehouse(LEDGER)
    yield con
    con.close()


def test_lines_are_purchases_up_to_the_day(con):
    lines = read_lines(con, pd.Timestamp("2025-01-31").date(), seed=0)
    assert sorted(lines.frame["amount"]) == [10.0, 20.0, 30.0, 90.0]
    assert lines.n_all == 4
    assert lines.drawn == ""
    assert lines.known(("city", "channel", "merchant")) == ["city"]  # one merchant tells nothing
    few = read_lines(con, None, seed=0, most=2)
    assert len(few.frame) == 2
    assert few.drawn == " Learnt from 2 of 5, drawn at random."


def test_a_purchase_is_high_above_a_quantile_of_those_of_customers(con):
    # 10, 20, 30 and 99: the median lies halfway between 20 and 30.
    assert amount_above(con, None, 0.5) == 25.0


def test_a_ledger_whose_days_all_lie_in_the_future_has_no_purchase_to_learn_from():
    with small_warehouse(LEDGER.replace("2025-", "2999-")) as con:
        assert amount_above(con, None, 0.5) == 0.0
        assert read_lines(con, None, seed=0).n_all == 0


def refreshed(con, number=2, anew=True, **risk):
    frame = pd.DataFrame({"customer_key": [1, 2], "monetary": [40.0, 15.0], "frequency": [2, 1]})
    keep_risk(
        con, frame, Circumstances(None, number, 0), Settings(risk=Risk(**risk)),
        anew=anew, progress=Silent(),
    )  # fmt: skip


def runs(con):
    found = rows(con, "from scores.model_runs order by question")
    return {row["question"]: (row["model_id"][-1], row["champion"]) for row in found}


def test_too_few_purchases_are_said_and_the_threshold_stands(con):
    refreshed(con, high_purchase=0.5)
    assert runs(con) == {"amount": ("2", None), "high_spend": ("2", None),
                         "high_spenders": ("2", None)}  # fmt: skip
    assert kept_thresholds(con)["words"].tolist() == [
        "A purchase above 25.00 GBP (about 50 % of the purchases are no larger).",
        "A purchase of up to 25.00 GBP (about 50 % of the purchases are no larger).",
    ]


def test_it_is_made_anew_with_the_models_or_with_another_threshold(con):
    refreshed(con)
    refreshed(con, number=3, anew=False)
    assert runs(con)["amount"] == ("2", None)
    refreshed(con, number=4, anew=False, high_purchase=0.9)
    assert runs(con)["amount"] == ("4", None)


def test_rules_of_customers_are_made_anew_when_high_exposure_means_another_total(con):
    def with_bands(number, high):
        bands = risk_cuts(np.array([10.0, 20.0, 30.0, 40.0]), Risk(high=high), "GBP")[1]
        add_scores(con, "thresholds", {"question": "risk"}, bands)
        refreshed(con, number=number, anew=number == 2, high=high)

    with_bands(2, 0.5)
    with_bands(3, 0.5)
    assert runs(con)["high_spenders"] == ("2", None)
    with_bands(4, 0.75)
    assert runs(con)["high_spenders"] == ("4", None)
    assert "A total spend above 32.50 GBP (about 75 % of the customers spent no more)." in set(
        kept_thresholds(con)["words"]
    )


def test_without_purchases_nothing_is_left_of_what_was_said_of_them(con):
    refreshed(con)
    add_scores(con, "risk_rules", {"question": "high_spend"}, pd.DataFrame(
        {"question": ["high_spend"], "place": [1], "rule": ["always"], "n": [4]}))  # fmt: skip
    con.execute("delete from core.transactions")
    refreshed(con, number=3)
    assert runs(con) == {}
    assert kept_thresholds(con).empty
    assert rows(con, "from scores.risk_rules") == []
