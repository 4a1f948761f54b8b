"""The command line: what it prints where, with which exit code, and that nothing is lost."""

import csv
import io
import json
import shutil
from functools import partial

import pytest

from dashboard import cli, demo
from dashboard.settings import signing_key, workspace_folder
from warehouse.errors import SettingsError

ORDERS = """\
transaction_id,customer_id,date,amount
t1,ann,2025-01-01,10.00
t2,ann,2025-01-31,30.00
t3,bob,2025-01-15,50.00
t4,bob,2025-01-20,-5.00
t5,,2025-01-20,7.50
"""


def orders_in(folder):
    file = folder / "orders.csv"
    file.write_text(ORDERS, encoding="utf-8")
    return file


@pytest.fixture
def orders(tmp_path):
    return orders_in(tmp_path)


@pytest.fixture
def workspace(tmp_path):
    return tmp_path / "workspace"


@pytest.fixture
def run(workspace, command):
    return partial(command, workspace)


@pytest.fixture(scope="module")
def loaded_once(tmp_path_factory):
    """The orders, loaded by the command; to be copied."""
    folder = tmp_path_factory.mktemp("loaded")
    code = cli.main(["--workspace", str(folder / "workspace"), "load", str(orders_in(folder))])
    assert code == 0
    return folder / "workspace"


@pytest.fixture
def loaded(loaded_once, workspace):
    shutil.copytree(loaded_once, workspace)


def test_a_load_prints_a_sum_that_comes_out_even(run, orders):
    code, out, err = run("load", orders)
    assert code == 0
    assert "5 read = 5 loaded + 0 rejected + 0 already loaded + 0 set aside" in out
    assert "customer_id" in err
    assert "by name" in err


def test_the_report_for_machines_is_the_contracts(run, orders):
    code, out, _ = run("load", orders, "--json")
    report = json.loads(out)
    assert code == 0
    assert report["schema"] == 1
    assert {key: report[key] for key in ("load_id", "read", "loaded", "rejected")} == {
        "load_id": 1, "read": 5, "loaded": 5, "rejected": 0,
    }  # fmt: skip
    assert report["files"][0]["file"] == "orders.csv"
    assert report["mapping"]["amount"] == "amount"
    assert report["unused"] == []


def test_loading_again_adds_nothing(run, orders, loaded):
    code, out, _ = run("load", orders)
    assert code == 0
    assert "0 loaded + 0 rejected + 5 already loaded" in out


def test_a_dry_run_changes_nothing(run, orders, workspace):
    code, out, _ = run("load", orders, "--dry-run")
    assert code == 0
    assert "5 loaded" in out
    assert run("status")[1].startswith(f"{workspace}: no generation yet")


def test_status_says_what_is_served(run, loaded):
    code, out, _ = run("status", "--json")
    answer = json.loads(out)
    assert code == 0
    assert (answer["generation"], answer["as_of"], answer["scores_as_of"]) == (
        1,
        "2025-01-31",
        None,
    )
    assert answer["rows"]["core.transactions"] == 5
    assert "run spendboard refresh" in run("status")[1]


