"""Labels: what happened in the horizon, and nothing before or after it."""

from datetime import date
from decimal import Decimal

import pytest
from small_warehouse import AS_OF, FUTURE, SHOP, add_transactions, by_customer, small_warehouse

from warehouse.headers import sql_files

LABELS = [file.header.name for file in sql_files("labels")]


@pytest.fixture
def con():
    with small_warehouse(SHOP) as con:
        yield con


def test_future_spend_is_the_net_of_the_days_after_the_cutoff(con):
    add_transactions(con, FUTURE)
    # Ten days from 1 to 10 July: Ann buys for 1000 and returns 40; Bob comes a day too late.
    assert by_customer(con, "labels.future_spend", AS_OF, 10) == {
        "ann": {"future_spend": Decimal("960.00")},
        "bob": {"future_spend": Decimal("0.00")},
        "cyd": {"future_spend": Decimal("-3.00")},
    }
    assert by_customer(con, "labels.future_spend", AS_OF, 11)["bob"]["future_spend"] == 33


def test_purchased_again_needs_a_purchase_not_a_refund(con):
    add_transactions(con, FUTURE)
    assert by_customer(con, "labels.purchased_again", AS_OF, 10) == {
        "ann": {"purchased_again": True},
        "bob": {"purchased_again": False},
        "cyd": {"purchased_again": False},
    }
    assert by_customer(con, "labels.purchased_again", AS_OF, 11)["bob"]["purchased_again"]


@pytest.mark.parametrize("name", LABELS)
def test_a_label_knows_nothing_outside_its_horizon(con, name):
    before = by_customer(con, name, AS_OF, 10)
    add_transactions(con, """
        customer  day          amount
        ann       2025-07-11   500.00
        ann       2025-06-30   500.00
        bob       2025-06-01   500.00
        dot       2025-07-01   500.00
    """)  # fmt: skip
    assert by_customer(con, name, AS_OF, 10) == before


@pytest.mark.parametrize("name", LABELS)
def test_income_and_transfers_are_not_spend(con, name):
    values = (date(2025, 5, 31), 30)
    before = by_customer(con, name, *values)
    add_transactions(con, """
        customer  day          amount  kind
        ann       2025-06-02   900.00  income
        bob       2025-06-02    70.00  transfer
        eve       2025-05-02    70.00  income
    """)  # fmt: skip
    assert by_customer(con, name, *values) == before


def test_an_undated_ledger_has_no_labels():
    with small_warehouse("""
        customer  day  amount
        ann       -     30.00
    """) as con:  # fmt: skip
        assert by_customer(con, "labels.future_spend", AS_OF, 30) == {}
        assert by_customer(con, "labels.purchased_again", AS_OF, 30) == {}
