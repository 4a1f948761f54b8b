"""XLSX: dates in ISO, numbers as they stand, the sheet and the header found and said."""

from datetime import date, datetime

import duckdb
import pytest
import xlsxwriter
from loading_desk import Desk, counts

from warehouse.errors import SourceError
from warehouse.sources.registry import open_sources
from warehouse.sources.staging import stage_all

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