def test_an_export_is_the_selection_and_nothing_else(run, loaded, tmp_path):
    target = tmp_path / "list.csv"
    code, _, err = run("export", "--where", "monetary=45..", "--to", target,
                       "--columns", "customer_id,monetary,frequency")  # fmt: skip
    assert code == 0
    assert err.startswith("1 customer")
    rows = list(csv.reader(io.StringIO(target.read_bytes().decode("utf-8"), newline="")))
    assert rows == [["customer_id", "monetary", "frequency"], ["bob", "45.00", "1"]]


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("export", "--where", "monetry=45..", "--to", "-"), 2, "did you mean: monetary?"),
        (("export", "--where", "monetary=abc", "--to", "-"), 2, "monetary=abc"),
        (("export", "--where", "", "--to", "-", "--columns", "nonsense"), 2, "nonsense"),
        (("score", "--customer", "anne"), 3, "did you mean: ann"),
        (("unload", 7), 2, "there is no load 7"),
        (("rollback",), 3, "oldest there is"),
        (("load", "no-such.csv"), 3, "no such file"),
        (("load", "x.csv", "--map", "amount"), 2, "ours=theirs"),
        (("refresh", "--horizon-days", "-3"), 2, "at least 1"),
        (("refresh", "--as-of", "yesterday"), 2, "--as-of: must be a day such as 2025-01-31"),
        (("report", "migration", "--from", "2025-13-01"), 2, "must be a day such as 2025-01-31"),
        (("report", "monthly", "--months", 2**31), 2, "at most 100000"),
        (("report", "recurring", "--months", 3), 2, "--months belongs to the monthly report"),
        (("backup", "--to", "-"), 2, "--to: must be a file, not standard output"),
        (("serve", "--port", 65536), 2, "at most 65535"),
        (("doctor", "--port", 99999), 2, "at most 65535"),
        (("demo", "--last-day", "0001-01-01"), 2, "--last-day: must be a day from 1970-01-01 to"),
        (("demo", "--last-day", "2999-01-01"), 2, "--last-day: must be a day from 1970-01-01 to"),
        (("demo", "--months", 99_999), 2, "at most 840"),
        (("nonsense",), 2, "invalid choice"),
    ],
    ids=lambda value: " ".join(map(str, value)) if isinstance(value, tuple) else "",
)
def test_a_mistake_is_named_with_the_contracts_exit_code(run, loaded, arguments, code, says):
    found, out, err = run(*arguments)
    assert found == code
    assert says in err
    assert "Traceback" not in err
    assert "Taking out" not in err
    assert out == ""


def test_rejected_rows_are_counted_and_a_bad_file_is_refused_whole(run, tmp_path, workspace):
    lines = [f"t{n},c{n % 7},2025-02-{n % 28 + 1:02d},{n}.50" for n in range(1, 41)]
    file = tmp_path / "dirty.csv"
    header = "transaction_id,customer_id,date,amount"
    file.write_text("\n".join([header, *lines, "t99,c1,2025-02-30,9.00", ""]), encoding="utf-8")
    code, out, _ = run("load", file)
    assert code == 0
    assert "41 read = 40 loaded + 1 rejected" in out
    assert "2025-02-30" in out
    file.write_text("\n".join([header, *(f"u{n},c1,2025-13-01,1.00" for n in range(9)), ""]))
    code, _, err = run("load", file)
    assert code == 3
    assert "to fix" in err
    assert json.loads(run("status", "--json")[1])["rows"]["core.transactions"] == 40


def test_what_was_set_aside_is_told_apart_from_what_was_rejected(run, loaded, tmp_path):
    rows = ["t9,ann,2025-02-30,1.00", "t1,ann,2025-01-01,11.00", "t1,ann,2025-01-01,12.00"]
    rows += [f"u{n},ann,2025-01-02,1.00" for n in range(20)]
    file = tmp_path / "more.csv"
    file.write_text("\n".join(["transaction_id,customer_id,date,amount", *rows, ""]))
    assert run("load", file, "--on-conflict", "replace")[0] == 0
    assert "25 transactions, 2 customers, 1 rejected, 1 set aside" in run("status")[1]
    assert json.loads(run("status", "--json")[1])["not_loaded"] == {"rejected": 1, "set_aside": 1}
    assert run("rejects", "--to", tmp_path / "rejects.csv")[2].startswith("1 record written")


def test_a_load_can_be_taken_out_and_a_generation_brought_back(run, loaded, tmp_path):
    more = tmp_path / "more.csv"
    more.write_text("transaction_id,customer_id,date,amount\nt9,cyd,2025-02-01,1.00\n")
    assert run("load", more)[0] == 0
    assert run("unload", 2)[0] == 0
    assert json.loads(run("status", "--json")[1])["rows"]["core.customers"] == 2
    code, out, _ = run("rollback")
    assert code == 0
    assert "generation 2 is served again" in out
    assert json.loads(run("status", "--json")[1])["rows"]["core.customers"] == 3


def test_a_defect_keeps_its_traceback_and_says_so_in_one_sentence(
    run, loaded, monkeypatch, workspace
):
    def broken(args):
        raise RuntimeError("a planted defect")

    monkeypatch.setitem(cli.RUN, "status", broken)
    code, out, err = run("status")
    assert code == 70
    assert "Traceback" not in err
    assert "errors.log" in err
    assert "a planted defect" in (workspace / "errors.log").read_text(encoding="utf-8")
    assert out == ""


