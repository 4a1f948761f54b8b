"""Loading: typed to the cent, each row once, every row accounted for."""

import itertools
import json
from datetime import date
from decimal import Decimal

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from loading_desk import Desk, counts

from warehouse.configuration import Settings, Source
from warehouse.errors import LoadError, MappingError, UsageError
from warehouse.generations import Workspace
from warehouse.loading import load, unload
from warehouse.unloading import take_out

HEADER = "transaction_id,customer_id,date,amount\n"


@pytest.fixture
def desk(tmp_path):
    desk = Desk(tmp_path)
    yield desk
    desk.con.close()


# Values


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


# Identity


NO_IDS = "customer_id,date,amount\n"


def test_real_repeat_purchases_survive_and_overlaps_add_nothing(desk):
    day = NO_IDS + "ann,2024-01-31,5.00\nann,2024-01-31,5.00\nbob,2024-01-31,5.00\n"
    assert counts(desk.load(day)) == (3, 3, 0, 0, 0)
    # The same day again in another file, with one more of the same and one new.
    more = day + "ann,2024-01-31,5\nbob,2024-02-01,1\n"
    assert counts(desk.load(more)) == (5, 2, 0, 3, 0)
    assert desk.value("count(*) filter (customer_id = 'ann')") == 3
    assert desk.value("count(*)") == 5


def test_the_same_rows_in_two_files_of_one_load_count_once(desk):
    day = NO_IDS + "ann,2024-01-31,5.00\nann,2024-01-31,5.00\n"
    report = desk.load(day, day)
    assert [file.as_json() for file in report.files] == [
        {"file": "1.csv", "read": 2, "loaded": 2, "rejected": 0, "already_loaded": 0,
         "set_aside": 0},
        {"file": "2.csv", "read": 2, "loaded": 0, "rejected": 0, "already_loaded": 2,
         "set_aside": 0},
    ]  # fmt: skip


def test_rows_without_ids_read_with_other_columns_are_warned_about(desk):
    text = "customer_id,date,amount,city\nann,2024-01-31,5.00,Rome\n"
    assert desk.load(text).notes == ()
    report = desk.load(text, mapping={"city": "none"})
    assert report.loaded == 1
    assert "load 1 of this source was read with other columns (city)" in report.notes[0]


def test_the_same_id_with_other_content_is_a_conflict(desk):
    desk.load(HEADER + "1,ann,2024-01-31,5.00\n")
    report = desk.load(HEADER + "1,ann,2024-01-31,6.00\n2,bob,2024-01-31,1\n1,ann,2024-01-31,5\n")
    assert counts(report) == (3, 1, 1, 1, 0)
    assert desk.rows("file, record, column_name, value, reason", "core.rejects") == [
        ("1.csv", 1, "transaction_id", "1", "conflict")
    ]
    assert desk.value("sum(amount)") == Decimal("6.00")


def test_the_first_of_two_contents_within_a_load_is_kept(desk):
    report = desk.load(HEADER + "1,ann,2024-01-31,5\n1,ann,2024-01-31,6\n1,ann,2024-01-31,5.0\n")
    assert counts(report) == (3, 1, 1, 1, 0)
    assert desk.value("amount") == Decimal("5.00")


def test_a_corrected_row_replaces_the_old_one_on_request(desk):
    desk.load(HEADER + "1,ann,2024-01-31,5\n2,ann,2024-01-31,1\n")
    corrected = HEADER + "1,ann,2024-01-31,6\n1,bob,2024-01-31,7\n2,ann,2024-01-31,1\n"
    report = desk.load(corrected, on_conflict="replace")
    assert counts(report) == (3, 1, 0, 1, 1)
    assert desk.rows("transaction_id, customer_id, amount, load_id") == [
        ("1", "bob", Decimal("7.00"), 2), ("2", "ann", Decimal("1.00"), 1),
    ]  # fmt: skip


def test_the_same_id_in_two_sources_is_two_transactions(desk):
    desk.load(HEADER + "1,ann,2024-01-31,5\n", source="shop")
    assert desk.load(HEADER + "1,ann,2024-01-31,6\n", source="web").loaded == 1
    assert desk.rows("source, amount") == [("shop", Decimal("5.00")), ("web", Decimal("6.00"))]


