"""Values of a file as they are stored: money to the cent, moments in local time, kinds."""

from datetime import date
from decimal import Decimal

import pytest
from loading_desk import counts

from warehouse.errors import MappingError

HEADER = "transaction_id,customer_id,date,amount\n"


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("2.675", "2.68"), ("-2.675", "-2.68"), ("0.005", "0.01"), ("2.6749999", "2.67"),
        ("1e3", "1000.00"), ("+7", "7.00"), (" 9.10 ", "9.10"), ("0.1", "0.10"),
        ("9007199254740993.01", "9007199254740993.01"),
    ],
)  # fmt: skip
def test_money_is_rounded_half_away_from_zero_and_never_a_double(desk, text, cents):
    desk.load(HEADER + f"1,ann,2024-01-31,{text}\n")
    assert desk.value("amount") == Decimal(cents)


def test_quantity_times_price_is_rounded_line_by_line(desk):
    desk.load(
        "customer_id,date,quantity,unit_price\n"
        "ann,2024-01-31,3,0.335\nann,2024-01-31,-3,0.335\nann,2024-01-31,1000000,1500.5\n"
    )
    # 3 x 0.335 = 1.005, and a product beyond 18 digits
    assert desk.rows("amount, kind") == [
        (Decimal("-1.01"), "refund"),
        (Decimal("1.01"), "purchase"),
        (Decimal("1500500000.00"), "purchase"),
    ]


def test_a_parquet_and_a_csv_of_the_same_rows_are_the_same_rows(desk):
    desk.con.execute(
        "copy (select * from (values (17850.0::double, timestamp '2024-01-31 08:26:00', 3,"
        " 0.335::double), (13047.0, timestamp '2024-01-31 09:00:00', 1, 2.55))"
        " t(customer_id, date, quantity, unit_price))"
        f" to '{desk.folder}/0.parquet'"
    )
    text = (
        "customer_id,date,quantity,unit_price\n"
        "17850,2024-01-31 08:26:00,3,0.335\n13047,2024-01-31T09:00,1.0,2.550\n"
    )
    first = desk.load(text)
    again = desk.load_files(f"{desk.folder}/0.parquet")
    assert (first.loaded, again.already_loaded, again.loaded) == (2, 2, 0)
    assert desk.rows("customer_id") == [("13047",), ("17850",)]


def test_ids_lose_their_point_zero_only_if_all_have_it(desk):
    desk.load(HEADER + "1.0,00004,2024-01-31,1\n2.0,7.0,2024-01-31,1\n")
    assert desk.rows("transaction_id, customer_id") == [("1", "00004"), ("2", "7.0")]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-01-31", "2024-01-31 00:00:00"),
        ("2024-01-31 08:26", "2024-01-31 08:26:00"),
        ("2024-01-31T08:26:05.5", "2024-01-31 08:26:05.5"),
        ("2024/1/31", "2024-01-31 00:00:00"),
        ("20240131", "2024-01-31 00:00:00"),
        ("31.01.2024", "2024-01-31 00:00:00"),
        ("1/31/2024 4:05 PM", "2024-01-31 16:05:00"),
        ("31-01-2024 12:04", "2024-01-31 12:04:00"),
        ("2024-01-31T23:30:00Z", "2024-02-01 00:30:00"),
        ("2024-07-01 00:30:00+0200", "2024-07-01 00:30:00"),
        ("2024-07-01 10:00:00 UTC", "2024-07-01 12:00:00"),
    ],
)
def test_dates_of_many_forms_in_the_time_of_the_workspace(desk, text, moment):
    desk.load(HEADER + f"1,ann,{text},1\n", timezone="Europe/Berlin", mapping={"purchased_at": "3"})
    assert desk.rows("purchased_at::varchar, purchased_on::varchar") == [(moment, moment[:10])]


@pytest.mark.parametrize(
    "text", ["2024-02-30", "0024-01-31", "9999-12-31", "infinity", "epoch", "soon", "31/31/2024"]
)
def test_what_is_no_date_is_a_reject(desk, text):
    report = desk.load(
        HEADER + f"1,ann,{text},1\n2,bob,2024-01-31,1\n", mapping={"purchased_at": "3"}
    )
    assert counts(report) == (2, 1, 1, 0, 0)
    assert str(report.reasons[0]) == f"1 x date: not a date, first in 1.csv, record 1 ({text!r})"


def test_the_order_of_day_and_month_follows_from_the_whole_column(desk):
    desk.load(HEADER + "1,ann,03/04/2024,1\n2,ann,13-04-2024,1\n")
    assert desk.rows("purchased_on") == [(date(2024, 4, 3),), (date(2024, 4, 13),)]


def test_an_open_order_is_taken_from_the_other_files_of_the_load(desk):
    desk.load(HEADER + "1,ann,03/04/2024,1\n", HEADER + "2,ann,04/13/2024,1\n")
    assert desk.rows("purchased_on") == [(date(2024, 3, 4),), (date(2024, 4, 13),)]


@pytest.mark.parametrize("texts", [["03/04/2024"], ["13/04/2024", "04/13/2024"]])
def test_an_order_that_is_not_clear_is_a_question(desk, texts):
    rows = "".join(f"{n},ann,{text},1\n" for n, text in enumerate(texts))
    with pytest.raises(MappingError, match="--date-order day-first"):
        desk.load(HEADER + rows)


def test_the_order_that_the_user_names_decides(desk):
    desk.load(HEADER + "1,ann,03/04/2024,1\n", date_order="month-first")
    assert desk.value("purchased_on") == date(2024, 3, 4)


def test_missing_values_are_null_and_texts_are_trimmed(desk):
    desk.load(
        "customer_id,date,amount,category,city\n"
        "nan,2024-01-31,1, Shoes ,NA\nNULL,2024-01-31,2,None,\n ann ,2024-01-31,3,nan,\n"
    )
    assert desk.rows("amount, customer_id, customer_key, category, city") == [
        (Decimal("1.00"), None, None, "Shoes", "NA"),
        (Decimal("2.00"), None, None, "None", None),
        (Decimal("3.00"), "ann", 1, None, None),
    ]


def test_a_type_column_gives_the_kind_and_the_sign(desk):
    desk.load(
        "customer_id,date,amount,type\na,2024-01-31,10,Expense\na,2024-01-31,20,Income\n"
        "a,2024-01-31,30,Transfer-Out\na,2024-01-31,40,refund\na,2024-01-31,-50,debit\n"
    )
    assert desk.rows("abs(amount), amount < 0, kind") == [
        (Decimal(10), False, "purchase"), (Decimal(20), False, "income"),
        (Decimal(30), False, "transfer"), (Decimal(40), True, "refund"),
        (Decimal(50), True, "refund"),
    ]  # fmt: skip


def test_an_order_is_the_transaction_where_the_source_has_none(desk):
    desk.load(HEADER + "7,ann,2024-01-31,1\n")
    assert desk.rows("order_id, transaction_id") == [("7", "7")]
