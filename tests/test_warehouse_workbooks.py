"""XLSX: dates in ISO, numbers as they stand, the sheet and the header found and said."""

import zipfile
from datetime import date, datetime
from decimal import Decimal

import duckdb
import pytest
import xlsxwriter
from loading_desk import Desk, counts

from warehouse.errors import SourceError
from warehouse.sources.registry import open_sources
from warehouse.sources.staging import stage_all
from warehouse.sources.workbook_formats import Format, format_of

TABLE = [
    ["id", "day", "at", "amount", "ok"],
    ["A1", date(2024, 1, 31), datetime.fromisoformat("2024-01-31 08:26:01"), 12.34, True],
    ["A2", date(2024, 2, 29), datetime.fromisoformat("2024-02-29 23:59:59"), 17850, False],
    [None, None, None, None, None],
    ["A3", None, None, 1e16, None],
]
ROWS = [
    ("A1", "2024-01-31", "2024-01-31 08:26:01", "12.34", "true"),
    ("A2", "2024-02-29", "2024-02-29 23:59:59", "17850", "false"),
    ("A3", None, None, "10000000000000000", None),
]


@pytest.fixture
def con():
    with duckdb.connect() as con:
        yield con


def workbook(path, **sheets):
    """Write a workbook; ``sheets`` are rows of cells by name."""
    with xlsxwriter.Workbook(path) as book:
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        time = book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for i, row in enumerate(rows):
                for j, cell in enumerate(row):
                    style = time if isinstance(cell, datetime) else day
                    if isinstance(cell, date):
                        sheet.write_datetime(i, j, cell, style)
                    elif cell is not None:
                        sheet.write(i, j, cell)
    return path


def staged(con, source):
    sources = open_sources(con, [str(source)])
    (one,) = stage_all(con, sources)
    rows = [row[1:] for row in con.execute(f"from {one.table}").fetchall()]
    return sources.batches[0].layout.columns, rows, sources.notes


def test_cells_become_text(con, tmp_path):
    found = staged(con, workbook(tmp_path / "a.xlsx", Sheet1=TABLE))
    assert found == (tuple(TABLE[0]), ROWS, ())


def test_the_first_sheet_with_rows_is_read_and_said(con, tmp_path):
    workbook(tmp_path / "a.xlsx", Empty=[], Title=[["id", "amount"]], March=TABLE, April=TABLE)
    _, rows, notes = staged(con, tmp_path / "a.xlsx")
    assert rows == ROWS
    assert notes == (
        "a.xlsx: sheet 'March' is read, of 4; another one is a.xlsx#Empty",
    )  # fmt: skip


def test_a_sheet_is_named_behind_the_file(con, tmp_path):
    workbook(tmp_path / "a.xlsx", March=TABLE, April=TABLE[:2])
    assert staged(con, f"{tmp_path}/a.xlsx#April")[1:] == (ROWS[:1], ())
    assert open_sources(con, [f"{tmp_path}/a.xlsx#April"]).labels() == ["a.xlsx#April"]
    with pytest.raises(SourceError, match=r"no such sheet[\s\S]*March, April"):
        staged(con, f"{tmp_path}/a.xlsx#May")


def test_a_table_is_found_below_its_title_and_off_the_corner(con, tmp_path):
    indented = [[None, None, *row] for row in TABLE]
    rows = [["Sales 2024"], [], [None, None, "in EUR"], *indented]
    columns, found, notes = staged(con, workbook(tmp_path / "a.xlsx", Sheet1=rows))
    assert (columns, found) == (tuple(TABLE[0]), ROWS)
    assert notes == ("a.xlsx: above the table stands 'Sales 2024; in EUR'",)


def test_a_column_without_a_name_is_not_lost(con, tmp_path):
    rows = [["id", None, "amount", "city"], [1, "x", 2.5, "Rome", "y"], [2, None, 3.5]]
    columns, found, _ = staged(con, workbook(tmp_path / "a.xlsx", Sheet1=rows))
    assert columns == ("id", "column 2", "amount", "city", "column 5")
    assert found == [("1", "x", "2.5", "Rome", "y"), ("2", None, "3.5", None, None)]


@pytest.mark.parametrize(
    ("sheets", "words"), [({"Sheet1": []}, "holds no row"), ({"A": [["id", "n"]]}, "holds no row")]
)
def test_a_workbook_without_rows_is_refused(con, tmp_path, sheets, words):
    with pytest.raises(SourceError, match=words):
        staged(con, workbook(tmp_path / "a.xlsx", **sheets))


