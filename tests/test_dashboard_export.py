"""The export, to the letter: bytes, order, quoting, formula guard, decimals, columns."""

import csv
import io
import os
import shutil
import stat
import threading
import tracemalloc

import duckdb
import pytest
from small_shop import SETTINGS, publish

from dashboard.copying import NobodyWaits, _Copy, copied
from dashboard.export import stream_csv, write_csv
from dashboard.reader import Reader
from dashboard.selection import Selection
from warehouse.errors import SelectionError, SpendboardError

DEFAULT = (
    "customer_id,persona,cluster,risk_band,churn_band,value_band,recency_days,frequency,monetary,"
    "spend_in_period,orders_in_period,expected_spend,churn_risk,pca_1,pca_2"
)


@pytest.fixture(scope="module")
def view(tmp_path_factory):
    return Reader(publish(tmp_path_factory.mktemp("shop") / "workspace"), SETTINGS).view()


def exported(view, query, **kwargs):
    selection = Selection.parse(query, view.vocabulary, strict=True)
    return b"".join(stream_csv(view, selection, **kwargs)).decode()


def test_the_default_list_to_the_byte(view):
    assert exported(view, "period=30d&sort=customer_id") == (
        f"{DEFAULT}\r\n"
        "ann,champions,0,high,low,high,0,3,100.00,60.00,2,50.00,0.100000,4.000000,1.000000\r\n"
        "bob,loyal,1,low,high,low,10,1,30.00,30.00,1,10.00,0.600000,2.000000,0.000000\r\n"
        "cyd,at-risk,4,high,high,low,41,1,100.00,0.00,0,5.55,0.900000,-1.000000,-1.000000\r\n"
        "dan,dormant,5,low,,,,0,-5.00,-5.00,0,,,0.000000,0.000000\r\n"
        "eve,,,,,,,0,0.00,0.00,0,,,,\r\n"
        "fay,dormant,5,low,high,low,546,1,8.00,0.00,0,0.00,0.950000,-3.000000,0.000000\r\n"
    )


def test_text_is_quoted_and_kept_from_being_a_formula(view):
    text = exported(view, "columns=customer_id,name,phone&sort=customer_id")
    assert text == (
        "customer_id,name,phone\r\n"
        "ann,Ann Ostermann,\r\n"
        'bob,"Bob ""the Builder"", Ltd",\'+49 30 1234\r\n'
        "cyd,'=cmd|' /C calc'!A0,\r\n"
        'dan,"",\r\n'
        'eve,"Eve\r\nWeiß",\r\n'
        "fay,Fay,\r\n"
    )
    raw = exported(view, "columns=name,phone&customer_id=bob,cyd", raw=True)
    assert "=cmd|' /C calc'!A0" in raw
    assert "'=cmd" not in raw
    assert ",+49 30 1234" in raw


def test_a_csv_reader_gets_back_what_the_warehouse_holds(view):
    text = exported(view, "columns=customer_id,name,email,consent", raw=True)
    read = list(csv.DictReader(io.StringIO(text, newline="")))
    rows = view.rows("select customer_id, name, email, consent from marts.customers")
    held = {row["customer_id"]: row for row in rows}
    assert len(read) == 6
    for row in read:
        mine = held[row["customer_id"]]
        assert row["name"] == (mine["name"] or "")
        assert row["email"] == (mine["email"] or "")
        assert row["consent"] == {None: "", True: "true", False: "false"}[mine["consent"]]


def test_dates_attributes_and_averages_have_their_own_form(view):
    text = exported(
        view, "customer_id=ann,eve&sort=customer_id",
        columns=["first_purchased_on", "page", "avg_order_value", "refund_ratio"],
    )  # fmt: skip
    assert text.split("\r\n")[1:3] == ["2025-05-10,7.25,33.33,0.000000", ",1e-06,,"]


def test_the_order_is_total_and_missing_values_come_last(view):
    def ids(sort):
        lines = exported(view, f"sort={sort}", columns=["customer_id"]).split("\r\n")
        return "".join(line[0] for line in lines[1:-1])

    assert ids("monetary") == "defbac"  # -5 0 8 30 100 100: ann before cyd
    assert ids("-monetary") == "acbfed"
    assert ids("churn_risk") == "abcfde"
    assert ids("-churn_risk") == "fcbade"
    assert ids("risk_band,-monetary") == "acbfde"


def test_the_same_generation_and_selection_give_the_same_bytes(view, tmp_path):
    query = "persona=!dormant&period=90d&sort=-spend_in_period"
    selection = Selection.parse(query, view.vocabulary)
    streamed = b"".join(stream_csv(view, selection))
    assert streamed == b"".join(stream_csv(view, selection))
    file = tmp_path / "list.csv"
    assert write_csv(view, selection, file) == 4
    assert file.read_bytes() == streamed
    out = io.BytesIO()
    assert write_csv(view, selection, out) == 4
    assert out.getvalue() == streamed


def test_personal_columns_leave_only_when_they_are_named(view):
    assert not {"name", "email", "phone"} & set(exported(view, "").split("\r\n")[0].split(","))
    assert exported(view, "", columns=["email"]).startswith("email\r\n")


def test_nobody_is_a_header_alone(view):
    assert exported(view, "customer_id=nobody") == f"{DEFAULT}\r\n"


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (["monetry"], "did you mean: monetary"),
        (["customer_key"], "no column 'customer_key'"),
        (["name", "name"], "named twice"),
        ([], "none is named"),
        (['name" from marts.customers --'], "no column"),
    ],
)
def test_columns_that_are_not_there_are_refused(view, columns, message):
    with pytest.raises(SelectionError, match=message):
        exported(view, "", columns=columns)


