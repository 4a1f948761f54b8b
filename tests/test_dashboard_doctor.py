"""The doctor: what it says of a healthy machine, and of each thing that can be wrong."""

import ctypes
import importlib
import importlib.metadata
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from small_shop import publish

from analytics.matrix import with_rates
from dashboard import cli, doctor_machine, doctor_workspace, upkeep
from warehouse.configuration import Settings
from warehouse.scratch import abandoned, make_scratch, remove_scratch

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def key(tmp_path, monkeypatch):
    file = tmp_path / "config" / "signing.key"
    monkeypatch.setattr(upkeep, "key_file", lambda: file)
    return file


@pytest.fixture
def folder(tmp_path, monkeypatch, key):
    """A workspace, with a temporary folder of the machine for this test alone."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    # The checkout under test need not be the one that is installed.
    monkeypatch.setattr(doctor_machine, "_home", lambda: ROOT)
    publish(tmp_path / "shop")
    (tmp_path / "shop" / "spendboard.toml").write_text('currency = "EUR"\n')
    return tmp_path / "shop"


@pytest.fixture
def ask(capsys):
    """The doctor's exit code, and what it says by name: (state, found, fix)."""

    def call(folder, *arguments):
        code = cli.main(["--workspace", str(folder), "doctor", "--port", "0", "--json", *arguments])
        answer = json.loads(capsys.readouterr().out)
        assert answer["schema"] == 1
        lines = {line["name"]: line for line in answer["lines"]}
        assert answer["ok"] == (code == 0)
        return code, {n: (li["state"], li["found"], li["fix"]) for n, li in lines.items()}

    return call


def test_a_healthy_machine_and_workspace(folder, ask):
    code, lines = ask(folder)
    assert code == 0
    assert {name for name, (state, _, _) in lines.items() if state == "fail"} == set()
    assert lines["generation"] == ("ok", "1 opens, as of 2025-06-30", None)
    assert lines["workspace"][0] == "ok"
    assert "the first refresh makes it" in lines["signing key"][1]
    assert sorted(path.name for path in folder.iterdir() if path.name.startswith(".")) == []


def test_no_workspace_and_no_models_are_no_reason_to_fall_over(
    tmp_path, ask, folder, monkeypatch, capsys
):
    def broken(name):
        raise OSError("libgomp.so.1: cannot open shared object file")

    monkeypatch.setattr(doctor_machine, "importlib", SimpleNamespace(
        import_module=broken, metadata=importlib.metadata, util=importlib.util))  # fmt: skip
    monkeypatch.setattr(ctypes, "CDLL", broken)
    code, lines = ask(tmp_path / "nowhere")
    assert code == 1
    assert lines["libgomp"][0] == lines["lightgbm"][0] == "fail"
    assert "apt-get install libgomp1" in lines["libgomp"][2]
    assert lines["workspace"][0] == "ok"
    assert not (tmp_path / "nowhere").exists()
    assert cli.main(["--workspace", str(folder), "doctor", "--port", "0"]) == 1
    out = capsys.readouterr().out
    assert "FAIL libgomp" in out
    assert "to fix: apt-get install libgomp1" in out


def test_a_package_that_is_too_old_or_missing_is_named(folder, ask, monkeypatch):
    version = importlib.metadata.version

    def other(name):
        if name == "duckdb":
            return "1.2.0"
        if name == "dash":
            raise importlib.metadata.PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(importlib.metadata, "version", other)
    code, lines = ask(folder)
    assert code == 1
    assert lines["duckdb"][0] == "fail"
    assert lines["duckdb"][1].startswith("1.2.0, wanted")
    assert "pip install 'duckdb" in lines["duckdb"][2]
    assert lines["dash"][0] == "fail"


