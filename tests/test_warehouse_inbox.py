"""The inbox: what is accepted is on the disk, is loaded exactly once, and outlives everything."""

import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import msgspec
import pytest

from warehouse.build import build_core
from warehouse.configuration import Settings
from warehouse.errors import CheckFailedError, LockedError, UsageError, WorkspaceError
from warehouse.expenses import MOST_DAYS_AHEAD, MOST_LETTERS, read_expense, take_in
from warehouse.generations import Workspace
from warehouse.inbox import Expense, Inbox
from warehouse.loading import load, unload
from warehouse.progress import Silent

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = Settings(threads=1)
LUNCH = Expense(
    amount="12.50", purchased_at="2024-05-01", customer_id="owner", kind="purchase",
    currency="GBP", category="Food",
)  # fmt: skip


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path / "workspace", keep=2)


NOTHING_ELSE = {
    "as_of": None, "scores_as_of": None, "horizon_days": 30, "currency": "GBP", "rows": {},
    "loads": [], "models": [],
}  # fmt: skip


def publish(workspace, fail=None):
    """What a refresh does with the inbox, without features, models and marts."""
    with workspace.writing("refresh", SETTINGS) as draft:
        build_core(draft.con)
        report = take_in(draft, SETTINGS, workspace.inbox)
        if fail:
            raise fail
        draft.publish(**NOTHING_ELSE)
        return report


def loaded(workspace, columns="amount, category"):
    """Transactions of the served generation."""
    with duckdb.connect(str(workspace.current().database), read_only=True) as con:
        return con.execute(f"select {columns} from core.transactions order by all").fetchall()


def expense(**fields):
    """An expense as the door words it."""
    return read_expense({"amount": "12.50", "purchased_at": "2024-05-01"} | fields, SETTINGS)


def lunch(amount):
    """The same at another price."""
    return msgspec.structs.replace(LUNCH, amount=amount)


# The door


def test_an_expense_is_worded_as_loading_would_store_it():
    assert expense(category=" Food ") == LUNCH
    assert expense(amount="-7").amount == "-7.00"
    assert expense(amount="-7").kind == "refund"
    assert expense(amount="7", kind="refund").amount == "-7.00"
    assert expense(amount="2.675").amount == "2.68"
    assert expense(purchased_at="2024-05-01T18:30").purchased_at == "2024-05-01 18:30:00"
    assert expense(customer_id="ann").customer_id == "ann"
    nasty = "half; of a \"line\", then 'another' 👩‍🍳 東京"
    assert expense(description=nasty).description == nasty


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"amount": ""}, "an expense needs its amount"),
        ({"amount": "twelve"}, "the amount cannot be taken: not a number\n  found:  twelve"),
        ({"amount": "0.00"}, "the amount cannot be taken: it is zero"),
        ({"purchased_at": "03/04/2024"}, "the order of day and month is not clear"),
        ({"purchased_at": "2024-02-30"}, "the date cannot be taken: not a date"),
        ({"purchased_at": "2091-05-01"}, "the date 2091-05-01 lies in the far future"),
        ({"kind": "gift"}, "the kind cannot be taken: not a known kind of transaction"),
        ({"currency": "EUR"}, "the currency cannot be taken: the workspace keeps GBP"),
        (
            {"amount": "€ 5"},
            "the amount cannot be taken: it is in EUR, and the workspace keeps GBP",
        ),
        ({"amount": "-7", "kind": "purchase"}, "the amount cannot be taken: it is negative, and"),
        ({"category": "null"}, "the category cannot be taken: it is read as nothing"),
        ({"colour": "red"}, "an expense has no colour"),
        ({"category": "x" * 5000}, "the category cannot be taken: it is too long\n  found:  5,000"),
        ({"category": "Food\nDrink"}, "the category cannot be taken: no letter stands at place 5"),
        ({"description": "a\u2028b"}, "the note cannot be taken: no letter stands at place 2"),
        ({"merchant": "\x1b[2Jshop"}, "the merchant cannot be taken: no letter stands at place 1"),
        ({"city": "Bonn\udcff"}, r"found:  'Bonn\udcff'"),
    ],
)
def test_what_cannot_be_loaded_is_refused_at_the_door(fields, says):
    with pytest.raises(UsageError) as error:
        expense(**fields)
    assert says in str(error.value)
    assert "to fix:" in str(error.value)


