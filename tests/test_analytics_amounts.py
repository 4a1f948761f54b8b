"""Amounts by merchant, city and account: found where they differ, the mean where they do not."""

import numpy as np
import pandas as pd
import pytest

from analytics.amounts import estimate
from analytics.lines import Lines
from warehouse.errors import UsageError


def lines(by_merchant, n=600, seed=0):
    """Purchases whose amount depends on the merchant, or on nothing."""
    random = np.random.default_rng(seed)
    merchant = random.choice(list(by_merchant), n)
    amount = np.array([by_merchant[name] for name in merchant]) * random.uniform(0.8, 1.2, n)
    frame = pd.DataFrame(
        {"merchant": merchant, "city": random.choice(["Bonn", "Ulm"], n), "account_id": None,
         "amount": amount.round(2)}
    )  # fmt: skip
    frame.loc[:4, "merchant"] = None
    return Lines(frame, n)


def of(found, merchant):
    return found.estimates.set_index("value").loc[merchant]


def test_what_a_merchant_usually_takes_is_expected_of_the_next_purchase():
    found = estimate(lines({"cafe": 5, "grocer": 40, "jeweller": 900}), seed=0)
    assert found.champion in {"linear", "tree"}
    for merchant, usual in (("cafe", 5), ("grocer", 40), ("jeweller", 900)):
        told = of(found, merchant)
        assert told["estimate"] == pytest.approx(told["mean_amount"], rel=0.15, abs=8)
        assert told["mean_amount"] == pytest.approx(usual, rel=0.05)
    r2 = found.results[found.results["metric"] == "r2"].groupby("candidate")["value"].mean()
    assert r2[found.champion] > 0.9
    assert of(found, "not said")["n_lines"] == 5
    assert found.estimates.groupby("dimension")["n_lines"].sum().to_dict() == {
        "city": 600, "merchant": 600,
    }  # fmt: skip


def test_where_nothing_tells_the_mean_serves_and_says_so():
    found = estimate(lines({"cafe": 50, "grocer": 50, "jeweller": 50}), seed=0)
    assert found.champion == "mean"
    assert "Nothing is better than the mean" in found.why
    assert found.estimates["estimate"].nunique() == 1
    assert set(found.results["candidate"]) == {"mean", "linear", "tree"}


def test_too_little_is_said():
    found = estimate(lines({"cafe": 5, "grocer": 40}, n=100), seed=0)
    assert (found.champion, found.why) == (None, "100 purchases are too few: 200 are needed.")
    plain = lines({"cafe": 5})
    nothing = Lines(plain.frame.assign(merchant=None, city=None), 600)
    assert estimate(nothing, seed=0).champion is None


# The mean of many 19.99 is not 19.99 to the last bit.
@pytest.mark.parametrize("amount", [7.0, 19.99, 0.1])
def test_the_same_amount_everywhere_is_said_and_no_r2_is_made_up(amount):
    frame = lines({"cafe": 5, "grocer": 40}).frame.assign(amount=amount)
    found = estimate(Lines(frame, len(frame)), seed=0)
    assert (found.champion, found.why) == ("mean", "Every purchase amounts to the same.")
    assert set(found.estimates["estimate"]) == {amount}
    assert set(found.results["metric"]) == {"mae", "rmse"}


def test_parts_in_which_all_amounts_are_alike_have_no_say_in_the_r2():
    frame = lines({"cafe": 5, "grocer": 40}).frame.assign(amount=19.99)
    frame.loc[7, "amount"] = 21.0
    found = estimate(Lines(frame, len(frame)), seed=0)
    assert found.champion == "mean"
    assert "R2 at most -0.0" in found.why


@pytest.fixture(scope="module")
def by_both():
    """A jeweller takes 900 in Bonn and twice that in Ulm, a cafe a hundredth of it."""
    made = lines({"cafe": 9, "jeweller": 900}, n=800)
    made.frame.loc[made.frame["city"] == "Ulm", "amount"] *= 2
    return estimate(made, seed=0).model


def test_a_combination_is_estimated_together(by_both):
    def asked(**given):
        return by_both.expected(given)

    dear = asked(merchant="jeweller", city="Ulm")
    assert dear.has_signal
    assert dear.estimate == pytest.approx(1800, rel=0.2)
    assert asked(merchant="jeweller", city="Bonn").estimate < dear.estimate
    assert asked(merchant="cafe", city="Bonn").estimate < 300
    assert dear.r2 > 0.8
    assert dear.warnings == []
    told = {each.column: each for each in dear.inputs}
    assert told["merchant"].n_lines + asked(merchant="cafe").inputs[0].n_lines == 795


def test_what_no_purchase_had_is_said_and_counts_as_average(by_both):
    found = by_both.expected({"merchant": "Jewelers", "account": "77"})
    assert found.inputs[0].n_lines == 0
    assert "none of the 800 purchases" in found.warnings[0]
    assert "the nearest is 'jeweller'" in found.warnings[0]
    assert found.warnings[1].startswith("account_id is not looked at")
    assert found.estimate == by_both.expected({}).estimate
    assert by_both.expected({"merchant": "CAFE"}).inputs[0].value == "cafe"
    with pytest.raises(UsageError, match="shop"):
        by_both.expected({"shop": "cafe"})


def test_without_a_signal_every_combination_is_the_mean():
    made = lines({"cafe": 50, "grocer": 50, "jeweller": 50})
    found = estimate(made, seed=0).model.expected({"merchant": "cafe", "city": "Ulm"})
    assert (found.model, found.has_signal) == ("mean", False)
    assert found.estimate == found.mean_amount == round(made.frame["amount"].mean(), 2)
    assert "Nothing is better than the mean" in found.why


def test_without_purchases_to_learn_from_there_is_no_estimate():
    found = estimate(lines({"cafe": 5, "grocer": 40}, n=100), seed=0).model.expected(
        {"city": "Ulm"}
    )
    assert (found.estimate, found.has_signal) == (None, False)
    assert found.why == "100 purchases are too few: 200 are needed."
