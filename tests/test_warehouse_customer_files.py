"""Files of customers: what they tell of each, and what wins where two tell different things."""

from loading_desk import counts

from dashboard.narration import load_report
from warehouse.unloading import take_out

HEADER = "transaction_id,customer_id,date,amount\n"


PEOPLE = "customer_id,age,city,opt_out,balance,vip\n"


def test_a_customers_file_brings_known_columns_and_attributes(desk):
    desk.load(HEADER + "1,ann,2024-01-31,5\n2,eve,2024-01-31,5\n")
    report = desk.load(PEOPLE + "ann,30,Berlin,no,1.5,yes\nbob,40,,yes,,no\n")
    assert counts(report) == (2, 2, 0, 0, 0)
    assert report.ids_in_transactions == 1
    assert report.attributes == {"balance": "balance", "vip": "vip"}
    columns = "customer_id, customer_key, age, city, suppressed, balance, vip"
    assert desk.rows(columns, "core.customers") == [
        ("ann", 1, 30, "Berlin", False, 1.5, True), ("bob", 3, 40, None, True, None, False),
        ("eve", 2, None, None, None, None, None),
    ]  # fmt: skip
    assert desk.rows("*", "core.attributes") == [
        ("balance", "balance", "DOUBLE", "Balance"), ("vip", "vip", "BOOLEAN", "Vip"),
    ]  # fmt: skip


def test_before_any_transactions_no_ids_are_counted_in_them(desk):
    alone = load_report(desk.load(PEOPLE + "ann,30,Berlin,no,1.5,yes\n"))
    assert "no transactions are loaded yet" in alone
    assert "of these ids" not in alone
    desk.load(HEADER + "1,eve,2024-01-31,5\n")
    assert "0 of these ids occur" in load_report(desk.load(PEOPLE + "bob,40,,yes,,no\n"))


def test_the_latest_load_wins_per_attribute_and_suppression_stays(desk):
    desk.load(PEOPLE + "ann,30,Berlin,yes,1,yes\nbob,40,Rome,no,2,no\n")
    report = desk.load(PEOPLE + "ann,,Potsdam,no,9,\nbob,40,Rome,no,2,no\n")
    assert counts(report) == (2, 1, 0, 1, 0)
    assert desk.rows("customer_id, age, city, suppressed, balance, vip", "core.customers") == [
        ("ann", 30, "Potsdam", True, 9.0, True), ("bob", 40, "Rome", False, 2.0, False),
    ]  # fmt: skip
    assert desk.load(PEOPLE + "ann,,Potsdam,no,9,\nbob,40,Rome,no,2,no\n").loaded == 0


def test_two_different_rows_about_one_customer_are_a_conflict(desk):
    text = "customer_id,age,city\nann,30,Berlin\nann,30,Berlin\nann,31,Berlin\nbob,40,Rome\n"
    report = desk.load(text, kind="customers")
    assert counts(report) == (4, 2, 1, 1, 0)
    assert desk.value("age", "core.customers") == 30


def test_a_value_that_does_not_fit_its_column_rejects_the_row(desk):
    desk.load(PEOPLE + "ann,30,Berlin,no,1.5,yes\n", kind="customers")
    report = desk.load(PEOPLE + "bob,30,Berlin,no,much,yes\ncyd,30.5,Berlin,no,2,yes\n,1,,,,\n")
    assert counts(report) == (3, 0, 3, 0, 0)
    assert sorted(str(reason).split(",")[0] for reason in report.reasons) == [
        "1 x age: not a whole number", "1 x balance: not a number", "1 x customer_id: missing",
    ]  # fmt: skip


def test_a_suppression_that_is_lost_with_its_row_is_told(desk):
    desk.load(PEOPLE + "ann,30,Berlin,yes,1,yes\nbob,40,Rome,no,2,no\n")
    report = desk.load(
        PEOPLE + "ann,x,Berlin,yes,1,yes\nbob,x,Rome,yes,2,no\ncyd,60,Rome,no,2,no\n"
        "dan,50,Rome,yes,2,no\ndan,51,Rome,yes,2,no\n",
        kind="customers",
    )
    assert counts(report) == (5, 2, 3, 0, 0)
    (note,) = report.notes
    assert note.startswith("not suppressed, because the row that says so is rejected: bob;")
    assert desk.rows("customer_id, suppressed", "core.customers") == [
        ("ann", True), ("bob", False), ("cyd", False), ("dan", True),
    ]  # fmt: skip


def test_an_attribute_never_takes_a_name_that_has_a_meaning(desk):
    report = desk.load(
        "customer_id,Churn Risk,Payment Method,order\nann,0.5,card,3\nbob,1,cash,4\n"
    )
    assert report.attributes == {
        "churn_risk_attribute": "Churn Risk",
        "payment_method_attribute": "Payment Method",
        "order": "order",
    }
    assert len(report.notes) == 2
    assert desk.rows('customer_id, "order"', "core.customers") == [("ann", 3.0), ("bob", 4.0)]


def test_an_attribute_may_be_called_like_anything_else(desk):
    names = "place,reason,file_no,row,id,status,content_hash,c1,select,t1,v_age"
    text = f"customer_id,{names}\nann,{',1' * 11}\nbob,{',2' * 11}\n".replace(",,", ",")
    report = desk.load(text, kind="customers")
    assert counts(report) == (2, 2, 0, 0, 0)
    assert desk.rows('"select", reason, place, v_age', "core.customers") == [
        (1.0, 1.0, 1.0, 1.0), (2.0, 2.0, 2.0, 2.0),
    ]  # fmt: skip
    take_out(desk.con, 1)
    assert desk.rows("*", "core.attributes") == []


def test_further_columns_are_what_they_show(desk):
    text = "customer_id;yes;behind;point;open\nann;Y;5 €;€5;1,5\nbob;n;7.25 €;€6.50;3,125\n"
    assert counts(desk.load(text, kind="customers"))[:2] == (2, 2)
    assert desk.rows("yes, behind, point, open", "core.customers") == [
        (False, 7.25, 6.5, "3,125"), (True, 5.0, 5.0, "1,5"),
    ]  # fmt: skip
    # What the next file writes with a comma alone is no number of either kind, and no reject.
    later = desk.load("customer_id;open\ndan;4,250\n", kind="customers")
    assert counts(later)[:2] == (1, 1)


def test_codes_with_leading_zeros_stay_text(desk):
    desk.load("customer_id,plz,flag\nann,01067,0\nbob,10115,1\n", kind="customers")
    assert desk.rows("plz, flag", "core.customers") == [("01067", 0.0), ("10115", 1.0)]