def test_demo_leaves_a_folder_that_is_no_demo_alone(tmp_path, command):
    precious = tmp_path / "thesis"
    precious.mkdir()
    (precious / "chapter-1.txt").write_text("words")
    code, _, err = command(precious, "demo", "--no-serve")
    assert code == 3
    assert "not a demo workspace" in err
    assert [file.name for file in precious.iterdir()] == ["chapter-1.txt"]


def test_demo_is_built_once_and_found_again(demo_workspace, monkeypatch, command):
    # Another commit would be another build, and somebody may make one while the tests run.
    build = json.loads((demo_workspace / demo.MARKER).read_text(encoding="utf-8"))["build"]
    monkeypatch.setattr(demo, "build_name", lambda: build)
    before = (demo_workspace / "CURRENT").read_text(encoding="utf-8")
    same = ("--customers", 600, "--months", 18, "--seed", 7)
    for asked in (same, ()):
        code, _, err = command(demo_workspace, "demo", "--no-serve", *asked)
        assert (code, err) == (0, f"{demo_workspace}: there already; --rebuild makes it anew\n")
    assert (demo_workspace / "CURRENT").read_text(encoding="utf-8") == before


@pytest.fixture
def small_demo(loaded, workspace):
    """What an older build left: somebody may have logged expenses in it."""
    marker = {"customers": 600, "months": 18, "seed": 7, "last_day": None, "build": "0.0.1"}
    (workspace / demo.MARKER).write_text(json.dumps(marker), encoding="utf-8")
    (workspace / "mine").write_text("kept", encoding="utf-8")
    return workspace


def test_a_demo_of_an_older_build_is_kept_and_that_is_said(small_demo, command):
    code, _, err = command(small_demo, "demo", "--no-serve", "--customers", 600)
    assert code == 0
    assert "there already, made by build 0.0.1; --rebuild makes it anew" in err
    assert (small_demo / "mine").is_file()


def test_another_demo_than_the_one_that_is_there_takes_the_word_to_make_it(small_demo, command):
    code, _, err = command(small_demo, "demo", "--no-serve", "--customers", 700, "--months", 18)
    assert code == 2
    assert "holds another demo" in err
    assert "customers 600" in err
    assert "--rebuild" in err
    assert (small_demo / "mine").is_file()


def test_a_card_is_markdown_for_people_and_a_text_in_json_for_machines(demo_workspace, command):
    _, text, _ = command(demo_workspace, "models", "--card", "spend")
    code, out, _ = command(demo_workspace, "models", "--card", "spend", "--json")
    answer = json.loads(out)
    assert (code, answer["schema"], answer["question"]) == (0, 1, "spend")
    assert answer["card"] == text
    assert text.startswith("#")


def test_models_prints_the_backtests_of_every_question(demo_workspace, command):
    answer = json.loads(command(demo_workspace, "models", "--json")[1])
    assert answer["schema"] == 1
    spend = answer["questions"]["spend"]
    assert spend["champion"] in spend["candidates"]
    assert len(spend["origins"]) >= 3
    for candidate in spend["candidates"].values():
        assert set(candidate) == set(spend["origins"])
        for metrics in candidate.values():
            assert {"mae", "rmse", "r2", "ngini", "top10", "total_ratio"} <= set(metrics)
    text = command(demo_workspace, "models")[1]
    assert f"spend: {spend['champion']} serves" in text


def test_the_workspace_comes_from_the_option_then_the_environment(monkeypatch, tmp_path):
    monkeypatch.delenv("SPENDBOARD_WORKSPACE", raising=False)
    assert str(workspace_folder()) == "workspace"
    monkeypatch.setenv("SPENDBOARD_WORKSPACE", str(tmp_path))
    assert workspace_folder() == tmp_path
    assert workspace_folder(tmp_path / "named") == tmp_path / "named"


def test_the_signing_key_is_made_once_and_is_private(tmp_path):
    key = signing_key(tmp_path / "config")
    file = tmp_path / "config" / "signing.key"
    assert len(key) == 32
    assert file.stat().st_mode & 0o777 == 0o600
    assert signing_key(tmp_path / "config") == key
    file.write_bytes(b"short")
    with pytest.raises(SettingsError, match="not a key of 32 bytes"):
        signing_key(tmp_path / "config")
