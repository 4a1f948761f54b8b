"""`spendboard log-expense`: what it says, what `status` counts, and what the next refresh loads."""

import json
from functools import partial

import duckdb
import pytest

from warehouse.generations import Workspace
from warehouse.inbox import Expense


@pytest.fixture
def workspace(tmp_path):
    return tmp_path / "workspace"


@pytest.fixture
def run(workspace, tmp_path, command, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return partial(command, workspace)


def log(run, *arguments):
    """Log an expense and return the answer for machines."""
    code, out, err = run("log-expense", *arguments, "--json")
    assert code == 0, err
    return json.loads(out)


LUNCH = ("--amount", "12.50", "--category", "Food", "--on", "2024-05-01")


def waiting(run):
    return json.loads(run("status", "--json")[1])["waiting"]


def test_an_expense_is_accepted_in_words(run, workspace):
    code, out, _ = run("log-expense", *LUNCH, "--merchant", "Cafe", "--note", "with [Ann]")
    assert code == 0
    assert "£12.50 purchase by owner: Food, at Cafe, with [Ann]" in out
    assert "1 May 2024" in out
    assert "it is loaded by the next spendboard refresh" in out
    assert [file.suffix for file in (workspace / "inbox").iterdir()] == [".json"]


def test_the_answer_for_machines_says_what_is_kept(run):
    answer = log(run, *LUNCH, "--customer", "ann", "--payment-method", "card", "--city", "Bonn")
    assert answer.pop("id")
    assert answer.pop("accepted_at").endswith("+00:00")
    assert answer == {
        "schema": 1, "accepted": True, "revision": 1, "waiting": 1, "amount": "12.50",
        "purchased_at": "2024-05-01", "customer_id": "ann", "kind": "purchase", "currency": "GBP",
        "category": "Food", "merchant": None, "payment_method": "card", "city": "Bonn",
        "description": None,
    }  # fmt: skip


def test_status_says_how_many_wait(run):
    assert "no generation yet" in run("status")[1]
    log(run, *LUNCH)
    log(run, *LUNCH)
    assert waiting(run) == 2
    assert "2 logged expenses waiting; spendboard refresh loads them" in run("status")[1]


def test_a_refresh_loads_what_waits_and_a_rollback_lets_it_wait_again(run, workspace):
    """From an empty folder to two generations and back, as a user would go."""
    log(run, *LUNCH)
    assert run("refresh")[0] == 0
    assert waiting(run) == 0
    second = log(run, "--amount", "3", "--category", "Food", "--on", "2024-05-02")
    assert "1 logged expense waiting" in run("status")[1]
    assert run("refresh")[0] == 0
    assert run("rollback")[0] == 0
    assert waiting(run) == 1
    listed = json.loads(run("log-expense", "--list", "--json")[1])
    assert [entry["id"] for entry in listed["waiting"]] == [second["id"]]
    assert run("refresh")[0] == 0
    with duckdb.connect(str(Workspace(workspace).current().database), read_only=True) as con:
        found = con.execute("select sum(amount), count(*) from core.transactions").fetchall()
    assert [tuple(map(float, row)) for row in found] == [(15.5, 2)]
    assert run("log-expense", "--remove", second["id"])[0] == 2


def test_fields_are_changed_cleared_and_kept(run):
    first = log(run, *LUNCH, "--merchant", "Cafe", "--note", "lunch")
    changed = log(run, "--edit", first["id"], "--amount", "-2", "--note", "")
    kept = {name: changed[name] for name in ("amount", "kind", "merchant", "description")}
    assert kept == {
        "amount": "-2.00", "kind": "refund", "merchant": "Cafe", "description": None
    }  # fmt: skip
    assert (changed["revision"], changed["waiting"]) == (2, 1)
    back = log(run, "--edit", first["id"], "--amount", "2")
    assert (back["amount"], back["kind"]) == ("2.00", "purchase")


def test_what_was_removed_is_gone(run):
    first = log(run, *LUNCH)
    code, out, _ = run("log-expense", "--remove", first["id"])
    assert (code, out.startswith("removed:")) == (0, True)
    assert "no expense waits" in run("log-expense", "--list")[1]
    assert run("refresh")[0] == 3  # nothing was ever loaded


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--category", "Food"), "needs --amount"),
        (("--amount", "12.50"), "needs --category"),
        (("--amount", "lots", "--category", "Food"), "not a number"),
        ((*LUNCH[:4], "--on", "2091-01-01"), "far future"),
        ((*LUNCH[:4], "--on", "yesterday"), "not a date"),
        ((*LUNCH, "--kind", "gift"), "invalid choice"),
        (("--edit", "nonsense", "--amount", "1"), "no expense nonsense waits"),
        (("--edit", "nonsense"), "changes nothing"),
        (("--remove", "nonsense"), "no expense nonsense waits"),
        (("--remove", "nonsense", "--amount", "1"), "take no field"),
        (("--list", "--amount", "4"), "--edit ID changes those of an expense that waits"),
        (("--list", "--remove", "nonsense"), "not allowed with"),
    ],
)
def test_a_wrong_call_is_told_and_nothing_is_kept(run, workspace, arguments, says):
    code, out, err = run("log-expense", *arguments)
    assert (code, out) == (2, "")
    assert says in err
    assert not (workspace / "inbox").exists()


