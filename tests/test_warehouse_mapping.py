"""Columns to ours: wishes first, then names, then contents; what is ambiguous is asked."""

import pytest

from warehouse.errors import MappingError, UsageError
from warehouse.mapping import Wishes
from warehouse.planning import make_plan


@pytest.fixture
def plan(tmp_path):
    """Plan of a file with this text."""

    def make(text, kind=None, preset=None, announce=None, **columns):
        (tmp_path / "a.csv").write_text(text, encoding="utf-8")
        wishes = Wishes(kind, columns, preset or {})
        return make_plan([str(tmp_path / "a.csv")], wishes, announce)

    return make


def mapped(plan):
    return plan.mapping_as_json()


RETAIL = """\
InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
536365,85123A,HOLDER,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom
536365,71053,LANTERN,6,2010-12-01 08:26:00,3.39,17850.0,United Kingdom
"""
SALES = "customer_id,date,amount\nann,2024-01-31,2.50\nbob,2024-02-01,3.50\nann,2024-02-02,1.00\n"


def test_a_shop_with_quantity_and_price_needs_no_hint(plan):
    made = plan(RETAIL)
    assert made.kind == "transactions"
    assert mapped(made) == {
        "order_id": "InvoiceNo",
        "customer_id": "CustomerID",
        "purchased_at": "InvoiceDate",
        "amount": "Quantity * UnitPrice",
        "quantity": "Quantity",
        "unit_price": "UnitPrice",
        "product_id": "StockCode",
        "product": "Description",
        "country": "Country",
    }
    assert made.unused() == ()


def test_names_are_compared_without_case_and_signs(plan):
    text = "Transaction ID,Customer-Id,TRANSACTION DATE,Total Amount,colour\n1,a,2024-01-31,2,red\n"
    made = plan(text)
    assert mapped(made) == {
        "transaction_id": "Transaction ID",
        "customer_id": "Customer-Id",
        "purchased_at": "TRANSACTION DATE",
        "amount": "Total Amount",
    }
    assert made.unused() == ("colour",)


def test_our_own_name_wins_over_a_synonym(plan):
    text = "customer_id,user_id,date,amount,total\nann,7,2024-01-31,2.5,9\nann,7,2024-01-31,3,9\n"
    assert mapped(plan(text)) == {
        "customer_id": "customer_id", "purchased_at": "date", "amount": "amount",
    }  # fmt: skip


def test_two_columns_that_could_be_the_same_are_a_question(plan):
    text = "customer_id,order_date,invoice_date,amount\nann,2024-01-31,2024-02-01,2.50\n"
    with pytest.raises(MappingError) as caught:
        plan(text)
    message = str(caught.value)
    assert "2 columns could be purchased_at" in message
    assert "order_date (2024-01-31); invoice_date (2024-02-01)" in message
    assert "--map purchased_at=order_date" in message


@pytest.mark.parametrize(
    ("columns", "ours", "names"),
    [
        ("date,amount,amount", "amount", "amount (12.00); amount_2 (19.00)"),
        ("date,Amount,amount", "amount", "Amount (12.00); amount_2 (19.00)"),
        ("date,amount,vat,Date", "purchased_at", "date (2024-01-31); Date_2 (2024-02-01)"),
    ],
)
def test_two_columns_of_one_name_are_a_question(plan, columns, ours, names):
    cells = ("ann", "2024-01-31", "12.00", "19.00", "2024-02-01")[: columns.count(",") + 2]
    text = f"customer,{columns}\n{','.join(cells)}\n"
    with pytest.raises(MappingError) as caught:
        plan(text)
    assert f"2 columns could be {ours}" in str(caught.value)
    assert names in str(caught.value)
    second = names.split()[2]
    assert mapped(plan(text, **{ours: second}))[ours] == second


def test_a_wish_answers_the_question(plan):
    text = "customer_id,order_date,invoice_date,amount\nann,2024-01-31,2024-02-01,2.50\n"
    made = plan(text, purchased_at="invoice_date")
    assert mapped(made)["purchased_at"] == "invoice_date"
    assert made.unused() == ("order_date",)


def test_a_name_whose_values_contradict_is_not_believed(plan):
    text = "customer_id,date,when,amount\nann,monday,2024-01-31,2.50\nann,friday,2024-02-01,2.50\n"
    made = plan(text)
    assert mapped(made)["purchased_at"] == "when"
    assert made.unused() == ("date",)


