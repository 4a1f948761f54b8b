"""A load taken out again: its rows go, and what was known before comes back."""

import pytest

from warehouse.errors import UsageError
from warehouse.unloading import take_out

HEADER = "transaction_id,customer_id,date,amount\n"
PEOPLE = "customer_id,age,city,opt_out,balance,vip\n"


def test_unloading_takes_rows_rejects_and_unnamed_customers_out(desk):
    desk.load(HEADER + "1,ann,2024-01-31,5\n2,bob,2024-01-31,x\n")
    before = desk.content()
    desk.load(HEADER + "3,cyd,2024-01-31,5\n4,ann,2024-02-01,5\n5,dan,2024-01-31,x\n")
    desk.con.execute(
        "insert into scores.risk (customer_key, customer_id) values (1, 'ann'), (2, 'cyd')"
    )
    take_out(desk.con, 2)
    assert desk.content() == before
    assert desk.rows("customer_id", "core.customers") == [("ann",)]
    assert desk.rows("load_id", "core.loads") == [(1,)]
    assert desk.rows("load_id", "core.rejects") == [(1,)]
    assert desk.rows("customer_id", "scores.risk") == [("ann",)]


def test_an_unloaded_number_is_not_given_again(desk):
    desk.load(HEADER + "1,ann,2024-01-31,5\n")
    desk.load(HEADER + "2,ann,2024-01-31,5\n")
    take_out(desk.con, 2)
    assert desk.load(HEADER + "2,ann,2024-01-31,5\n").load_id == 3


def test_unloading_a_customers_file_restores_what_was_known_before(desk):
    desk.load(PEOPLE + "ann,30,Berlin,no,1,yes\n", kind="customers")
    before = desk.rows("*", "core.customers")
    desk.load("customer_id,age,opt_out,shoe size\nann,31,yes,38\nbob,40,no,45\n")
    desk.load("customer_id,city\nann,Potsdam\nann,Potsdam\n", kind="customers")
    take_out(desk.con, 2)
    assert desk.rows("customer_id, age, city, suppressed, balance", "core.customers") == [
        ("ann", 30, "Potsdam", False, 1.0)
    ]
    take_out(desk.con, 3)
    assert desk.rows("*", "core.customers") == before
    assert desk.rows("attribute", "core.attributes") == [("balance",), ("vip",)]


def test_an_unknown_load_cannot_be_taken_out(desk):
    with pytest.raises(UsageError, match="no load 7"):
        take_out(desk.con, 7)
