"""Source files as text columns: every form reads the same, every fault is named or counted."""

import bz2
import gzip
import lzma
import sys
from pathlib import Path

import duckdb
import pytest

from warehouse.errors import SourceError
from warehouse.sources.registry import open_sources
from warehouse.sources.staging import MALFORMED, stage_all
from warehouse.sources.streaming import attach

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ROWS = [("007", "ann", "2.50"), ("008", "bob", "-1.00")]
NAMES = ("id", "who", "amount")


@pytest.fixture
def con():
    with duckdb.connect() as con:
        yield con


def staged(con, *arguments):
    """Rows of all batches in order, without the file number."""
    batches = stage_all(con, open_sources(con, [str(argument) for argument in arguments]))
    return [row[1:] for one in batches for row in con.execute(f"from {one.table}").fetchall()]


def faults(con):
    return con.execute(
        f"select record, value, reason from {MALFORMED} order by file_no, record"
    ).fetchall()


def text(separator, end="\n", header=NAMES):
    return end.join(separator.join(row) for row in (header, *ROWS)) + end


FORMS = {
    "comma": text(",").encode(),
    "semicolon": text(";").encode(),
    "tab": text("\t").encode(),
    "pipe": text("|").encode(),
    "spaces": text("   ").encode(),
    "crlf": text(",", "\r\n").encode(),
    "byte order mark": b"\xef\xbb\xbf" + text(",").encode(),
    "gzip": gzip.compress(text(",").encode()),
    "zstd": zstd.compress(text(",").encode()),
    "UTF-16": text(",").encode("utf-16"),
    "UTF-16 without a mark": text("\t").encode("utf-16-be"),
    "UTF-32": text(";").encode("utf-32"),
    "mixed line ends": b"id,who,amount\r\n007,ann,2.50\n008,bob,-1.00\r\n",
    "three line ends": b"id,who,amount\r007,ann,2.50\r\n008,bob,-1.00\n",
    "doubled returns": text(",", "\r\r\n").encode(),
    "old Macintosh": text(",", "\r").encode(),
    "quoted": b'"id","who","amount"\n"007","ann","2.50"\n"008","bob","-1.00"\n',
    "blank lines above": b"\n\r\n" + text(",").encode(),
    "spaces below a blank line": b"\n" + text("   ").encode(),
    "blank lines": b"id,who,amount\n007,ann,2.50\n\n008,bob,-1.00\n\n",
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_text_gives_the_same_rows(con, tmp_path, form):
    file = tmp_path / "a.txt"
    file.write_bytes(FORMS[form])
    sources = open_sources(con, [str(file)])
    assert sources.batches[0].layout.columns == NAMES
    assert staged(con, file) == ROWS
    assert faults(con) == []


def test_parquet_numbers_become_their_shortest_text(con, tmp_path):
    con.execute(
        "copy (select 13069::double as id, 2.675::double as price, 0.1::decimal(5, 3) as share,"
        f" date '2024-01-31' as day) to '{tmp_path}/a.parquet'"
    )
    assert staged(con, tmp_path / "a.parquet") == [("13069.0", "2.675", "0.100", "2024-01-31")]


def test_parquet_files_of_other_types_keep_their_own(con, tmp_path):
    months = ["1 as id, 12 as amount", "'017' as id, 12.75::double as amount"]
    for month, columns in enumerate(months):
        con.execute(f"copy (select {columns}) to '{tmp_path}/{month}.parquet'")
    assert staged(con, tmp_path / "*.parquet") == [("1", "12"), ("017", "12.75")]


def test_a_file_keeps_its_columns_in_a_folder_called_like_one(con, tmp_path):
    folder = tmp_path / "amount=7"
    folder.mkdir()
    con.execute(f"copy (select 'x' as id, 5 as amount) to '{folder}/a.parquet'")
    assert staged(con, folder / "a.parquet") == [("x", "5")]
    (notes,) = open_sources(con, [f"{folder}/a.parquet"]).notes
    assert notes == "a.parquet: amount is that of the file, not of its folder"
    for name in ("c3", "line"):
        other = tmp_path / f"{name}=7"
        other.mkdir()
        for file, separator in (("a.csv", ","), ("a.txt", "   ")):
            (other / file).write_text(text(separator))
            assert staged(con, other / file) == ROWS


def test_folders_that_name_what_their_parquet_files_lack_are_columns(con, tmp_path):
    for day in ("2024-01-30", "2024-01-31"):
        folder = tmp_path / f"day={day}" / "shop=007"
        folder.mkdir(parents=True)
        con.execute(f"copy (select 'x' as id) to '{folder}/a.parquet'")
    assert staged(con, f"{tmp_path}/*/*/*.parquet") == [
        ("x", "2024-01-30", "007"), ("x", "2024-01-31", "007"),
    ]  # fmt: skip


def test_a_folder_called_like_a_column_of_its_files_takes_no_other_folder_away(con, tmp_path):
    folders = ["merchant=7", "merchant=a%20b", "merchant=__HIVE_DEFAULT_PARTITION__"]
    rows = [("x", "of file", "f", "7"), ("x", "of file", "f", "a b"), ("x", "of file", "f", None)]
    for clash in ("filename", "File_Index"):
        for n, name in enumerate(folders):
            folder = tmp_path / clash / f"{n}" / name / "day=2024-01-31"
            folder.mkdir(parents=True)
            con.execute(
                f"copy (select 'x' as id, 'of file' as Day, 'f' as {clash}) to '{folder}/a.parquet'"
            )
        files = f"{tmp_path}/{clash}/*/*/*/a.parquet"
        sources = open_sources(con, [files])
        (batch,) = sources.batches
        assert batch.layout.columns == ("id", "Day", clash, "merchant")
        assert sources.notes == (
            "a.parquet, a.parquet, a.parquet: Day is that of the file, not of its folder",
        )
        assert staged(con, files) == rows
        view = attach(con, batch, "attached")
        assert con.execute(f"select * exclude (file_no) from {view.table}").fetchall() == rows


def test_one_value_that_is_not_utf_8_leaves_its_column_in(con, tmp_path):
    con.execute(
        "copy (select i as id, if(i = 3, 'Caf\\xE9'::blob, 'Kiosk'::blob) as merchant"
        f" from range(6) t(i)) to '{tmp_path}/a.parquet'"
    )
    assert [row[1] for row in staged(con, tmp_path / "a.parquet")] == [
        "Kiosk", "Kiosk", "Kiosk", "Caf\\xE9", "Kiosk", "Kiosk",
    ]  # fmt: skip
    (note,) = open_sources(con, [f"{tmp_path}/a.parquet"]).notes
    assert note == (
        "a.parquet: 1 values of merchant are not UTF-8, their bytes are shown as in Caf\\xE9"
    )


def test_bytes_called_like_one_of_our_columns_are_never_left_out(con, tmp_path):
    for name in ("customer_id", "OrderDate", "amount"):
        con.execute(
            f"copy (select 'x' as who, '\\xFF\\x00'::blob as {name}) to '{tmp_path}/a.parquet'"
        )
        with pytest.raises(SourceError, match=f"{name}, by its name .*bytes that are no text"):
            open_sources(con, [f"{tmp_path}/a.parquet"])


def test_bytes_that_are_no_text_are_left_out_of_parquet_and_others_read(con, tmp_path):
    con.execute(
        f"copy (select 'x' as id, 'ann'::blob as who, '\\xFF\\x00'::blob as photo)"
        f" to '{tmp_path}/a.parquet'"
    )
    assert staged(con, tmp_path / "a.parquet") == [("x", "ann")]
    (note,) = open_sources(con, [f"{tmp_path}/a.parquet"]).notes
    assert note == "a.parquet: photo (binary) not read"


def test_a_text_of_parquet_that_is_not_utf_8_is_told_as_such(con, tmp_path):
    file = tmp_path / "a.parquet"
    con.execute(f"copy (select 'x' as id, 'zq' as city) to '{file}' (compression uncompressed)")
    file.write_bytes(file.read_bytes().replace(b"zq", b"\xff\xfe"))
    with pytest.raises(SourceError, match="a column of texts holds bytes that are not UTF-8"):
        staged(con, file)


def test_a_parquet_column_may_be_called_like_one_of_the_reader(con, tmp_path):
    for n, name in enumerate(("a", "b[1]")):
        con.execute(
            f"copy (select {n}5 as File_Index, {n} as file_0, 'x' as filename, 3 as file_no)"
            f" to '{tmp_path}/{name}.parquet'"
        )
    (one,) = stage_all(con, open_sources(con, [f"{tmp_path}/*.parquet"]))
    assert con.execute(f"from {one.table}").fetchall() == [
        (0, "5", "0", "x", "3"), (1, "15", "1", "x", "3"),
    ]  # fmt: skip


def test_a_file_without_header_keeps_its_first_row(con, tmp_path):
    (tmp_path / "a.txt").write_text(" 00004  19970101   29.33\r\n 00021  19970102    7.00\r\n")
    layout = open_sources(con, [str(tmp_path / "a.txt")]).batches[0].layout
    assert layout.columns == ("column 1", "column 2", "column 3")
    assert staged(con, tmp_path / "a.txt") == [
        ("00004", "19970101", "29.33"), ("00021", "19970102", "7.00"),
    ]  # fmt: skip


def test_repeated_and_empty_names_are_told_apart(con, tmp_path):
    (tmp_path / "a.csv").write_text(",day,Day\nx,y,z\nu,v,w\n")
    assert open_sources(con, [str(tmp_path / "a.csv")]).batches[0].layout.columns == (
        "column 1", "day", "Day_2",
    )  # fmt: skip
    (tmp_path / "b.csv").write_text("day,day,day_2,DAY\nx,y,z,w\n")
    assert open_sources(con, [str(tmp_path / "b.csv")]).batches[0].layout.columns == (
        "day", "day_3", "day_2", "DAY_4",
    )  # fmt: skip


def test_a_glob_reads_each_file_once_in_order(con, tmp_path):
    for day in (2, 1):
        (tmp_path / f"{day}.csv").write_text(f"id,amount\n{day},1.00\n")
    assert staged(con, tmp_path / "*.csv", tmp_path / "1.csv") == [("1", "1.00"), ("2", "1.00")]


def test_a_name_with_glob_signs_is_a_name_first(con, tmp_path):
    (tmp_path / "a[1].csv").write_text("id,amount\n1,2.00\n")
    assert staged(con, tmp_path / "a[1].csv") == [("1", "2.00")]


def test_files_of_one_layout_are_read_together_and_others_apart(con, tmp_path):
    (tmp_path / "1.csv").write_text("id,amount\n1,1.00\n")
    (tmp_path / "2.csv").write_text("amount;id\n2.00;2\n")
    (tmp_path / "3.csv").write_text("id,amount\n3,3.00\n")
    sources = open_sources(con, [str(tmp_path / "*.csv")])
    assert [batch.numbers for batch in sources.batches] == [(0, 2), (1,)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('"id\nno",who,amount\n1,ann,2', '"id\nno",amount,who\n2,1,bob'),
        ("\nid,who,amount\n1,ann,2", "\nid,amount,who\n2,1,bob"),
        ("id,who\n1,O'Neil", "id,who\n'2','a, b'"),
        ('id,who\n1,"C:\\x"', 'id,who\n2,"a, \\"b\\""'),
    ],
)
def test_headers_that_only_begin_alike_are_each_read_by_its_own(con, tmp_path, one, other):
    for name, content in (("a.csv", one), ("b.csv", other)):
        (tmp_path / name).write_text(f"{content}\n")
    alone = [open_sources(con, [f"{tmp_path}/{name}.csv"]).batches[0].layout for name in "ab"]
    together = open_sources(con, [f"{tmp_path}/*.csv"]).batches
    assert [batch.layout for batch in together for _ in batch.files] == alone
    assert len(staged(con, tmp_path / "*.csv")) == 2
    assert faults(con) == []