def test_the_only_columns_of_dates_and_of_money_are_found_by_content(plan):
    text = "customer_id,when,how_much,points\nann,31.01.2024,2.50,3\nann,01.02.2024,3.10,4\n"
    assert mapped(plan(text)) == {
        "customer_id": "customer_id", "purchased_at": "when", "amount": "how_much",
    }  # fmt: skip


def test_two_unknown_columns_of_dates_are_a_question(plan):
    text = "customer_id,sent,came,amount\nann,2024-01-31,2024-02-01,2.50\n"
    with pytest.raises(MappingError, match=r"2 columns hold dates[\s\S]*purchased_at=none"):
        plan(text)


def test_no_amount_column_lists_what_could_be(plan):
    text = "customer_id,date,shoes,points\nann,2024-01-31,left,3\nann,2024-02-01,right,4\n"
    with pytest.raises(MappingError) as caught:
        plan(text)
    assert "no column could be found for amount" in str(caught.value)
    assert "points (3)" in str(caught.value)
    assert "shoes" not in str(caught.value)


def test_a_ledger_without_dates_is_legal(plan):
    text = "customer_id,amount\nann,2.50\nann,3.50\n"
    assert mapped(plan(text)) == {"customer_id": "customer_id", "amount": "amount"}


def test_a_price_without_a_quantity_is_the_amount(plan):
    text = "customer_id,date,price\nann,2024-01-31,2.50\nann,2024-01-31,3.50\n"
    assert mapped(plan(text))["amount"] == "price"


HEADERLESS = "00004 0001 19970101 2 29.33\n00004 0001 19970118 2 29.73\n"


def test_a_file_without_header_is_mapped_by_position(plan):
    made = plan(HEADERLESS, customer_id="1", purchased_at="3", quantity="4", amount="5")
    assert mapped(made) == {
        "customer_id": "column 1",
        "purchased_at": "column 3",
        "amount": "column 5",
        "quantity": "column 4",
    }
    assert made.unused() == ("column 2",)


def test_a_file_without_header_asks_for_positions_and_shows_how(plan):
    with pytest.raises(MappingError) as caught:
        plan(HEADERLESS)
    assert "1: 00004; 2: 0001; 3: 19970101; 4: 2; 5: 29.33" in str(caught.value)
    assert "--map customer_id=1 --map purchased_at=3 --map amount=5" in str(caught.value)


@pytest.mark.parametrize(
    ("theirs", "wanted"),
    [("amount", "amount"), ("AMOUNT", "amount"), ("3", "amount"), ("points*amount", None)],
)
def test_the_right_side_is_a_name_a_position_or_a_product(plan, theirs, wanted):
    text = "customer_id,date,amount,points\nann,2024-01-31,2.50,3\n"
    assert mapped(plan(text, amount=theirs))["amount"] == (wanted or "points * amount")


def test_a_column_called_like_a_number_is_found_by_name(plan):
    made = plan(SALES.replace("customer_id", "x,1").replace("ann", "q,ann"), customer_id="1")
    assert mapped(made)["customer_id"] == "1"
    assert made.mappings[0].choices["customer_id"].origin.position == 2


def test_a_constant_and_none_are_wishes_too(plan):
    made = plan(SALES, customer_id="none", channel="'web'")
    assert mapped(made) == {"purchased_at": "date", "amount": "amount", "channel": "'web'"}
    assert made.unused() == ("customer_id",)


@pytest.mark.parametrize(
    ("ours", "theirs", "error", "words"),
    [
        ("amount", "amuont", MappingError, "did you mean 'amount'?"),
        ("amount", "9", MappingError, "a position 1 to 3"),
        ("amount", "amount*nothing", MappingError, "no column 'nothing'"),
        ("amount", "amount*amount*amount", UsageError, "two columns"),
        ("quantity", "amount*amount", UsageError, "only amount"),
        ("amount", "'5'", UsageError, "cannot be the same in every row"),
        ("amuont", "amount", UsageError, "did you mean 'amount'?"),
        ("amount", "amount); drop table core.loads; --", MappingError, "no column"),
    ],
)
def test_a_wish_that_cannot_be_is_told_why(plan, ours, theirs, error, words):
    with pytest.raises(error) as caught:
        plan(SALES, kind="transactions", **{ours: theirs})
    assert words in str(caught.value)