def test_a_conflict_in_most_rows_is_told_how_it_comes(desk, tmp_path):
    workspace = Workspace(tmp_path / "workspace")
    (tmp_path / "lines.csv").write_text(
        HEADER + "".join(f"{n // 2},ann,2024-01-31,{n}\n" for n in range(20))
    )
    with pytest.raises(LoadError, match="--map order_id=transaction_id --map transaction_id=none"):
        load(workspace, Settings(), [str(tmp_path / "lines.csv")])


def test_customer_keys_are_dense_and_stay(desk):
    desk.load(HEADER + "1,cyd,2024-01-31,5\n2,ann,2024-01-31,5\n")
    desk.load(HEADER + "3,bob,2024-01-31,5\n4,ann,2024-02-01,5\n")
    known = [("ann", 1), ("bob", 3), ("cyd", 2)]
    assert desk.rows("customer_id, customer_key", "core.customers") == known
    assert desk.rows("distinct customer_id, customer_key") == known


# Rejects and what is set aside


def test_a_reject_names_file_record_column_value_and_reason(desk):
    rows = "1,ann,2024-01-31,5\n2,bob\n3,cyd,2024-01-31,five\n4,dan,,5\n5,eve,2024-01-31,\n"
    report = desk.load(HEADER + rows + "6,eve,2024-01-31,1\n")
    assert counts(report) == (6, 2, 4, 0, 0)
    assert desk.rows("file, record, column_name, value, reason", "core.rejects") == [
        ("1.csv", 2, None, "2,bob", "too few columns"),
        ("1.csv", 3, "amount", "five", "not a number"),
        ("1.csv", 4, "date", None, "missing"),
        ("1.csv", 5, "amount", None, "missing"),
    ]


def test_a_reject_keeps_its_whole_record(desk):
    rows = "1,ann,2024-01-31,five\n2,bob\n3,cyd,2024-01-31,3\n3,cyd,2024-01-31,4\n"
    desk.load(HEADER + rows)
    names = ("transaction_id", "customer_id", "date", "amount")
    kept = [
        (reason, json.loads(text)) for reason, text in desk.rows("reason, row_text", "core.rejects")
    ]
    assert kept == [
        ("conflict", dict(zip(names, ("3", "cyd", "2024-01-31", "4"), strict=True))),
        ("not a number", dict(zip(names, ("1", "ann", "2024-01-31", "five"), strict=True))),
        # It could not be split into columns: the text stands under the empty name.
        ("too few columns", dict.fromkeys(names) | {"": "2,bob"}),
    ]


def test_what_is_set_aside_is_kept_with_the_reason(desk):
    text = "customer_id,date,amount,money\nann,2024-01-31,1,GBP\nann,2024-01-31,2,USD\n"
    desk.load(text, mapping={"currency": "money"})
    assert desk.rows("record, outcome, column_name, value, reason", "core.rejects") == [
        (2, "set_aside", "money", "USD", "in another currency")
    ]


def test_the_value_of_a_reject_is_bounded(desk):
    desk.load(HEADER + f"1,ann,2024-01-31,{'x' * 5000}\n2,bob,2024-01-31,1\n")
    assert desk.value("length(value)", "core.rejects") == 200


def test_other_currencies_are_set_aside_with_a_count(desk):
    report = desk.load(
        "customer_id,date,amount,currency\nann,2024-01-31,1,gbp\nann,2024-01-31,2,USD\n"
        "ann,2024-01-31,oops,EUR\nann,2024-01-31,4,\n"
    )
    assert counts(report) == (4, 2, 0, 0, 2)
    (note,) = report.notes
    assert "rows in EUR, USD are set aside, the workspace keeps GBP" in note
    assert 'currency = "EUR"' in note
    assert desk.rows("amount, currency") == [(Decimal("1.00"), "GBP"), (Decimal("4.00"), "GBP")]


def test_dated_and_undated_transactions_do_not_mix(desk):
    desk.load(HEADER + "1,ann,2024-01-31,5\n")
    with pytest.raises(LoadError, match="with and without dates"):
        desk.load("transaction_id,customer_id,amount\n2,ann,5\n3,ann,6\n")