def test_a_damaged_workbook_is_refused(con, tmp_path):
    content = bytearray(workbook(tmp_path / "a.xlsx", Sheet1=TABLE).read_bytes())
    at = content.index(b"xl/worksheets/sheet1.xml")
    content[at + 30 : at + 200] = bytes(170)
    (tmp_path / "b.xlsx").write_bytes(content)
    with pytest.raises(SourceError, match=r"b\.xlsx: cannot be read as a workbook"):
        staged(con, tmp_path / "b.xlsx")


def test_a_sheet_is_loaded_and_its_rows_are_those_of_a_csv(tmp_path):
    desk = Desk(tmp_path)
    header = ["transaction_id", "customer_id", "purchased_at", "amount"]
    rows = [
        header,
        ["T1", 17850, datetime.fromisoformat("2024-01-31 08:26"), 2.5],
        ["T2", 1, None, 3],
    ]
    report = desk.load_files(workbook(tmp_path / "a.xlsx", Sheet1=rows))
    assert counts(report) == (2, 1, 1, 0, 0)
    assert desk.rows("file, record, column_name, reason", "core.rejects") == [
        ("a.xlsx", 2, "purchased_at", "missing")
    ]
    again = desk.load(f"{','.join(header)}\nT1,17850,2024-01-31 08:26,2.50\n")
    assert counts(again) == (1, 0, 0, 1, 0)
    desk.con.close()


# What a cell shows


@pytest.mark.parametrize(
    ("code", "sign"),
    [
        ('"€"#,##0.00', "€"),
        ("[$EUR] #,##0.00", "EUR"),
        ("[$£-809]#,##0.00;[Red]-[$£-809]#,##0.00", "£"),
        ("#,##0.00\\ [$€-407]", "€"),
        ("$#,##0", "$"),
        ("\\R\\$ #,##0", "R$"),
        ('"Rs. "0', "Rs."),
        ('_-* #,##0.00\\ "€"_-;\\-* #,##0.00\\ "€"_-;_-* "-"??\\ "€"_-;_-@_-', "€"),
        ('_("$"* #,##0.00_);_("$"* \\(#,##0.00\\);_("$"* "-"??_);_(@_)', "$"),
        ("_(* #,##0.00_);_(* (#,##0.00)", ""),
        ("[$-409]d. mmmm yyyy", ""),
        ('0 "kg"', ""),
        ('0 "all"', ""),
        ("General", ""),
    ],
)
def test_a_format_tells_its_currency(code, sign):
    assert format_of(code) == Format(sign)


def test_a_format_tells_per_cent():
    shown = [format_of(code).is_percent for code in ("0%", "0.0 %;[Red]-0.0 %", '0 "%"', "0")]
    assert shown == [True, True, False, False]


def formatted(path, rows, header, **options):
    """Write a workbook of (cell, number format) behind a header."""
    with xlsxwriter.Workbook(path, options) as book:
        sheet = book.add_worksheet("S")
        sheet.write_row(0, 0, header)
        for i, row in enumerate(rows, 1):
            for j, (cell, code) in enumerate(row):
                style = book.add_format({"num_format": code})
                write = sheet.write_datetime if isinstance(cell, date) else sheet.write
                write(i, j, cell, style)
    return path


def sale(n, amount, code, day="yyyy-mm-dd"):
    return [(f"T{n}", "@"), (17850, "0"), (datetime(2024, 1, n), day), (amount, code)]  # noqa: DTZ001


HEADER = ["transaction_id", "customer_id", "purchased_at", "amount"]


def test_rows_in_another_currency_are_set_aside_as_in_a_csv(tmp_path):
    desk = Desk(tmp_path)
    rows = [
        sale(1, 2.5, "[$£-809]#,##0.00"),
        sale(2, -3, '"£"#,##0.00'),
        sale(3, 1250.75, '_-* #,##0.00\\ "€"_-'),
        sale(4, 4, "0.00"),
        sale(5, 5, "[$USD] 0"),
    ]
    report = desk.load_files(formatted(tmp_path / "a.xlsx", rows, HEADER))
    assert counts(report) == (5, 3, 0, 0, 2)
    assert desk.rows("transaction_id, amount") == [("T1", 2.5), ("T2", -3), ("T4", 4)]
    assert desk.rows("record, value", "core.rejects") == [(3, "EUR"), (5, "USD")]
    desk.con.close()


def test_an_amount_in_per_cent_is_no_amount(tmp_path):
    desk = Desk(tmp_path)
    rows = [sale(1, 2.5, "0.00"), sale(2, 0.15, "0%")]
    report = desk.load_files(formatted(tmp_path / "a.xlsx", rows, HEADER))
    assert counts(report) == (2, 1, 1, 0, 0)
    assert desk.rows("column_name, value", "core.rejects") == [("amount", "15%")]
    desk.con.close()


