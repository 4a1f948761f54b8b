"""The commands that look after a workspace: what they find, what they print, how they end."""

import json
import os
import shutil
from functools import partial
from itertools import count

import duckdb
import pytest
from small_shop import LAST_DAY, SETTINGS, publish

from analytics import artifacts
from dashboard import cli
from dashboard.settings import signing_key
from warehouse.generations import Workspace
from warehouse.publishing import finish

STAMPS = """\
-- features.loyalty(as_of): stamps on the card of each customer.
-- grain:  one row per customer with a transaction on or before as_of
-- reads:  core.transactions
-- params: as_of DATE, the last day that counts
-- columns:
--   customer_id  VARCHAR  key
--   stamps       BIGINT   [stamps] one for each line of 20 and more
--   card         VARCHAR  gold from two stamps on, else blue
select
    customer_id,
    count(*) filter (where amount >= 20) as stamps,
    if(count(*) filter (where amount >= 20) >= 2, 'gold', 'blue') as card
from core.transactions
where customer_id is not null and purchased_on <= $as_of
group by customer_id
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A workspace of the small shop, with one signed model."""
    folder = tmp_path_factory.mktemp("made") / "shop"
    folder.mkdir()
    (folder / "spendboard.toml").write_text('currency = "EUR"\nthreads = 1\n')
    workspace = publish(folder)
    with workspace.writing("refresh", SETTINGS) as draft:
        model = artifacts.save(draft.models, "origin", {"kind": "dated"}, signing_key())
        finish(
            draft, SETTINGS, as_of=None, scores_as_of=LAST_DAY, horizon_days=30, models=[model]
        )  # fmt: skip
    return folder


@pytest.fixture
def shop(made, tmp_path):
    """A copy of it."""
    return Workspace(shutil.copytree(made, tmp_path / "shop"))


@pytest.fixture
def run(shop, command):
    return partial(command, shop.folder)


def altered(shop, *statements):
    """Change the published database behind Spendboard's back, so that its size still fits."""
    generation = shop.current()
    with duckdb.connect(str(generation.database)) as con:
        for statement in statements:
            con.execute(statement)
    manifest = generation.folder / "manifest.json"
    fields = json.loads(manifest.read_text())
    fields["database_bytes"] = generation.database.stat().st_size
    manifest.write_text(json.dumps(fields))


def found(out):
    """Severity and offending rows by check, of those that found any."""
    answer = json.loads(out)
    assert answer["schema"] == 1
    return {
        entry["name"]: (entry["severity"], entry["rows"])
        for entry in answer["checks"]
        if entry["rows"]
    }


def test_a_sound_workspace_passes_every_check(run):
    code, out, _ = run("check", "--json")
    assert code == 0
    assert found(out) == {}
    assert json.loads(out)["ok"] is True
    names = {entry["name"] for entry in json.loads(out)["checks"]}
    assert {"checks.transactions_unique", "integrity.blocks", "integrity.models"} <= names
    code, out, _ = run("check")
    assert code == 0
    assert "ok   checks.transactions_unique\n" in out
    assert out.rstrip().endswith("0 failed, 0 warned")


def test_offending_rows_are_shown_and_counted(run, shop):
    altered(shop, "update marts.customers set monetary = monetary + 1")
    code, out, _ = run("check", "--json", "--rows", 2)
    assert code == 1
    assert found(out)["checks.customers_monetary"] == ("stop", 6)
    entry = json.loads(out)["checks"][0]
    assert entry["name"] == "checks.customers_monetary"
    assert [row["customer_id"] for row in entry["sample"]] == ["ann", "bob"]
    code, out, _ = run("check", "--rows", 1)
    assert "FAIL checks.customers_monetary: 6 rows" in out
    assert "customer_id = ann; monetary = 101.00; spend = 100.00" in out
    assert "and 5 more" in out


def test_what_is_published_with_a_warning_is_said_at_once_and_in_the_status(run, shop, tmp_path):
    said = "1 check warns: purchases_in_the_future (1 row); `spendboard check` shows it"
    assert "checks" not in run("status")[1]
    file = tmp_path / "more.csv"
    file.write_text("transaction_id,customer_id,date,amount\nt99,ann,2124-01-01,5.00\n")
    assert said in run("load", file)[2].splitlines()
    assert f"checks            {said}" in run("status")[1]
    assert json.loads(run("status", "--json")[1])["warnings"] == {"purchases_in_the_future": 1}
    assert "warns" not in run("load", file, "--dry-run")[2]
    assert "warns" not in run("unload", 2)[2]


