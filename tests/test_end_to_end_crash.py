"""kill -9 of the real commands: what was served stays whole, nothing is lost or doubled."""

import os
import random
import signal
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from warehouse.generations import Workspace

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Two files of a small shop; the second repeats the last 100 rows of the first."""
    dice = random.Random(3)
    rows = [
        f"t{i},c{dice.randrange(80):02},2025-{1 + i // 125:02}-{1 + dice.randrange(28):02},"
        f"{dice.randrange(100, 9900) / 100:.2f}"
        for i in range(1500)
    ]
    folder = tmp_path_factory.mktemp("files")
    for name, part in (("first", rows[:1000]), ("second", rows[900:])):
        text = "\n".join(["transaction_id,customer_id,date,amount", *part])
        (folder / f"{name}.csv").write_text(text + "\n", encoding="utf-8")
    total = sum(Decimal(row.split(",")[3]) for row in rows)
    return folder / "first.csv", folder / "second.csv", total


def start(folder, *arguments):
    """The command line in a process of its own, with a configuration folder of its own."""
    environment = os.environ | {"XDG_CONFIG_HOME": str(folder.parent / "configuration")}
    return subprocess.Popen(
        [sys.executable, "-m", "dashboard", "--workspace", str(folder), *map(str, arguments)],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def run(folder, *arguments):
    """Let a command end by itself; the seconds that it took."""
    began = time.monotonic()
    with start(folder, *arguments) as process:
        _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return time.monotonic() - began


def kill_after(folder, seconds, *arguments):
    """End a command with kill -9, unless it has ended by then."""
    with start(folder, *arguments) as process:
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
        process.communicate(timeout=30)
    assert process.returncode in {0, -signal.SIGKILL}


def served(workspace):
    """Number of the served generation, its transactions and their sum; core and marts agree."""
    generation = workspace.current()
    with duckdb.connect(str(generation.database), read_only=True) as con:
        (core,) = con.execute("select count(*), sum(amount) from core.transactions").fetchall()
        (marts,) = con.execute("select count(*), sum(amount) from marts.purchases").fetchall()
        (scored,) = con.execute("select count(*) from scores.spend").fetchall()
    assert core == marts
    assert core[0] == generation.manifest.rows["core.transactions"]
    is_scored = generation.manifest.scores_as_of is not None
    assert scored[0] == (generation.manifest.rows["core.customers"] if is_scored else 0)
    for model in generation.manifest.models:
        assert (generation.models / model.file).is_file()
    return generation.number, *core


def kill_often(workspace, times, seconds, *command):
    """Kill a command at moments spread over ``seconds``; each time the old or the new is whole.

    ``seconds`` is what the command needs when nobody ends it.
    """
    for moment in range(times):
        before = served(workspace)
        kill_after(workspace.folder, seconds * (moment + 0.5) / times, *command)
        after = served(workspace)
        assert after == before or after[0] > before[0]


def test_killed_loads_lose_nothing_and_double_nothing(tmp_path, files):
    first, second, total = files
    workspace = Workspace(tmp_path / "workspace")
    seconds = run(workspace.folder, "load", first)
    assert served(workspace)[1] == 1000
    kill_often(workspace, 6, seconds, "load", second)
    run(workspace.folder, "load", second)
    assert served(workspace)[1:] == (1500, total)


def test_killed_refreshes_leave_the_old_scores_or_the_new(tmp_path, files):
    first, second, total = files
    workspace = Workspace(tmp_path / "workspace")
    run(workspace.folder, "load", first, second)
    seconds = run(workspace.folder, "refresh", "--train", "always")
    kill_often(workspace, 4, seconds, "refresh", "--train", "always")
    run(workspace.folder, "refresh")
    assert served(workspace)[1:] == (1500, total)
    names = {entry.name for entry in (workspace.folder / "generations").iterdir()}
    assert not [name for name in names if "." in name]  # nothing half-made is left