def test_hostile_column_names_stay_names(plan):
    name = "amount\"); drop table x; --'"
    quoted = name.replace('"', '""')
    made = plan(f'customer_id,date,"{quoted}"\na,2024-01-31,2.50\n', amount="3")
    assert mapped(made)["amount"] == name


def test_the_settings_map_and_the_call_wins(plan):
    preset = {"amount": "points", "city": "place"}
    text = "customer_id,date,amount,points,place\nann,2024-01-31,2.50,3,Berlin\n"
    assert mapped(plan(text, preset=preset))["amount"] == "points"
    made = mapped(plan(text, preset=preset, amount="amount"))
    assert (made["amount"], made["city"]) == ("amount", "place")


def test_one_row_per_customer_without_amount_or_date_is_a_customers_file(plan):
    made = plan("CUST_ID,BALANCE,CREDIT_LIMIT\nC1,40.9,1000\nC2,3202.4,7000\n")
    assert made.kind == "customers"
    assert mapped(made) == {"customer_id": "CUST_ID", "credit_limit": "CREDIT_LIMIT"}


def test_customers_once_each_with_an_amount_and_no_date_are_a_question(plan):
    text = "customer_id,amount\nann,2.50\nbob,3.50\n"
    with pytest.raises(MappingError, match="--as customers"):
        plan(text)
    assert plan(text, kind="transactions").kind == "transactions"


def test_a_ledger_of_one_person_belongs_to_its_owner(plan):
    text = (
        "Date,Note,Amount,Income/Expense\n"
        "20/01/2024,rent,800.00,Expense\n31/01/2024,pay,2000.00,Income\n"
    )
    made = mapped(plan(text))
    assert made["customer_id"] == "'owner'"
    assert made["kind"] == "Income/Expense"


def test_a_shop_without_a_customer_column_is_asked(plan):
    with pytest.raises(MappingError, match="customer_id=none"):
        plan("date,amount,buyer\n2024-01-31,2.50,ann\n2024-02-01,3.50,bob\n")


def test_a_stray_word_does_not_make_a_type_column_unused(plan):
    kinds = ["expense", "income", "cashback", *["Expense", "transfer"] * 15]
    rows = "".join(f"{n},ann,2024-01-31,2.50,{kind}\n" for n, kind in enumerate(kinds))
    assert mapped(plan(f"id,customer_id,date,amount,type\n{rows}"))["kind"] == "type"


@pytest.mark.parametrize(
    "words",
    [
        ["credit", "cash"], ["sale", "sale", "rent"], ["credit", "debit", "x", "y", "z"],
        [*["credit", "debit"] * 20, "cash"], ["sale", "sale", "return", "online"],
    ],
)  # fmt: skip
def test_a_type_column_of_few_or_doubtful_kinds_is_left_alone(plan, words):
    rows = "".join(f"ann,2024-01-31,2.50,{word}\n" for word in words)
    assert "kind" not in mapped(plan(f"customer_id,date,amount,type\n{rows}"))


def test_a_type_column_of_other_words_is_left_alone(plan):
    text = "customer_id,date,amount,type\nann,2024-01-31,2.50,online\nann,2024-02-01,3.50,store\n"
    made = plan(text)
    assert "kind" not in mapped(made)
    assert made.unused() == ("type",)


def test_files_of_two_kinds_are_not_loaded_together(tmp_path):
    (tmp_path / "1.csv").write_text(SALES)
    (tmp_path / "2.csv").write_text("customer_id,age\nann,30\nbob,40\n")
    with pytest.raises(MappingError, match=r"1\.csv: transactions"):
        make_plan([str(tmp_path / "*.csv")], Wishes(), None)


def test_the_announced_table_shows_an_example_of_each_column(plan):
    tables = []
    plan(RETAIL, announce=tables.append)
    rows = {row.ours: row for row in tables[0].rows}
    assert tables[0].files == ("a.csv",)
    assert rows["amount"].theirs == "Quantity * UnitPrice"
    assert rows["amount"].example == "6 * 2.55"
    assert rows["amount"].how == "computed"
    assert rows["customer_id"].how == "by name"