def test_the_longest_text_is_taken_and_one_letter_more_is_not():
    assert expense(category="x" * MOST_LETTERS).category == "x" * MOST_LETTERS
    with pytest.raises(UsageError, match=f"at most {MOST_LETTERS}"):
        expense(category="x" * (MOST_LETTERS + 1))


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("12.345", ["the amount 12.345 is rounded to 12.35, half away from zero"]),
        ("-0.015", ["the amount -0.015 is rounded to -0.02, half away from zero"]),
        ("12.50", []),
        ("12.500", []),
    ],
)
def test_a_rounded_amount_is_told(amount, said):
    given, heard = {"amount": amount, "purchased_at": "2024-05-01"}, []
    read_expense(given, SETTINGS, heard.append)
    assert heard == said


def test_rent_of_next_week_may_be_logged_and_the_month_after_next_not():
    today = datetime.now(SETTINGS.zone).date()
    assert expense(purchased_at=str(today + timedelta(days=7)))
    with pytest.raises(UsageError, match="far future"):
        expense(purchased_at=str(today + timedelta(days=MOST_DAYS_AHEAD + 2)))


# From acceptance to the generation


def test_the_first_generation_can_be_made_of_expenses_alone(workspace):
    entry = workspace.inbox.add(LUNCH)
    assert workspace.waiting() == [entry]
    publish(workspace)
    assert loaded(workspace, "source, transaction_id, customer_id, amount, category, load_id") == [
        ("log-expense", entry.id, "owner", Decimal("12.50"), "Food", 1)
    ]
    assert workspace.waiting() == []


def test_an_expense_is_accounted_for_as_any_row_and_loaded_once(workspace):
    for _ in range(3):  # equal expenses are three expenses
        workspace.inbox.add(LUNCH)
    report = publish(workspace)
    assert (report.read, report.loaded, report.rejected) == (3, 3, 0)
    assert publish(workspace) is None
    assert loaded(workspace, "count(*), sum(amount)") == [(3, Decimal("37.50"))]
    with duckdb.connect(str(workspace.current().database), read_only=True) as con:
        ledger = con.execute("select source, read, loaded, rejected from core.loads").fetchall()
    assert ledger == [("log-expense", 3, 3, 0)]


def test_a_load_of_files_takes_expenses_along(workspace, tmp_path):
    workspace.inbox.add(LUNCH)
    file = tmp_path / "orders.csv"
    file.write_text("customer_id,date,amount\nann,2024-01-31,1.00\n", encoding="utf-8")
    report = load(workspace, SETTINGS, [str(file)])
    assert (report.read, report.loaded) == (1, 1)
    assert "1 logged expense was loaded too, as load 2" in report.notes
    assert loaded(workspace, "amount") == [(Decimal("1.00"),), (Decimal("12.50"),)]
    # A load without anything new publishes nothing, and leaves the inbox alone.
    workspace.inbox.add(LUNCH)
    load(workspace, SETTINGS, [str(file)])
    assert len(workspace.waiting()) == 1


def test_an_expense_can_be_changed_and_removed_until_it_is_loaded(workspace):
    first, second = workspace.inbox.add(LUNCH), workspace.inbox.add(LUNCH)
    changed = workspace.inbox.edit(first.id, lunch("13.00"), {})
    assert (changed.id, changed.revision) == (first.id, 2)
    workspace.inbox.remove(second.id, {})
    publish(workspace)
    assert loaded(workspace, "amount") == [(Decimal("13.00"),)]
    for change in (
        lambda: workspace.inbox.edit(first.id, LUNCH, workspace.contained()),
        lambda: workspace.inbox.remove(first.id, workspace.contained()),
    ):
        with pytest.raises(UsageError, match="is loaded already"):
            change()
    with pytest.raises(UsageError, match="no expense nonsense waits"):
        workspace.inbox.remove("nonsense", {})


def test_a_failed_refresh_loses_nothing(workspace):
    entry = workspace.inbox.add(LUNCH)
    with pytest.raises(CheckFailedError):
        publish(workspace, fail=CheckFailedError("a check failed"))
    assert workspace.waiting() == [entry]
    publish(workspace)
    assert loaded(workspace) == [(Decimal("12.50"), "Food")]


