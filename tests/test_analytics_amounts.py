"""Amounts by merchant, city and account: found where they differ, the mean where they do not."""

import numpy as np
import pandas as pd
import pytest

from analytics.amounts import estimate
from analytics.lines import Lines


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
