"""Cleaning: each rule by itself, on rows a reader can count."""

from decimal import Decimal

import pytest
from loading_desk import Desk, counts

from warehouse.build import build_views
from warehouse.configuration import Cleaning
from warehouse.settling import as_it_was_known


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


# Cancellations


def sold(*lines):
    """A file of (customer, day of January, product, quantity), each at 2.00."""
    rows = [f"{c},2024-01-{day:02d},{product},{n},2.00" for c, day, product, n in lines]
    return "\n".join(["customer_id,date,product_id,quantity,unit_price", *rows, ""])


def kinds(desk):
    return desk.rows("customer_id, day(purchased_on), quantity::integer, kind")


def test_cancellations_are_kept_and_counted(desk):
    report = desk.load(sold(("ann", 1, "A", 3), ("ann", 2, "A", -3), ("bob", 2, "A", -3)))
    assert rules(report) == {
        "cancellations_matched": (1, "kept"), "cancellations_unmatched": (1, "kept"),
    }  # fmt: skip
    assert desk.settle() == []
    assert {kind for *_, kind in kinds(desk)} == {"purchase", "refund"}


@pytest.mark.parametrize(
    "other",
    [("bob", 1, "A", 3), ("ann", 1, "B", 3), ("ann", 1, "A", 2), ("ann", 3, "A", 3)],
    ids=["customer", "product", "quantity", "later"],
)
def test_a_cancellation_belongs_to_an_earlier_purchase_that_is_alike(desk, other):
    desk.load(sold(other, ("ann", 2, "A", -3)))
    assert desk.settle(cancellations="drop_matched") == []
    assert "cancelled" not in {kind for *_, kind in kinds(desk)}


def test_a_cancellation_takes_the_latest_purchase_before_it(desk):
    days = [("ann", 1, "A", 3), ("ann", 2, "A", 3), ("ann", 3, "A", -3), ("ann", 4, "A", 3)]
    desk.load(sold(*days))
    (count,) = desk.settle(cancellations="drop_matched")
    assert str(count) == "2 x cancellations: no spend, with their purchases"
    assert kinds(desk) == [
        ("ann", 1, 3, "purchase"), ("ann", 2, 3, "cancelled"), ("ann", 3, -3, "cancelled"),
        ("ann", 4, 3, "purchase"),
    ]  # fmt: skip


def test_two_cancellations_take_two_purchases(desk):
    desk.load(
        sold(("ann", 1, "A", 3), ("ann", 2, "A", 3), ("ann", 3, "A", -3), ("ann", 4, "A", -3))
        + "ann,2024-01-05,A,-3,2.00\n"
    )
    desk.settle(cancellations="drop_matched")
    assert [kind for *_, kind in kinds(desk)] == ["cancelled"] * 4 + ["refund"]


def test_pairs_are_the_same_ones_in_whatever_order_their_files_come(desk):
    files = [
        sold(("ann", 1, "A", 3), ("ann", 2, "A", 3)), sold(("ann", 3, "A", -3)),
        sold(("ann", 2, "A", 3), ("ann", 3, "A", -3)), sold(("ann", 5, "A", -3)),
    ]  # fmt: skip
    found = []
    for order in ([0, 1, 2, 3], [3, 1, 2, 0, 3]):
        other = Desk(desk.folder)
        for number in order:
            other.load(files[number])
            other.settle(cancellations="drop_matched")
        found.append(other.content())
        other.con.close()
    assert found[0] == found[1]


def test_what_is_cancelled_counts_nowhere_and_is_known_again(desk):
    text = sold(("ann", 1, "A", 3), ("ann", 2, "A", -3), ("bob", 2, "B", 1))
    desk.load(text)
    desk.settle(cancellations="drop_matched")
    assert desk.rows("distinct customer_key", "core.customer_days") == [(2,)]
    assert counts(desk.load(text)) == (3, 0, 0, 3, 0)
    # Without the rule it is as before.
    desk.settle()
    assert [kind for *_, kind in kinds(desk)] == ["purchase", "refund", "purchase"]