def test_an_expense_is_in_the_currency_of_the_workspace(run, workspace):
    workspace.mkdir()
    (workspace / "spendboard.toml").write_text('currency = "EUR"\n', encoding="utf-8")
    assert log(run, *LUNCH)["currency"] == "EUR"


def test_beside_transactions_without_dates_an_expense_is_told_that_it_waits(run, tmp_path):
    (tmp_path / "ledger.csv").write_text("customer_id,merchant,amount\nann,cafe,5.00\n")
    assert run("load", tmp_path / "ledger.csv", "--as", "transactions")[0] == 0
    assert "it waits: the transactions here have no dates" in run("log-expense", *LUNCH)[1]


def test_an_expense_that_hardly_belongs_among_the_customers_is_told_with_the_way_back(
    run, tmp_path
):
    """One of nobody known, years later: everybody would look gone after the refresh."""
    (tmp_path / "shop.csv").write_text(
        "customer_id,date,amount\nann,2023-11-05,5.00\nbob,2023-12-24,7.00\n"
    )
    assert run("load", tmp_path / "shop.csv")[0] == 0
    told = log(run, *LUNCH)
    assert told["notes"] == [
        "note: no customer here is called owner, so that one would be added to the 2 that there"
        " are, and the data end on 24 Dec 2023, so that all recencies and scores would be reckoned"
        " from 1 May 2024 and who bought nothing since would look gone; if that is not meant,"
        f" `spendboard log-expense --remove {told['id']}` before the next refresh"
    ]
    near = ("--amount", "3", "--category", "Food", "--on", "2024-01-20")
    stranger = run("log-expense", *near)[1]
    assert "no customer here is called owner" in stranger
    assert "look gone" not in stranger
    late = run("log-expense", *LUNCH, "--customer", "ann")[1]
    assert "is called" not in late
    assert "would look gone" in late
    assert "notes" not in log(run, *near, "--customer", "ann")


def test_a_rounding_is_told_and_the_entry_says_what_is_kept(run):
    amount = ("--amount", "12.345")
    answer = log(run, *LUNCH[2:], *amount)
    said = "note: the amount 12.345 is rounded to 12.35, half away from zero"
    assert (answer["amount"], answer["notes"]) == ("12.35", [said])
    assert said in run("log-expense", "--edit", answer["id"], *amount)[1].splitlines()
    assert "notes" not in log(run, *LUNCH)


@pytest.mark.parametrize("option", ["--remove", "--edit"])
def test_an_empty_id_is_told_as_one(run, option):
    code, _, err = run("log-expense", option, "")
    assert code == 2
    assert f"{option} names no expense" in err
    assert "--amount" not in err


def test_a_list_keeps_each_entry_in_a_line_whatever_was_accepted_before(run, workspace):
    strange = Expense(
        amount="5.00", purchased_at="2024-05-01", customer_id="owner", kind="purchase",
        currency="GBP", category="a\nb\x1b[2J" + "x" * 5000,
    )  # fmt: skip
    Workspace(workspace).inbox.add(strange)
    code, out, _ = run("log-expense", "--list")
    assert code == 0
    (line,) = out.splitlines()
    assert ": a b [2Jxxx" in line
    assert line.endswith("x…")
    assert len(line) < 200