def test_rows_that_the_manifest_does_not_know_are_found(run, shop):
    altered(shop, "insert into core.rejects (load_id) values (1)")
    code, out, _ = run("check", "--json")
    assert code == 1
    assert found(out)["integrity.rows"] == ("stop", 1)


def test_an_altered_model_and_one_from_elsewhere_are_found(run, shop, monkeypatch):
    generation = shop.current()
    monkeypatch.setattr(cli, "signing_key", lambda: b"x" * 32)
    code, out, _ = run("check", "--json")
    assert code == 1
    assert found(out) == {"integrity.models": ("stop", 1)}
    assert "not written by this installation" in out
    (generation.models / "origin.json").write_text("{}")
    assert "altered since it was written" in run("check")[1]


def test_a_damaged_block_is_found(run, shop):
    database = shop.current().database
    altered(shop, "create table core.ballast as select uuid() as id from range(50000)")
    size = database.stat().st_size
    with database.open("r+b") as file:
        for place in count(size // 3, 4096):
            if place >= size - 4096:
                break
            file.seek(place)
            file.write(b"\xff" * 512)
    code, out, _ = run("check", "--json")
    assert code == 1
    assert {"integrity.blocks", "integrity.opens"} & set(found(out))


def test_a_truncated_database_is_found(run, shop):
    database = shop.current().database
    with database.open("r+b") as file:
        file.truncate(5000)
    code, out, _ = run("check", "--json")
    assert code == 1
    assert found(out) == {"integrity.opens": ("stop", 1)}
    assert "5,000 bytes" in out


def test_status_notices_a_database_that_does_not_open(run, shop):
    database = shop.current().database
    with database.open("r+b") as file:
        file.write(b"\0" * 4096 * 3)
    code, out, err = run("status")
    assert code == 3
    assert out == ""
    assert "spendboard rollback" in err


def test_two_processes_that_make_the_key_at_once_get_the_same(tmp_path, monkeypatch):
    link = os.link

    def somebody_was_first(source, target):
        target.write_bytes(b"k" * 32)
        link(source, target)

    monkeypatch.setattr(os, "link", somebody_was_first)
    assert signing_key(tmp_path) == b"k" * 32
    assert [path.name for path in tmp_path.iterdir()] == ["signing.key"]


def test_a_demo_is_not_made_anew_under_a_writer(shop, capsys):
    (shop.folder / "demo.json").write_text("{}")
    with shop.writing("load orders.csv", SETTINGS):
        code = cli.main(["--workspace", str(shop.folder), "demo", "--rebuild", "--no-serve"])
    assert code == 3
    assert "load orders.csv" in capsys.readouterr().err
    assert shop.current().number == 2


def test_strange_files_are_named_and_only_warned_of(run, shop):
    (shop.folder / "thesis.docx").write_text("words")
    (shop.current().folder / "copy.duckdb").write_text("words")
    code, out, _ = run("check", "--json")
    assert code == 0
    assert found(out) == {"integrity.foreign_files": ("warn", 2)}
    assert "000002/copy.duckdb" in out


def test_check_without_a_generation_says_what_to_do(run, shop):
    shutil.rmtree(shop.folder / "generations")
    (shop.folder / "CURRENT").unlink()
    code, _, err = run("check")
    assert code == 3
    assert "spendboard load" in err


def test_a_feature_file_is_tried_before_it_is_used(run, shop, tmp_path):
    file = tmp_path / "loyalty.sql"
    file.write_text(STAMPS)
    code, out, err = run("features", "--check", file)
    assert code == 0
    assert "loyalty_stamps  BIGINT" in out
    assert "proven" in err
    file.write_text(STAMPS.replace("<= $as_of", "<= $as_of + 7"))
    code, _, err = run("features", "--check", file)
    assert code == 3
    assert "the view reads past as_of" in err
    assert "customer ann, stamps:" in err
    assert shop.current().number == 2
    assert "no feature views" in run("features")[1]


def test_columns_of_the_workspace_are_asked_for_as_ours_are(run, shop, tmp_path):
    (shop.folder / "features").mkdir()
    file = shop.folder / "features" / "loyalty.sql"
    file.write_text(STAMPS)
    target = tmp_path / "gold.csv"
    where = "loyalty_stamps=2..&loyalty_card=gold"
    asked = ("export", "--where", where, "--to", target, "--columns", "customer_id,loyalty_stamps")
    assert run(*asked)[0] == 2
    with shop.writing("load", SETTINGS) as draft:
        finish(draft, SETTINGS, as_of=None, scores_as_of=None, horizon_days=30, models=[])
    assert run(*asked)[0] == 0
    assert target.read_bytes() == b"customer_id,loyalty_stamps\r\nann,3\r\n"
    assert json.loads(run("features", "--json")[1])["columns"][0]["column"] == "loyalty_stamps"
    assert run("check", "--json")[0] == 0
    file.unlink()
    with shop.writing("load", SETTINGS) as draft:
        finish(draft, SETTINGS, as_of=None, scores_as_of=None, horizon_days=30, models=[])
    code, _, err = run(*asked)
    assert code == 2
    assert "loyalty_" in err


def test_a_backup_made_elsewhere_serves_its_scores_and_says_how_to_train(
    run, shop, tmp_path, monkeypatch, capsys
):
    file, target, lists = tmp_path / "shop.tar.zst", tmp_path / "new", []
    code, out, _ = run("backup", "--to", file, "--verify")
    assert code == 0
    assert "generation 2" in out
    assert out.rstrip().endswith("verified")
    code, _, err = run("backup", "--to", file)
    assert code == 3
    assert "there is a file already" in err
    code, _, err = run("restore", file)
    assert code == 3
    assert "not empty" in err
    monkeypatch.setattr(cli, "signing_key", lambda: b"x" * 32)
    assert cli.main(["--workspace", str(target), "restore", str(file)]) == 0
    out, err = capsys.readouterr()
    assert "generation 2 is served, as of 2025-06-30" in out
    assert "`spendboard refresh --train always` makes new models" in err
    for folder in (shop.folder, target):
        lists.append(folder / "list.csv")
        call = ["--workspace", str(folder), "export", "--where", "monetary=50..", "--to"]
        assert cli.main([*call, str(lists[-1])]) == 0
    assert lists[0].read_bytes() == lists[1].read_bytes()
    assert lists[0].read_bytes().count(b"\r\n") == 3
    file.write_bytes(file.read_bytes()[:2000])
    assert cli.main(["--workspace", str(tmp_path / "third"), "restore", str(file)]) == 3
    assert not (tmp_path / "third").exists()


def test_a_restored_workspace_without_dates_has_no_day(tmp_path, command, monkeypatch):
    ledger, file, target = tmp_path / "ledger.csv", tmp_path / "x.tar.zst", tmp_path / "new"
    ledger.write_text("customer_id,merchant,amount\nann,cafe,5.00\n")
    assert command(tmp_path / "w", "load", ledger, "--as", "transactions")[0] == 0
    assert command(tmp_path / "w", "backup", "--to", file)[0] == 0
    assert command(target, "restore", file)[1].rstrip().endswith("is served, no dates in the data")
    assert "1 opens, no dates in the data" in command(target, "doctor", "--port", 0)[1]


CALLS = (
    "status", "check", "refresh", "rollback", "doctor", "serve --port 0", "log-expense --list",
    "load ledger.csv", "export --where= --to -", "report monthly",
)  # fmt: skip


@pytest.mark.parametrize("call", CALLS)
def test_a_file_is_no_workspace_and_a_folder_no_settings(tmp_path, command, call):
    file, folder = tmp_path / "file", tmp_path / "folder"
    file.write_text("words")
    (folder / "spendboard.toml").mkdir(parents=True)
    for where, says in ((file, f"{file}: not a folder"), (folder, "spendboard.toml: is a folder")):
        code, out, err = command(where, *call.split())
        assert code == (1 if call == "doctor" else 3)
        assert says in out + err
        assert "rollback" not in out + err
    assert [path.name for path in folder.iterdir()] == ["spendboard.toml"]
    assert file.read_text() == "words"


def test_below_a_file_there_is_nothing_to_roll_back_to(tmp_path, command):
    (tmp_path / "file").write_text("words")
    code, _, err = command(tmp_path / "file" / "shop", "check")
    assert code == 3
    assert "nothing is loaded yet" in err