def test_a_folder_that_stands_before_ours_is_noticed(tmp_path):
    (tmp_path / "analytics").mkdir()
    (tmp_path / "analytics" / "__init__.py").write_text("")
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); from dashboard import doctor_machine;"
        "from pathlib import Path; doctor_machine._home = lambda: Path(sys.argv[1]);"
        "import warehouse; sys.path.insert(0, sys.argv[2]);"
        "line = doctor_machine._origin(); print(line.state, line.found)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(ROOT), str(tmp_path)],
        capture_output=True, text=True, check=True, cwd=tmp_path,
    )  # fmt: skip
    assert done.stdout.startswith("fail the package analytics comes from")


def test_an_editable_installation_is_at_home_where_it_is_edited(tmp_path, monkeypatch):
    folder = tmp_path / "a checkout"
    about = {"url": folder.as_uri(), "dir_info": {"editable": True}}
    installed = SimpleNamespace(read_text=lambda name: json.dumps(about))
    monkeypatch.setattr(doctor_machine, "_metadata", lambda: installed)
    assert doctor_machine._home() == folder


def test_settings_that_ask_for_more_than_there_is(folder, ask):
    (folder / "spendboard.toml").write_text(
        'currency = "EUR"\nthreads = 4096\nmemory_limit = "900GB"\n'
    )
    code, lines = ask(folder)
    assert code == 0
    assert lines["threads"][0] == lines["memory_limit"][0] == "warn"
    (folder / "spendboard.toml").write_text("thread = 1\n")
    code, lines = ask(folder)
    assert code == 1
    assert "did you mean: threads" in lines["settings"][2]


def test_a_full_disk_is_told_before_the_load(folder, ask, monkeypatch):
    monkeypatch.setattr(doctor_workspace.shutil, "disk_usage",
                        lambda path: SimpleNamespace(free=1000))  # fmt: skip
    code, lines = ask(folder)
    assert code == 1
    assert lines["disk"][0] == "fail"
    assert "0.0 GB free, the next load needs 0.1 GB" in lines["disk"][1]


def test_a_disk_over_the_network_is_warned_of(folder, ask, monkeypatch):
    monkeypatch.setattr(doctor_workspace, "_filesystem", lambda folder: "nfs4")
    code, lines = ask(folder)
    assert (code, lines["filesystem"][0]) == (0, "warn")


def test_a_damaged_generation_and_a_clock_that_is_wrong(folder, ask):
    manifest = folder / "generations" / "000001" / "manifest.json"
    fields = json.loads(manifest.read_text())
    later = datetime.now(UTC) + timedelta(days=2)
    manifest.write_text(json.dumps(fields | {"created_at": later.isoformat()}))
    code, lines = ask(folder)
    assert code == 1
    assert lines["clock and data"][0] == "fail"
    manifest.write_text("{")
    code, lines = ask(folder)
    assert code == 1
    assert lines["generation"][0] == "fail"
    assert "rollback" in lines["generation"][2]


def test_a_feature_file_that_would_stop_the_next_load(folder, ask):
    (folder / "features").mkdir()
    (folder / "features" / "loyalty.sql").write_text("select 1")
    code, lines = ask(folder)
    assert code == 1
    assert "loyalty.sql, line 1" in lines["features"][1]


def test_a_restore_that_was_killed_between_its_two_renames(folder, ask):
    folder.rename(folder.with_name("shop.before-20250701T080000"))
    (folder.parent / ".shop.abc.restoring").mkdir()
    code, lines = ask(folder)
    assert code == 1
    assert lines["restore"][0] == "warn"
    (folder.parent / ".shop.abc.restoring").rmdir()
    code, lines = ask(folder)
    assert code == 1
    assert f"mv {folder}.before-20250701T080000 {folder}" in lines["restore"][2]


def test_a_key_that_others_may_read(folder, ask, key):
    key.parent.mkdir()
    key.write_bytes(b"x" * 32)
    key.chmod(0o644)
    _, lines = ask(folder)
    assert lines["signing key"][0] == "warn"
    key.write_bytes(b"x")
    assert ask(folder)[0] == 1