def test_who_learns_sees_a_purchase_until_the_day_of_its_cancellation(desk):
    rfm = "customer_id, frequency", "features.customer_rfm(date '2024-01-02')"
    hidden = Cleaning(cancellations="drop_matched")
    desk.load(sold(("ann", 1, "A", 3), ("bob", 1, "B", 2), ("bob", 1, "B", -2)))
    desk.settle(cancellations="drop_matched")
    build_views(desk.con)
    assert desk.rows(*rfm) == [("ann", 1)]
    with as_it_was_known(desk.con, hidden):
        # Bob sent back on the same day: no day knew of his purchase alone.
        assert desk.rows(*rfm) == [("ann", 1)]
    desk.load(sold(("ann", 5, "A", -3)))
    desk.settle(cancellations="drop_matched")
    assert desk.rows(*rfm) == []
    with as_it_was_known(desk.con, hidden):
        assert ("ann", 1) in desk.rows(*rfm)
    assert desk.rows(*rfm) == []


def test_what_is_cancelled_is_known_by_its_id_too(desk):
    text = (
        "transaction_id,customer_id,date,product_id,quantity,unit_price\n"
        "1,ann,2024-01-01,A,3,2\n2,ann,2024-01-02,A,-3,2\n"
    )
    desk.load(text)
    desk.settle(cancellations="drop_matched")
    assert counts(desk.load(text)) == (2, 0, 0, 2, 0)


# Categories


def spent(*categories):
    rows = [f"c{n},2024-01-31,{n},{one}" for n, one in enumerate(categories, start=1)]
    return "\n".join(["customer_id,date,amount,category", *rows, ""])


def named(desk):
    return [one for (one,) in desk.rows("category", "core.transactions where category is not null")]


def test_spellings_are_kept_and_counted(desk):
    report = desk.load(spent("Food", "Food", "food", "FO OD", "Rent"))
    assert rules(report)["category_spelling"] == (2, "kept")
    assert desk.settle() == []
    assert named(desk) == ["FO OD", "Food", "Food", "Rent", "food"]


def test_spellings_can_be_folded_to_the_usual_one_and_back(desk):
    text = spent("Food", "Food", "food", "FO OD", "Rent")
    desk.load(text)
    (count,) = desk.settle(category_spelling="fold")
    assert (count.rule, count.rows) == ("categories", 2)
    assert named(desk) == ["Food"] * 4 + ["Rent"]
    assert counts(desk.load(text)) == (5, 0, 0, 5, 0)
    desk.settle()
    assert named(desk) == ["FO OD", "Food", "Food", "Rent", "food"]


def test_the_usual_spelling_follows_from_all_rows_in_whatever_order(desk):
    first, second = spent("food", "food", "Food"), spent("", "", "", "Food", "Food", "Food")
    found = []
    for texts in ((first, second), (second, first, second)):
        other = Desk(desk.folder)
        for text in texts:
            other.load(text)
            other.settle(category_spelling="fold")
        assert set(named(other)) == {"Food"}
        found.append(other.content())
        other.con.close()
    assert found[0] == found[1]


def test_an_alias_says_how_a_category_is_spelled(desk):
    desk.load(spent("Resturant", "resturant", "Restaurant", "Rent"))
    desk.settle(categories={"Resturant": "Restaurant"})
    assert named(desk) == ["Rent", "Restaurant", "Restaurant", "Restaurant"]
    assert desk.rows("top_category", "core.customer_days") == [
        ("Rent",), ("Restaurant",), ("Restaurant",), ("Restaurant",),
    ]  # fmt: skip


def test_a_likely_slip_is_proposed_with_the_line_to_paste_and_not_merged(desk):
    report = desk.load(spent(*["Restaurant"] * 3, "Resturant", "Fund A", "Fund B", "Rent", "Vent"))
    (note,) = report.notes
    assert "category 'Resturant' (1 rows) may be 'Restaurant'" in note
    assert note.endswith('spendboard.toml: "Resturant" = "Restaurant"')
    assert "Resturant" in named(desk)
    again = Desk(desk.folder)
    done = again.load(
        spent("Restaurant", "Resturant"), cleaning=Cleaning(categories={"Resturant": "Restaurant"})
    )
    assert done.notes == ()
    again.con.close()


def test_a_rule_beside_a_file_of_which_no_other_rule_speaks(desk):
    text = "transaction_id,customer_id,date,amount\n1,ann,2024-01-01,0\n2,bob,2024-01-02,5\n"
    report = desk.load(text, cleaning=Cleaning(zero_amounts="set_aside"))
    assert counts(report) == (2, 1, 0, 0, 1)