def test_an_expense_that_cannot_stand_beside_the_rest_waits_and_blocks_nobody(workspace, tmp_path):
    file = tmp_path / "undated.csv"
    file.write_text("customer_id,merchant,amount\nann,kiosk,1.00\n", encoding="utf-8")
    load(workspace, SETTINGS, [str(file)], kind="transactions")
    entry = workspace.inbox.add(LUNCH)
    publish(workspace)
    assert workspace.waiting() == [entry]
    assert loaded(workspace, "amount") == [(Decimal("1.00"),)]


# Generations that come and go


def test_an_entry_is_kept_until_every_kept_generation_contains_it(workspace):
    workspace.inbox.add(LUNCH)
    publish(workspace)
    assert workspace.inbox.entries() == []
    entry = workspace.inbox.add(LUNCH)
    publish(workspace)
    assert workspace.inbox.entries() == [entry]  # generation 1 lacks it and may be served again
    publish(workspace)
    assert workspace.numbers() == [2, 3]
    assert workspace.inbox.entries() == []


def test_a_rollback_loses_nothing(workspace):
    workspace.inbox.add(LUNCH)
    publish(workspace)
    entry = workspace.inbox.add(lunch("99.00"))
    publish(workspace)
    workspace.rollback()
    assert workspace.waiting() == [entry]
    # A mistake can be put right now, and the next refresh loads it again, once.
    workspace.inbox.edit(entry.id, lunch("9.90"), workspace.contained())
    publish(workspace)
    assert loaded(workspace, "amount") == [(Decimal("9.90"),), (Decimal("12.50"),)]


def test_a_correction_also_reaches_a_generation_that_held_the_mistake(tmp_path):
    workspace = Workspace(tmp_path / "workspace", keep=5)
    workspace.inbox.add(LUNCH)
    publish(workspace)
    entry = workspace.inbox.add(lunch("99.00"))
    publish(workspace)
    workspace.rollback()
    workspace.inbox.edit(entry.id, lunch("9.90"), workspace.contained())
    workspace.rollback(to=2)
    assert [one.id for one in workspace.waiting()] == [entry.id]
    publish(workspace)
    assert loaded(workspace, "amount") == [(Decimal("9.90"),), (Decimal("12.50"),)]
    assert workspace.waiting() == []


def test_expenses_whose_load_is_taken_out_wait_again(workspace):
    workspace.inbox.add(LUNCH)
    publish(workspace)
    entry = workspace.inbox.add(LUNCH)
    publish(workspace)
    unload(workspace, SETTINGS, 2)
    assert workspace.waiting() == [entry]


# Crashes, torn files, several processes


def test_a_torn_file_is_set_aside_and_never_blocks(workspace):
    entry = workspace.inbox.add(LUNCH)
    whole = (workspace.inbox.folder / f"{entry.id}.json").read_bytes()
    (workspace.inbox.folder / "20240501-101500-aaaaaa.json").write_bytes(whole[:40])
    (workspace.inbox.folder / "20240501-101500-bbbbbb.json").write_bytes(b"")
    old = workspace.inbox.folder / "20240501-101500-cccccc.new"
    old.write_bytes(whole[:10])
    os.utime(old, (0, 0))
    assert workspace.waiting() == [entry]
    assert workspace.inbox.unreadable() == 2
    publish(workspace)
    assert loaded(workspace) == [(Decimal("12.50"), "Food")]
    assert workspace.inbox.unreadable() == 3
    assert [file.name for file in workspace.inbox.folder.iterdir()] == ["set-aside"]


def test_an_entry_does_not_change_while_a_writer_may_be_reading_it(workspace, monkeypatch):
    monkeypatch.setattr("warehouse.inbox._PATIENCE", 0.05)
    entry = workspace.inbox.add(LUNCH)
    with workspace.writing("refresh", SETTINGS):
        assert workspace.inbox.add(LUNCH)  # new ones may always come
        with pytest.raises(LockedError, match="`refresh`"):
            Inbox(workspace.folder).remove(entry.id, {})
    assert len(workspace.waiting()) == 2