def test_a_port_that_is_taken(folder, capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        code = cli.main(["--workspace", str(folder), "doctor", "--port", port])
    assert code == 0
    assert f"127.0.0.1:{port}: Address already in use" in capsys.readouterr().out


def test_what_is_no_address_of_this_machine_is_told_as_that():
    for host in ("é" * 80, "a..b"):
        line = doctor_machine._port(host, 0)
        assert (line.state, "--host 127.0.0.1" in line.fix) == ("warn", True)


def test_what_a_killed_process_left_is_found_and_removed(folder, ask):
    mine = make_scratch()
    code = (
        "import sys, tempfile, time; tempfile.tempdir = sys.argv[1];"
        "from warehouse.scratch import make_scratch; print(make_scratch(), flush=True);"
        "time.sleep(60)"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", code, tempfile.gettempdir()],
        stdout=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip
    with other:
        left = Path(other.stdout.readline().strip())
        assert abandoned() == []
        os.kill(other.pid, signal.SIGKILL)
    assert abandoned() == [left]
    _, lines = ask(folder)
    assert lines["leftovers"][0] == "warn"
    assert left.exists()
    _, lines = ask(folder, "--fix")
    assert lines["leftovers"][1].endswith("removed")
    assert not left.exists()
    assert mine.exists()
    remove_scratch(mine)
    assert not mine.exists()


def test_another_currency_than_that_of_the_transactions_is_told_before_a_refresh_stops(
    folder, ask, command
):
    (folder / "spendboard.toml").write_text('currency = "GBP"\n')
    code, lines = ask(folder)
    assert code == 1
    state, found, fix = lines["currency"]
    assert state == "fail"
    assert 'currency = "GBP", the transactions are in EUR' in found
    assert 'write currency = "EUR"' in fix
    assert 'currency = "GBP", the transactions are in EUR' in command(folder, "status")[1]
    (folder / "spendboard.toml").unlink()
    assert ask(folder)[1]["currency"][0] == "fail"  # the default is another one as well
    (folder / "spendboard.toml").write_text('currency = "EUR"\n')
    assert "currency" not in ask(folder)[1]
    assert json.loads(command(folder, "status", "--json")[1])["currency_fault"] is None


def test_three_letters_that_are_no_currency_are_told_before_the_first_load(
    tmp_path, folder, ask, command
):
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "spendboard.toml").write_text('currency = "XXQ"\n')
    code, lines = ask(empty)
    assert code == 1
    assert lines["currency"][0] == "fail"
    assert '"XXQ" in spendboard.toml is no currency' in lines["currency"][1]
    assert '"XXQ" in spendboard.toml is no currency' in command(empty, "status")[1]
    (empty / "spendboard.toml").write_text('currency = "DEM"\n')  # past, and still in old ledgers
    assert "currency" not in ask(empty)[1]
    # Who counts in something else already goes on doing so.
    points = publish(tmp_path / "points", settings=Settings(currency="PTS"))
    (points.folder / "spendboard.toml").write_text('currency = "PTS"\n')
    assert ask(points.folder)[1]["currency"][0] == "warn"


def test_a_column_for_the_groups_that_is_none_is_told_before_a_refresh_stops(folder, ask):
    settings = folder / "spendboard.toml"
    begin = 'currency = "EUR"\n[clusters]\nfeatures = '
    settings.write_text(begin + '["monetary", "recency_dys"]\n')
    code, lines = ask(folder)
    assert code == 1
    state, found, fix = lines["clusters"]
    assert (state, fix) == ("fail", "did you mean recency_days?")
    assert "'recency_dys'" in found
    settings.write_text(begin + '["monetary", "night_share", "spend_per_30d"]\n')
    assert "clusters" not in ask(folder)[1]
    names = ["customer_lifetime_days", "mean_gap_days", "recency_days", "frequency", "monetary"]
    made = with_rates(pd.DataFrame(1.0, index=[0], columns=names))
    assert set(made.columns) >= doctor_workspace.RATES