def test_only_amounts_and_prices_are_taken_as_they_are_shown(tmp_path):
    """A whole sheet in the format of money has the ids and shares of the same sheet without."""
    desk = Desk(tmp_path)
    rows = [[(cell, '"€"0') for cell in row] for row in [(1, 17850, 7.5), (2, 17850, 1)]]
    rows = [[*row, (datetime(2024, 1, 31), "yyyy-mm-dd")] for row in rows]  # noqa: DTZ001
    header = ["transaction_id", "customer_id", "amount", "purchased_at"]
    path = formatted(tmp_path / "a.xlsx", rows, header)
    assert desk.load_files(path, currency="EUR").loaded == 2
    assert desk.rows("transaction_id, customer_id, amount") == [
        ("1", "17850", Decimal("7.50")), ("2", "17850", Decimal("1.00")),
    ]  # fmt: skip
    desk.con.close()


@pytest.mark.parametrize("code", ['#,##0.00 "EUR"', "[$R$-416] 0.00", '"£"0', "0%", "0.00"])
def test_attributes_stay_the_numbers_that_their_cells_hold(tmp_path, code):
    desk = Desk(tmp_path)
    rows = [[(f"C{n}", "@"), (income, code)] for n, income in ((1, 0.07), (2, 1000.5))]
    path = formatted(tmp_path / "a.xlsx", rows, ["customer_id", "income"])
    desk.load_files(path, kind="customers")
    assert desk.rows("customer_id, income", "core.customers") == [("C1", 0.07), ("C2", 1000.5)]
    desk.con.close()


def test_dates_follow_their_format_and_the_first_day_of_the_workbook(con, tmp_path):
    rows = [[(datetime(2024, 2, n), code) for n in (1, 29)]  # noqa: DTZ001
            for code in ("[$-407]d. mmm yyyy;@", "m/d/yy", '"day "d')]  # fmt: skip
    path = formatted(tmp_path / "a.xlsx", rows, ["sent", "paid"], date_1904=True)
    assert staged(con, path)[1] == [("2024-02-01", "2024-02-29")] * 3


@pytest.mark.parametrize(("is_1904", "day"), [(False, 45322), (True, 43860)])
def test_days_without_a_format_of_dates_are_counted_below_a_header_too(tmp_path, is_1904, day):
    rows = [[("A1", "@"), ("ann", "@"), (day, "0"), (5, "0")],
            [("A2", "@"), ("bob", "@"), (day + 0.5, "General"), (7, "0")]]  # fmt: skip
    names = ["transaction_id", "customer_id", "date", "amount"]
    path = formatted(tmp_path / "a.xlsx", rows, names, date_1904=is_1904)
    desk = Desk(tmp_path)
    assert counts(desk.load_files(path)) == (2, 2, 0, 0, 0)
    assert desk.rows("purchased_at::varchar") == [
        ("2024-01-31 00:00:00",), ("2024-01-31 12:00:00",),
    ]  # fmt: skip
    desk.con.close()


def test_formats_stand_beside_their_own_cells(con, tmp_path):
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet, pounds = book.add_worksheet("S"), book.add_format({"num_format": '"£"0'})
        for row, cells in {2: ["order", "paid"], 4: ["A", 1], 5: ["B", 2], 9: ["C", 3]}.items():
            sheet.write(row, 3, cells[0])
            sheet.write(row, 27, cells[1], pounds if row != 5 else None)
        sheet.set_column(20, 30, None, pounds)
    rows = [(row[0], row[-1]) for row in staged(con, tmp_path / "a.xlsx")[1]]
    assert rows == [("A", "£1"), ("B", "£2"), ("C", "£3")]


def test_a_currency_that_nobody_knows_is_told(con, tmp_path):
    rows = [[("A", "@"), (12.5, "[$Din.-81A] 0.00")]]
    path = formatted(tmp_path / "a.xlsx", rows, ["order", "paid"])
    _, found, notes = staged(con, path)
    assert found == [("A", "12.5")]
    assert "the currency of number format '[$Din.-81A] 0.00' is not known" in notes[0]


def test_a_workbook_cannot_grow_without_end(con, tmp_path):
    formatted(tmp_path / "a.xlsx", [[("A", "@"), (12.5, '"€"0')]], ["id", "paid"])
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    with (
        zipfile.ZipFile(tmp_path / "a.xlsx") as old,
        zipfile.ZipFile(tmp_path / "b.xlsx", "w") as new,
    ):
        for name in old.namelist():
            text = old.read(name)
            new.writestr(name, text.replace(b"<styleSheet", bomb + b"<styleSheet"))
    with pytest.raises(SourceError, match="cannot be read as a workbook"):
        staged(con, tmp_path / "b.xlsx")