def test_columns_that_these_data_lack_stay_empty_in_the_default_list(tmp_path):
    view = Reader(publish(tmp_path / "workspace", None, scored=False), SETTINGS).view()
    lines = exported(view, "sort=customer_id").split("\r\n")
    assert lines[0] == DEFAULT
    assert lines[1] == "ann,,,,,,,,,,,,,,"


def test_the_header_is_guarded_too(tmp_path):
    from small_warehouse import add_customers

    from warehouse.build import build_core
    from warehouse.generations import Workspace
    from warehouse.publishing import finish

    workspace = Workspace(tmp_path / "workspace")
    with workspace.writing("load", SETTINGS) as draft:
        build_core(draft.con)
        add_customers(draft.con, "customer_id  =sum\n ann  1", [("=sum", "double")])
        finish(draft, SETTINGS, as_of=None, scores_as_of=None, horizon_days=30, models=[])
    view = Reader(workspace, SETTINGS).view()
    assert exported(view, "", columns=["=sum"]) == "'=sum\r\n1.0\r\n"
    assert exported(view, "", columns=["=sum"], raw=True) == "=sum\r\n1.0\r\n"


# ----------------------------------------------------------------- files


def test_a_file_appears_only_when_it_is_complete(view, tmp_path, monkeypatch):
    import dashboard.export

    file = tmp_path / "list.csv"
    file.write_text("yesterday's")

    def broken(*args):
        yield b"half"
        raise RuntimeError("the disk is on fire")

    monkeypatch.setattr(dashboard.export, "_batches", broken)
    with pytest.raises(RuntimeError):
        write_csv(view, Selection(view.vocabulary), file)
    assert file.read_text() == "yesterday's"
    assert os.listdir(tmp_path) == ["list.csv"]


def test_a_file_that_cannot_be_written_is_a_clear_error(view, tmp_path):
    for target in (tmp_path / "no" / "list.csv", tmp_path):
        with pytest.raises(SpendboardError, match="cannot be written") as error:
            write_csv(view, Selection(view.vocabulary), target)
        assert error.value.exit_code == 3


def test_a_reader_that_stops_early_is_told_as_such(view):
    read, write = os.pipe()
    os.close(read)
    with (
        os.fdopen(write, "wb", buffering=0) as out,
        pytest.raises(SpendboardError, match="closed before the export was complete"),
    ):
        write_csv(view, Selection(view.vocabulary), out)


def test_a_pipe_can_be_written(view, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    assert write_csv(view, Selection(view.vocabulary), pipe) == 6
    reader.join(10)
    assert read[0].startswith(DEFAULT.encode())


def test_memory_stays_flat_however_long_the_list_is(view, monkeypatch):
    import dashboard.export
    from dashboard.queries.selected import Statement

    long = Statement("select repeat('x', 150) as line from range(200000)")  # one column, one line
    monkeypatch.setattr(dashboard.export, "ordered", lambda *args: long)
    tracemalloc.start()
    size = sum(len(batch) for batch in stream_csv(view, Selection(view.vocabulary)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size == len("line") + 2 + 200_000 * 152
    assert peak < size / 3


def long_list(view, n=300_000, last="repeat('x', 150)"):
    return copied(
        view, f"select if(i = {n} - 1, {last}, repeat('x', 150)) from range({n}) t(i)", {}
    )


def test_a_list_that_nobody_reads_to_its_end_leaves_nothing_behind(view):
    lines = long_list(view)
    assert next(lines)
    assert list(view.export_folder().iterdir())
    lines.close()
    assert not list(view.export_folder().iterdir())
    assert sum(1 for _ in stream_csv(view, Selection(view.vocabulary))) == 1


def test_a_temporary_folder_that_was_cleaned_is_made_anew(view):
    before = exported(view, "")
    shutil.rmtree(view.export_folder().parent)
    assert exported(view, "") == before
    assert stat.S_IMODE(view.export_folder().parent.stat().st_mode) == 0o700


def test_a_list_that_nobody_waits_for_is_made_no_further(view):
    file = view.export_folder() / "sum.csv"
    pairs = "range(9000000) a(i), range(9000000) b(i)"  # hours
    copy = _Copy(view, f"copy (select sum(hash(a.i, b.i)) from {pairs}) to '{file}'", {})
    copy.start()
    copy.stop()  # however far it has come
    assert not copy.is_alive()
    assert isinstance(copy.error, duckdb.InterruptException)
    file.unlink(missing_ok=True)


def test_a_reader_who_leaves_before_the_first_row_ends_the_list(view):
    endless = "select sum(hash(a.i, b.i)) from range(9000000) a(i), range(9000000) b(i)"  # hours
    asked = []
    with pytest.raises(NobodyWaits):
        next(copied(view, endless, {}, lambda: bool(asked.append(1)) or len(asked) > 1))
    assert not any(isinstance(thread, _Copy) for thread in threading.enumerate())
    assert not list(view.export_folder().iterdir())


def test_a_list_that_fails_on_the_way_is_no_whole_list(view):
    with pytest.raises(duckdb.Error, match="on the last line"):
        list(long_list(view, last="error('on the last line')"))
    with pytest.raises(duckdb.Error, match="no_such_column"):
        next(copied(view, "select no_such_column", {}))
    assert not list(view.export_folder().iterdir())