def test_a_folder_that_cannot_be_written_accepts_nothing(tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(WorkspaceError, match="nothing was changed"):
        Inbox(tmp_path / "file").add(LUNCH)


def log_many(folder, who, n):
    for number in range(n):
        expense = msgspec.structs.replace(lunch(f"{number + 1}.00"), customer_id=who)
        Inbox(folder).add(expense)


def test_loggers_at_the_same_time_neither_lose_nor_mix_entries(workspace):
    context = multiprocessing.get_context("spawn")
    people = ["ann", "bob", "cyd", "dot"]
    loggers = [context.Process(target=log_many, args=(workspace.folder, p, 25)) for p in people]
    for logger in loggers:
        logger.start()
    for logger in loggers:
        logger.join(60)
        assert logger.exitcode == 0
    publish(workspace)
    amounts = [Decimal(number) for number in range(1, 26)]
    assert loaded(workspace, "customer_id, amount") == [(p, a) for p in people for a in amounts]


LOGGER = """
import sys
from pathlib import Path
from warehouse.inbox import Expense, Inbox

inbox, number = Inbox(Path(sys.argv[1])), 0
while True:
    number += 1
    entry = inbox.add(Expense(amount=f"{number}.00", purchased_at="2024-05-01", customer_id="owner",
                              kind="purchase", currency="GBP", description="x" * 5000))
    print(entry.id, flush=True)
"""


def test_killed_at_any_moment_no_accepted_entry_is_lost(workspace):
    accepted = []
    for lines in (1, 7, 20, 50):
        with subprocess.Popen(
            [sys.executable, "-c", LOGGER, str(workspace.folder)],
            cwd=ROOT, stdout=subprocess.PIPE, text=True,
        ) as logger:  # fmt: skip
            for _ in range(lines):
                accepted.append(logger.stdout.readline().strip())
            logger.kill()
            # What it said before it was hit counts too.
            accepted += logger.stdout.read().split()
            assert logger.wait(30) == -signal.SIGKILL
    kept = {entry.id for entry in workspace.inbox.entries()}
    assert set(accepted) <= kept
    publish(workspace)
    assert {row[0] for row in loaded(workspace, "transaction_id")} >= set(accepted)


WRITER = """
import os, signal, sys
from pathlib import Path
from warehouse.build import build_core
from warehouse.configuration import Settings
from warehouse.expenses import take_in
from warehouse.generations import Workspace

folder, fatal = sys.argv[1:]
workspace = Workspace(
    Path(folder), keep=2,
    on_step=lambda step: os.kill(os.getpid(), signal.SIGKILL) if step == fatal else None,
)
with workspace.writing("refresh", Settings(threads=1)) as draft:
    build_core(draft.con)
    take_in(draft, Settings(threads=1), workspace.inbox)
    draft.publish(as_of=None, scores_as_of=None, horizon_days=30, currency="GBP", rows={},
                  loads=[], models=[])
"""


@pytest.fixture(scope="module")
def loaded_once(tmp_path_factory):
    """A workspace with a loaded expense and a waiting one."""
    workspace = Workspace(tmp_path_factory.mktemp("inbox") / "workspace", keep=2)
    workspace.inbox.add(LUNCH)
    publish(workspace)
    workspace.inbox.add(LUNCH)
    return workspace.folder


@pytest.mark.parametrize("step", ["closed", "placed", "served"])
def test_a_writer_that_is_killed_loads_everything_once(loaded_once, tmp_path, step):
    workspace = Workspace(shutil.copytree(loaded_once, tmp_path / "workspace"), keep=2)
    entry = workspace.inbox.entries()[0]
    done = subprocess.run(
        [sys.executable, "-c", WRITER, str(workspace.folder), step], cwd=ROOT, check=False
    )
    assert done.returncode == -signal.SIGKILL
    assert workspace.waiting() == ([] if step == "served" else [entry])
    publish(workspace)
    assert loaded(workspace, "count(*)") == [(2,)]
    assert workspace.waiting() == []


def test_an_expense_in_a_currency_of_before_waits_and_says_so(workspace):
    entry = workspace.inbox.add(msgspec.structs.replace(LUNCH, currency="EUR"))
    other = workspace.inbox.add(LUNCH)
    steps = []

    class Told(Silent):
        def step(self, title, total=None):
            steps.append(title)
            return super().step(title, total)

    with workspace.writing("refresh", SETTINGS) as draft:
        build_core(draft.con)
        take_in(draft, SETTINGS, workspace.inbox, Told())
        assert draft.inbox == {other.id: 1}
        draft.publish(**NOTHING_ELSE)
    assert workspace.waiting() == [entry]
    assert steps == ["Logged expenses wait: not in GBP", "Loading 1 logged expense"]