def test_a_day_without_rows_in_a_glob_is_listed_and_left_out(con, tmp_path):
    (tmp_path / "1.csv").write_text("id,amount\n1,1.00\n")
    (tmp_path / "2.csv").write_text("id,amount\n")
    (tmp_path / "3.csv").write_text("")
    sources = open_sources(con, [str(tmp_path / "*.csv")])
    assert [path.name for path in sources.without_rows] == ["2.csv", "3.csv"]


def test_records_that_cannot_be_read_are_kept_with_their_number(con, tmp_path):
    (tmp_path / "a.csv").write_bytes(
        b'id,who,amount\n1,ann,1\n2,bob\n3,cyd,3,3\n4,d\xc3\xa1n,4\n5,M\xfcller,5\n6,"un"closed",6\n'
        b'7,"a ""b"", c",7\n'
    )
    assert staged(con, tmp_path / "a.csv") == [
        ("1", "ann", "1"), ("4", "dán", "4"), ("7", 'a "b", c', "7"),
    ]  # fmt: skip
    assert [(record, reason) for record, _, reason in faults(con)] == [
        (2, "too few columns"), (3, "too many columns"), (5, "not UTF-8"), (6, "quote not closed"),
    ]  # fmt: skip


def test_lines_swallowed_by_a_quote_count_one_by_one(con, tmp_path):
    (tmp_path / "a.csv").write_text('id,who\n1,ann\n2,"bob\n3,cyd\n4,dan\n')
    assert staged(con, tmp_path / "a.csv") == [("1", "ann")]
    assert [(record, value) for record, value, _ in faults(con)] == [
        (2, '2,"bob'), (3, "3,cyd"), (4, "4,dan"),
    ]  # fmt: skip


