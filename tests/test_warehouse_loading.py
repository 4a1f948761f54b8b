"""Loading: typed to the cent, each row once, every row accounted for."""

import gzip
import itertools
import json
from decimal import Decimal

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from loading_desk import Desk, counts

from dashboard.narration import load_report
from warehouse.configuration import Settings, Source
from warehouse.errors import LoadError
from warehouse.generations import Workspace
from warehouse.loading import load, unload

HEADER = "transaction_id,customer_id,date,amount\n"


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
    assert "load with --on-conflict replace" in load_report(report)


def test_the_first_of_two_contents_within_a_load_is_kept(desk):
    report = desk.load(HEADER + "1,ann,2024-01-31,5\n1,ann,2024-01-31,6\n1,ann,2024-01-31,5.0\n")
    assert counts(report) == (3, 1, 1, 1, 0)
    assert desk.value("amount") == Decimal("5.00")


def test_a_corrected_row_replaces_the_old_one_on_request(desk):
    desk.load(HEADER + "1,ann,2024-01-31,5\n2,ann,2024-01-31,1\n")
    corrected = HEADER + "1,ann,2024-01-31,6\n1,bob,2024-01-31,7\n2,ann,2024-01-31,1\n"
    report = desk.load(corrected, on_conflict="replace")
    assert counts(report) == (3, 1, 0, 1, 1)
    assert "1 replaced: they took the place of stored rows" in report.notes
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
        "notes": [], "currency": "GBP", "currency_assumed": True,
    }  # fmt: skip
    assert shop.workspace.current().manifest.loads == [1]
    assert stored(shop.workspace, "select read, loaded, mapping from core.loads")[0][:2] == (2, 2)


def test_loading_the_same_again_publishes_nothing(shop):
    shop(HEADER + "1,ann,2024-01-31,5\n")
    report = shop(HEADER + "1,ann,2024-01-31,5.00\n")
    assert (report.already_loaded, report.load_id, report.generation) == (1, None, 1)
    assert shop.workspace.numbers() == [1]


def test_a_dry_run_refuses_what_the_load_would_for_its_sums(shop):
    large = HEADER + "1,ann,2024-01-31,6000000000000000\n"
    assert shop(large, dry_run=True).loaded == 1
    assert shop(large).loaded == 1
    with pytest.raises(LoadError, match="too large"):
        shop(HEADER + "2,ann,2024-01-31,6000000000000000\n", dry_run=True)
    other = large.replace("6", "7")
    assert shop(other, dry_run=True, on_conflict="replace").loaded == 1


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
    shop.workspace.folder.mkdir()
    (shop.workspace.folder / "spendboard.toml").write_text('currency = "GBP"\n')
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
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
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
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
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


def test_many_small_compressed_files_need_little_memory(tmp_path):
    """Every thread reads a file of its own: none may ask for memory by what a large one needs."""
    for number in range(40):
        rows = "".join(f"c{number},2024-01-{day:02},9.50\n" for day in range(1, 30))
        with gzip.open(tmp_path / f"{number}.csv.gz", "wt") as file:
            file.write(f"customer_id,date,amount\n{rows}")
    settings = Settings(threads=8, memory_limit="600MB")
    report = load(Workspace(tmp_path / "workspace"), settings, [str(tmp_path / "*.csv.gz")])
    assert counts(report) == (40 * 29, 40 * 29, 0, 0, 0)
