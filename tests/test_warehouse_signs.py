"""Signs: whether spending is positive or negative is decided from the whole column, and said."""

from decimal import Decimal

import pytest
from loading_desk import counts

from warehouse.configuration import read_settings
from warehouse.errors import MappingError
from warehouse.generations import Workspace
from warehouse.loading import load


def rows(desk):
    return [
        (customer, kind, str(amount))
        for customer, kind, amount in desk.rows("customer_id, kind, amount")
    ]


TYPED = "customer_id,date,amount,type\n"
BANK = "date,amount,details\n"
MINUS = "so negative amounts are spend"


def test_debits_with_a_minus_sign_are_spend(desk):
    report = desk.load(TYPED + "a,2024-01-31,-12.50,debit\nb,2024-01-31,100,credit\n")
    assert rows(desk) == [("a", "purchase", "12.50"), ("b", "income", "100.00")]
    assert any(note.startswith("1.csv: ") and MINUS in note for note in report.notes)


def test_debits_without_a_sign_are_spend_too(desk):
    report = desk.load(TYPED + "a,2024-01-31,12.50,debit\nb,2024-01-31,100,credit\n")
    assert rows(desk) == [("a", "purchase", "12.50"), ("b", "income", "100.00")]
    assert not any(MINUS in note for note in report.notes)


@pytest.mark.parametrize(("most", "one"), [("-5", "3"), ("5", "-3")])
def test_spending_of_the_rarer_sign_was_taken_back(desk, most, one):
    desk.load(TYPED + f"a,2024-01-31,{most},debit\n" * 2 + f"a,2024-02-01,{one},debit\n")
    assert rows(desk) == [
        ("a", "purchase", "5.00"), ("a", "purchase", "5.00"), ("a", "refund", "-3.00"),
    ]  # fmt: skip


def test_a_refund_by_name_is_one_whatever_its_sign(desk):
    desk.load(
        TYPED + "a,2024-01-31,-5,expense\na,2024-01-31,-6,expense\n"
        "b,2024-01-31,2,refund\nc,2024-01-31,-3,refund\n"
    )
    assert rows(desk)[2:] == [("b", "refund", "-2.00"), ("c", "refund", "-3.00")]


def test_each_file_has_its_own_sign(desk):
    desk.load(TYPED + "a,2024-01-31,-5,debit\n", TYPED + "b,2024-01-31,7,debit\n")
    assert rows(desk) == [("a", "purchase", "5.00"), ("b", "purchase", "7.00")]


def test_turned_rows_are_known_by_what_they_became(desk):
    typed = TYPED + "a,2024-01-31,-12.50,debit\nb,2024-01-31,-1,debit\n"
    desk.load(typed)
    assert counts(desk.load(typed)) == (2, 0, 0, 2, 0)
    # The same spending, written without the sign, is the same.
    assert counts(desk.load(typed.replace("-12", "12").replace("-1,", "1,"))) == (2, 0, 0, 2, 0)


def test_turned_rows_with_ids_conflict_only_where_they_differ(desk):
    head = "transaction_id," + TYPED
    desk.load(head + "1,a,2024-01-31,-12.50,debit\n2,a,2024-01-31,-3,debit\n")
    again = desk.load(head + "1,a,2024-01-31,-12.50,debit\n2,a,2024-01-31,-4,debit\n")
    assert counts(again) == (2, 0, 1, 1, 0)


def test_a_signed_account_without_types_and_names_is_the_ledger_of_one_person(desk):
    report = desk.load(BANK + "2024-01-31,-5,shop\n2024-02-01,-7.25,rent\n2024-02-02,100,pay\n")
    assert rows(desk) == [
        ("owner", "income", "100.00"), ("owner", "purchase", "5.00"), ("owner", "purchase", "7.25"),
    ]  # fmt: skip
    assert any(MINUS in note and "the others are income" in note for note in report.notes)
    assert any("every row belongs to 'owner'" in note for note in report.notes)


def test_an_account_whose_amounts_are_mostly_positive_is_asked_for_its_customers(desk):
    with pytest.raises(MappingError, match="no column could be found for customer_id"):
        desk.load(BANK + "2024-01-31,5,shop\n2024-02-01,7,rent\n2024-02-02,-100,pay\n")


def test_a_shop_that_only_takes_back_turns_nothing(desk):
    desk.load("customer_id,date,amount\na,2024-01-31,-5\nb,2024-01-31,-6\n")
    assert {kind for _, kind, _ in rows(desk)} == {"refund"}


def test_nobody_is_known_and_the_report_says_so(desk):
    report = desk.load(
        "date,amount,note\n2024-01-31,5,x\n2024-02-01,6,y\n", mapping={"customer_id": "none"}
    )
    assert "no column of customers: nobody is known, so nobody can be scored" in report.notes
    assert desk.rows("customer_id, amount") == [(None, Decimal("5.00")), (None, Decimal("6.00"))]


def test_where_nothing_is_spent_the_report_says_so(desk):
    text = "customer_id,date,amount\na,2024-01-31,-5\n"
    assert "no purchase with a positive amount" in desk.load(text).notes[-1]
    # With a purchase in the workspace there is a day again.
    desk.load("customer_id,date,amount\na,2024-01-30,5\n")
    report = desk.load("customer_id,date,amount\nb,2024-01-31,-5\n")
    assert not any("no purchase" in note for note in report.notes)


def test_the_sign_is_learned_for_files_of_a_few_rows(tmp_path):
    folder = tmp_path / "workspace"
    folder.mkdir()

    def drop(name, text):
        (tmp_path / name).write_text(TYPED + text, encoding="utf-8")
        return load(
            Workspace(folder), read_settings(folder), [str(tmp_path / name)], presets="save"
        )

    drop("a.csv", "a,2024-01-31,-5,debit\nb,2024-01-31,-6,debit\n")
    (preset,) = read_settings(folder).presets.values()
    assert preset.signs == "negative"
    # Alone it would be a purchase.
    report = drop("b.csv", "a,2024-02-01,5,debit\n")
    assert report.loaded == 1
    assert any(MINUS in note for note in report.notes)