def test_a_line_that_is_too_long_is_a_reject(con, tmp_path):
    (tmp_path / "a.csv").write_text(f"id,who\n1,ann\n2,{'x' * 2_500_000}\n3,cyd\n")
    assert staged(con, tmp_path / "a.csv") == [("1", "ann"), ("3", "cyd")]
    assert [(record, reason) for record, _, reason in faults(con)] == [(2, "line too long")]


def test_a_quote_within_a_cell_opens_nothing(con, tmp_path):
    rows = [("1", '5" pipe')] + [(str(n), "ann") for n in range(2, 200_000)]
    (tmp_path / "a.csv").write_text("id,who\n" + "".join(f"{a},{b}\n" for a, b in rows))
    assert staged(con, tmp_path / "a.csv") == rows
    assert faults(con) == []


def test_a_spaced_line_with_too_few_columns_is_kept_with_its_number(con, tmp_path):
    lines = [f"{i:05d}  19970101  {i}.00" for i in range(1, 21)]
    lines[2] = "00003  19970101"
    (tmp_path / "a.txt").write_text("\n".join(lines))
    assert len(staged(con, tmp_path / "a.txt")) == 19
    assert faults(con) == [(3, "00003  19970101", "too few columns")]


MANY = b"id,amount\n" + b"".join(b"%d,%d\n" % (n, n * 7919 % 10007) for n in range(90_000))
BAD = {
    "empty": (b"", "an empty file"),
    "blank": (b"\n\n \n", "holds no row"),
    "header only": (b"id,amount\n", "holds no row"),
    "binary": (bytes(range(256)) * 40, "no text"),
    "archive": (b"PK\x03\x04" + bytes(100), "a ZIP archive"),
    "bzip2": (bz2.compress(b"id,amount\n1,2\n"), "bzip2"),
    "xz": (lzma.compress(b"id,amount\n1,2\n"), "xz"),
    "old workbook": (b"\xd0\xcf\x11\xe0" + bytes(600), "an old Excel workbook"),
    "PDF": (b"%PDF-1.7\n1 0 obj\n", "a PDF"),
    "web page": (b"<!DOCTYPE html>\n<table>", "HTML"),
    "control characters": (b"\x02\x03id,\x05\x06\x10\n1,2\n", "no text"),
    "truncated Parquet": (b"PAR1" + b"x" * 500, "not a complete Parquet file"),
    "truncated gzip": (gzip.compress(b"id,amount\n" + b"1,2\n" * 9)[:-12], "cannot be read"),
    "truncated zstd": (zstd.compress(MANY)[:-900], "cannot be read to its end"),
    "half a character": ("id,amount\n1,2\n".encode("utf-16") + b"3", "within a character"),
    "unknown separator": (b"id^amount\n1^2\n3^4\n", "only one column"),
    "endless line": (b"id,amount\n" + b"x" * 9_000_000, "a line of more than"),
    "quote open for a megabyte": (b'id,who\n1,ann\n2,"open\n' + b"3,cyd\n" * 200_000, "line 3"),
    "swallowing quote": (b'id,who\n1,ann\n2,"open\n' + b"3,cyd is long\n" * 2000, "record 2"),
}