def test_an_undated_ledger_says_so(desk):
    report = desk.load("customer_id,amount\nann,5\nann,6\n")
    assert report.notes == ("no column of dates: an undated ledger, which counts as a whole",)
    assert desk.rows("purchased_at, purchased_on") == [(None, None), (None, None)]


def test_a_year_of_daily_files_is_one_load(desk):
    days = [HEADER + f"{day},ann,2024-01-{day:02d},{day}\n" for day in range(1, 32)]
    report = desk.load(*days)
    assert (len(report.files), report.loaded) == (31, 31)
    assert desk.value("sum(amount)") == Decimal("496.00")


# Customers files


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


def test_codes_with_leading_zeros_stay_text(desk):
    desk.load("customer_id,plz,flag\nann,01067,0\nbob,10115,1\n", kind="customers")
    assert desk.rows("plz, flag", "core.customers") == [("01067", 0.0), ("10115", 1.0)]


# Unloading


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


# The whole command


@pytest.fixture
def shop(tmp_path):
    """A workspace, and a function that loads a text into it."""
    workspace = Workspace(tmp_path / "workspace")

    def load_text(text, settings=None, name="orders.csv", **wishes):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return load(workspace, settings or Settings(threads=1), [str(tmp_path / name)], **wishes)

    load_text.workspace = workspace
    return load_text


def stored(workspace, query):
    with duckdb.connect(str(workspace.current().database), read_only=True) as con:
        return con.execute(query).fetchall()


def test_a_load_publishes_a_generation_and_reports_it(shop):
    report = shop(HEADER + "1,ann,2024-01-31,5\n2,bob,2024-02-01,-2\n")
    assert report.as_json() == {
        "schema": 1, "load_id": 1, "read": 2, "loaded": 2, "rejected": 0, "already_loaded": 0,
        "set_aside": 0,
        "files": [{"file": "orders.csv", "read": 2, "loaded": 2, "rejected": 0,
                   "already_loaded": 0, "set_aside": 0}],
        "mapping": {"transaction_id": "transaction_id", "customer_id": "customer_id",
                    "purchased_at": "date", "amount": "amount"},
        "unused": [], "rules": [], "as": "transactions", "generation": 1, "dry_run": False,
        "notes": [],
    }  # fmt: skip
    assert shop.workspace.current().manifest.loads == [1]
    assert stored(shop.workspace, "select read, loaded, mapping from core.loads")[0][:2] == (2, 2)


def test_loading_the_same_again_publishes_nothing(shop):
    shop(HEADER + "1,ann,2024-01-31,5\n")
    report = shop(HEADER + "1,ann,2024-01-31,5.00\n")
    assert (report.already_loaded, report.load_id, report.generation) == (1, None, 1)
    assert shop.workspace.numbers() == [1]


def test_a_dry_run_reports_and_changes_nothing(shop):
    report = shop(HEADER + "1,ann,2024-01-31,5\n", dry_run=True)
    assert (report.loaded, report.load_id, report.generation, report.dry_run) == (
        1,
        None,
        None,
        True,
    )
    assert shop.workspace.numbers() == []


def test_too_many_rejects_load_nothing(shop):
    good = "".join(f"{n},ann,2024-01-31,5\n" for n in range(18))
    text = HEADER + good + "98,bob,2024-01-31,x\n99,bob,2024-01-31,y\n"
    with pytest.raises(LoadError) as caught:
        shop(text)
    assert caught.value.exit_code == 3
    assert "2 of 20 rows" in str(caught.value)
    assert "2 x amount: not a number, first in orders.csv, record 19 ('x')" in str(caught.value)
    assert caught.value.report.rejected == 2
    assert shop.workspace.numbers() == []
    assert shop(text, Settings(max_reject_pct=10)).loaded == 18


def test_a_workspace_keeps_its_currency(shop):
    shop(HEADER + "1,ann,2024-01-31,5\n")
    with pytest.raises(LoadError, match=r'currency = "GBP"'):
        shop(HEADER + "2,ann,2024-01-31,5\n", Settings(currency="EUR"))


