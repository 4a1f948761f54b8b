"""Rejected records as a file: put right, it loads; nothing of a record is lost on the way."""

import csv
import io

import pytest
from conftest import spendboard
from loading_desk import counts

from warehouse.errors import NoDataError, UsageError
from warehouse.rejects import find, write

HEAD = "transaction_id;customer_id;date;amount;note\n"
DIRTY = (
    HEAD + '1;ann;2024-01-31;5;fine\n2;bob;soon;6;"a ""quoted"" note; two\nlines"\n'
    "3;cyd;2024-01-31\n4;dan;2024-01-31;x;\n"
)


def written(desk, **which):
    target = io.StringIO()
    rejects = find(desk.con, **which)
    count = write(desk.con, rejects, target)
    rows = list(csv.DictReader(io.StringIO(target.getvalue())))
    assert len(rows) == count
    return rows


def test_records_are_written_as_they_were_with_the_reason_behind(desk):
    desk.load(DIRTY)
    assert written(desk) == [
        {"transaction_id": "2", "customer_id": "bob", "date": "soon", "amount": "6",
         "note": 'a "quoted" note; two\nlines', "rejected_because": "date: not a date",
         "rejected_file": "1.csv", "rejected_record": "2", "rejected_text": ""},
        {"transaction_id": "", "customer_id": "", "date": "", "amount": "", "note": "",
         "rejected_because": "too few columns", "rejected_file": "1.csv", "rejected_record": "3",
         "rejected_text": "3;cyd;2024-01-31"},
        {"transaction_id": "4", "customer_id": "dan", "date": "2024-01-31", "amount": "x",
         "note": "", "rejected_because": "amount: not a number", "rejected_file": "1.csv",
         "rejected_record": "4", "rejected_text": ""},
    ]  # fmt: skip


def test_what_is_put_right_loads_and_its_columns_are_the_old_ones(desk):
    first = desk.load(DIRTY)
    rows = written(desk)
    rows[0]["date"] = "2024-02-01"
    rows[1] |= {"transaction_id": "3", "customer_id": "cyd", "date": "2024-01-31", "amount": "7"}
    rows[2]["amount"] = "8"
    file = desk.folder / "again.csv"
    with file.open("w", newline="", encoding="utf-8") as target:
        out = csv.DictWriter(target, rows[0])
        out.writeheader()
        out.writerows(rows)
    report = desk.load_files(file)
    assert counts(report) == (3, 3, 0, 0, 0)
    assert (report.mapping, report.unused) == (first.mapping, ())
    assert desk.rows("transaction_id, customer_id, amount::integer, description")[1:] == [
        ("2", "bob", 6, 'a "quoted" note; two\nlines'), ("3", "cyd", 7, None),
        ("4", "dan", 8, None),
    ]  # fmt: skip


def test_a_record_that_was_loaded_again_as_it_was_keeps_its_text(desk):
    desk.load(DIRTY)
    (row,) = (row for row in written(desk) if row["rejected_text"])
    good = dict.fromkeys(row, "") | {
        "transaction_id": "9", "customer_id": "eve", "date": "2024-01-31", "amount": "7"
    }  # fmt: skip
    file = desk.folder / "again.csv"
    with file.open("w", newline="", encoding="utf-8") as target:
        out = csv.DictWriter(target, row)
        out.writeheader()
        out.writerows([good, row])
    assert counts(desk.load_files(file))[:3] == (2, 1, 1)
    (again,) = written(desk, load_id=2)
    assert again == row | {"rejected_file": "again.csv", "rejected_record": "2"}


def test_reasons_never_become_attributes_of_customers(desk):
    desk.load("customer_id,age\nann,30\nbob,x\n")
    text = "customer_id,age,rejected_because,rejected_file,rejected_record,rejected_text\n"
    report = desk.load(text + "bob,31,age: not a whole number,1.csv,2,\n")
    assert (report.loaded, report.attributes) == (1, {})


def test_those_of_one_load_and_those_set_aside(desk):
    desk.load("customer_id,date,amount\nann,2024-01-31,x\nann,2024-01-31,1\n")
    desk.load("customer_id,date,amount,currency\nbob,2024-01-31,x,\nbob,2024-01-31,1,USD\n"
              "bob,2024-01-31,1,\n")  # fmt: skip
    assert [row["customer_id"] for row in written(desk)] == ["ann", "bob"]
    assert [row["customer_id"] for row in written(desk, load_id=2)] == ["bob"]
    (aside,) = written(desk, outcomes=("set_aside",))
    assert (aside["currency"], aside["rejected_because"]) == (
        "USD", "currency: in another currency",
    )  # fmt: skip
    assert find(desk.con).layouts == 2
    with pytest.raises(UsageError, match="there is no load 7"):
        find(desk.con, load_id=7)
    with pytest.raises(NoDataError, match="load 1 kept no record"):
        find(desk.con, load_id=1, outcomes=("set_aside",))


def test_the_command_writes_a_file_that_loads(tmp_path):
    workspace, orders = tmp_path / "shop", tmp_path / "orders.csv"
    rows = "".join(f"{n},ann,2024-01-31,{n}\n" for n in range(2, 40))
    orders.write_text("transaction_id,customer_id,date,amount\n1,ann,2024-01-31,five\n" + rows)
    spendboard("--workspace", workspace, "load", orders)
    done = spendboard("--workspace", workspace, "rejects", "--to", tmp_path / "bad.csv")
    assert "1 record written" in done.stderr
    bad = tmp_path / "bad.csv"
    bad.write_text(bad.read_text(encoding="utf-8").replace("five", "5"), encoding="utf-8")
    again = spendboard("--workspace", workspace, "load", bad)
    assert again.stdout.startswith("1 read = 1 loaded")
    assert "mapping: preset" in again.stdout