def test_parquet_that_is_damaged_inside_is_refused(con, tmp_path):
    file = tmp_path / "a.parquet"
    con.execute(f"copy (select md5(i::varchar) as id from range(9000) t(i)) to '{file}'")
    content = bytearray(file.read_bytes())
    content[4:400] = b"\xff" * 396
    file.write_bytes(content)
    with pytest.raises(SourceError, match="not a complete Parquet file"):
        staged(con, file)


@pytest.mark.parametrize("case", BAD)
def test_bad_files_are_refused_in_words(con, tmp_path, case):
    content, words = BAD[case]
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(SourceError) as caught:
        staged(con, tmp_path / "a.csv")
    message = str(caught.value)
    assert "a.csv" in message
    assert words in message
    assert "to fix:" in message


def test_a_missing_file_is_told_the_nearest_name(con, tmp_path):
    (tmp_path / "orders_2024.csv").write_text("id,amount\n1,2\n")
    with pytest.raises(SourceError, match=r"nearest names.*orders_2024\.csv"):
        staged(con, tmp_path / "orders-2024.csv")


def test_a_folder_is_no_file(con, tmp_path):
    (tmp_path / "a.csv").write_text("id,amount\n1,2\n")
    with pytest.raises(SourceError, match=r"a folder[\s\S]*a\.csv"):
        staged(con, tmp_path)


def test_a_glob_without_files_says_so(con, tmp_path):
    with pytest.raises(SourceError, match="no file matches"):
        staged(con, tmp_path / "*.csv")


def test_a_file_that_may_not_be_read_is_told_as_such(con, tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    (tmp_path / "a.csv").write_text("id,amount\n1,2\n")
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(SourceError, match="may not be read"):
        staged(con, tmp_path / "a.csv")


@pytest.mark.parametrize("name", ["orders[1].csv", "orders?.csv", "or*ders.csv", "o[1]/orders.csv"])
def test_a_name_that_looks_like_a_glob_is_that_very_file(con, tmp_path, name):
    (tmp_path / "o1").mkdir()
    for decoy in ("orders1.csv", "orders2.csv", "orXders.csv", "o1/orders.csv"):
        (tmp_path / decoy).write_text("id,who,amount\n999,decoy,9.99\n")
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(text(",") + "009,broken,1.00,too,many\n")
    assert staged(con, file) == ROWS
    assert [record for record, *_ in faults(con)] == [3]
