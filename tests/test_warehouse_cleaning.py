"""Cleaning: each rule by itself, on rows a reader can count."""

from decimal import Decimal

import pytest
from loading_desk import Desk, counts

from warehouse.configuration import Cleaning


@pytest.fixture
def desk(tmp_path):
    desk = Desk(tmp_path)
    yield desk
    desk.con.close()


def rules(report):
    return {rule.rule: (rule.rows, rule.action) for rule in report.rules}


def asides(desk):
    return desk.rows("record, reason", "core.rejects where outcome = 'set_aside'")


SHOP = """\
order_id,customer_id,date,product_id,description,quantity,unit_price
1,ann,2024-01-31,A1,Lamp,1,10.00
1,ann,2024-01-31,POST,Postage,1,3.50
2,bob,2024-02-01,test002,A test,1,4.50
3,bob,2024-02-01,B,Adjust bad debt,1,-11062.06
4,cyd,2024-02-02,A2,Gift,1,0.00
5,cyd,2024-02-02,m,Manual,1,0.00
"""


def test_doubtful_rows_are_kept_and_counted(desk):
    report = desk.load(SHOP)
    assert counts(report) == (6, 6, 0, 0, 0)
    assert rules(report) == {
        "non_products": (3, "kept"), "bad_debt": (1, "kept"), "zero_amounts": (2, "kept"),
    }  # fmt: skip
    assert report.as_json()["rules"][0] == {"rule": "bad_debt", "rows": 1, "action": "kept"}


def test_a_rule_sets_its_rows_aside_and_keeps_them_where_they_can_be_seen(desk):
    report = desk.load(SHOP, cleaning=Cleaning(non_products="set_aside", bad_debt="set_aside"))
    assert counts(report) == (6, 2, 0, 0, 4)
    # The row of 0.00 that is no product either is counted once.
    assert rules(report) == {
        "bad_debt": (1, "set aside"), "non_products": (3, "set aside"), "zero_amounts": (1, "kept"),
    }  # fmt: skip
    assert asides(desk) == [
        (2, "non_products"), (3, "non_products"), (4, "bad_debt"), (6, "non_products"),
    ]  # fmt: skip
    assert desk.value("sum(amount)") == Decimal("10.00")


def test_the_codes_that_are_no_product_are_a_setting(desk):
    cleaning = Cleaning(non_products="set_aside", non_product_codes=("A*",))
    assert counts(desk.load(SHOP, cleaning=cleaning)) == (6, 4, 0, 0, 2)
    assert asides(desk) == [(1, "non_products"), (5, "non_products")]


def test_rows_that_are_set_aside_are_so_again(desk):
    cleaning = Cleaning(zero_amounts="set_aside")
    assert counts(desk.load(SHOP, cleaning=cleaning)) == (6, 4, 0, 0, 2)
    assert counts(desk.load(SHOP, cleaning=cleaning)) == (6, 0, 0, 4, 2)


def test_transfers_are_no_spend_and_can_be_set_aside(desk):
    text = (
        "customer_id,date,amount,type\n"
        "ann,2024-01-31,5,expense\nann,2024-01-31,100,transfer\nann,2024-01-31,7,income\n"
    )
    assert rules(desk.load(text)) == {"transfers": (1, "kept")}
    other = Desk(desk.folder)
    report = other.load(text, cleaning=Cleaning(transfers="set_aside"))
    assert counts(report) == (3, 2, 0, 0, 1)
    assert other.rows("kind") == [("income",), ("purchase",)]
    other.con.close()


TWICE = "customer_id,date,amount\n" + "ann,2024-01-31,5.00\n" * 3 + "bob,2024-01-31,5.00\n"


def test_equal_rows_of_a_file_are_kept_and_numbered(desk):
    report = desk.load(TWICE)
    assert counts(report) == (4, 4, 0, 0, 0)
    assert rules(report) == {"duplicates": (2, "kept and numbered")}


def test_equal_rows_of_a_file_can_be_dropped(desk):
    cleaning = Cleaning(duplicates="drop")
    report = desk.load(TWICE, cleaning=cleaning)
    assert counts(report) == (4, 2, 0, 0, 2)
    assert rules(report) == {"duplicates": (2, "set aside")}
    assert asides(desk) == [(2, "duplicates"), (3, "duplicates")]
    # In another file they are the same rows, once more.
    assert counts(desk.load(TWICE, cleaning=cleaning)) == (4, 0, 0, 2, 2)


def test_rows_with_ids_are_never_dropped_as_duplicates(desk):
    text = "transaction_id,customer_id,date,amount\n1,ann,2024-01-31,5\n2,ann,2024-01-31,5\n"
    report = desk.load(text, cleaning=Cleaning(duplicates="drop"))
    assert (counts(report), rules(report)) == ((2, 2, 0, 0, 0), {})


GAPS = "customer_id,date,amount,category,merchant\nann,2024-01-31,5,,x\nann,2024-01-31,6,Food,\n"


def test_missing_values_stay_missing_and_are_counted(desk):
    assert rules(desk.load(GAPS)) == {
        "missing_category": (1, "kept"), "missing_merchant": (1, "kept"),
    }  # fmt: skip
    assert desk.rows("category, merchant") == [("Food", None), (None, "x")]


def test_a_word_can_stand_for_what_is_missing_and_makes_no_row_new(desk):
    desk.load(GAPS)
    cleaning = Cleaning(missing_category="Unknown", missing_merchant="Nobody")
    again = desk.load(GAPS + "bob,2024-02-01,7,,\n", cleaning=cleaning)
    assert counts(again) == (3, 1, 0, 2, 0)
    assert rules(again)["missing_category"] == (2, "'Unknown' put in")
    assert desk.rows("category, merchant", "core.transactions where customer_id = 'bob'") == [
        ("Unknown", "Nobody")
    ]