def test_only_foreign_rows_are_nothing_to_load(shop):
    with pytest.raises(LoadError, match="rows in EUR are set aside"):
        shop("customer_id,date,amount,currency\nann,2024-01-31,1,EUR\nann,2024-01-31,2,EUR\n")


def test_a_source_of_the_settings_brings_its_mapping(shop):
    settings = Settings(sources={"till": Source(map={"amount": "gross", "city": "place"})})
    text = "customer_id,date,net,gross,place\nann,2024-01-31,1.00,1.19,Rome\n"
    report = shop(text, settings, source_name="till")
    assert report.mapping["amount"] == "gross"
    assert report.unused == ("net",)
    assert stored(shop.workspace, "select source, amount, city from core.transactions") == [
        ("till", Decimal("1.19"), "Rome")
    ]


def test_unload_publishes_a_generation_without_the_load(shop):
    shop(HEADER + "1,ann,2024-01-31,5\n")
    shop(HEADER + "2,bob,2024-01-31,7\n")
    generation = unload(shop.workspace, Settings(threads=1), 1)
    assert generation.manifest.loads == [2]
    assert stored(shop.workspace, "select customer_id from core.customers") == [("bob",)]


# Properties


dirty = st.tuples(
    st.sampled_from(["1", "2", "3", "", "7.0"]),
    st.sampled_from(["ann", "bob", "", " ann "]),
    st.sampled_from(["2024-01-31", "2024-01-31 00:00", "2024-02-30", "", "soon"]),
    st.sampled_from(["5", "5.00", "-1", "x", "", "1e99", "=1+1"]),
    st.sampled_from(["GBP", "", "EUR"]),
    st.sampled_from(["", ",extra", "\r"]),
)
dirty_files = st.lists(st.lists(dirty, min_size=1, max_size=12), min_size=1, max_size=3)
FULL = "transaction_id,customer_id,date,amount,currency\n"
WISHES = {"transaction_id": "1", "purchased_at": "3", "amount": "4", "currency": "5"}


@given(files=dirty_files, on_conflict=st.sampled_from(["reject", "replace"]))
@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_every_row_of_a_dirty_file_is_accounted_for(tmp_path, files, on_conflict):
    desk = Desk(tmp_path)
    texts = [
        FULL + "".join(",".join(row[:5]) + row[5].strip("\r") + "\n" for row in rows)
        for rows in files
    ]
    for _ in range(2):
        report = desk.load(*texts, kind="transactions", mapping=WISHES, on_conflict=on_conflict)
        assert [file.read for file in report.files] == [len(rows) for rows in files]
        assert sum(counts(report)[1:]) == report.read
        if report.loaded:
            kept = desk.rows(
                "outcome, count(*)",
                f"core.rejects where load_id = {report.load_id} group by outcome",
            )
            wanted = {"rejected": report.rejected, "set_aside": report.set_aside}
            assert dict(kept) == {outcome: rows for outcome, rows in wanted.items() if rows}
    assert report.loaded == 0 or on_conflict == "replace"
    desk.con.close()


clean = st.tuples(
    st.sampled_from(["ann", "bob", ""]),
    st.sampled_from(["2024-01-31", "2024-02-01 10:00"]),
    st.sampled_from(["5", "5.00", "-1.5"]),
)


@given(
    days=st.lists(st.lists(clean, min_size=1, max_size=6), min_size=2, max_size=3),
    order=st.randoms(use_true_random=False),
)
@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_files_in_any_order_overlapping_and_twice_give_the_same_table(tmp_path, days, order):
    texts = [NO_IDS + "".join(",".join(row) + "\n" for row in day) for day in days]
    together = Desk(tmp_path)
    together.load(*texts, kind="transactions")
    one_by_one = Desk(tmp_path)
    again = texts + texts[:2]
    order.shuffle(again)
    for text in again:
        one_by_one.load(text, kind="transactions")
    assert one_by_one.content() == together.content()
    most = {}
    for day in days:
        for row, group in itertools.groupby(sorted((c, d, Decimal(a)) for c, d, a in day)):
            most[row] = max(most.get(row, 0), len(list(group)))
    assert together.value("count(*)") == sum(most.values())
    together.con.close()
    one_by_one.con.close()
