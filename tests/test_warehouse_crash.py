"""kill -9 of a writer at every step: the old or the new generation is served, and it is whole."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest
from conftest import PATIENCE

from warehouse.configuration import Settings
from warehouse.errors import LockedError
from warehouse.generations import Workspace

ROOT = Path(__file__).resolve().parents[1]
# A writer that adds as many rows to each of two tables as its generation has a number, in several
# statements, and publishes. It tells every step, and behind a given one it ends itself or waits.
WRITER = """
import os, signal, sys
from pathlib import Path
from warehouse.configuration import Settings
from warehouse.generations import Workspace

folder, fatal, rounds = sys.argv[1:]

def on_step(step):
    print(step, flush=True)
    if step == fatal:
        os.kill(os.getpid(), signal.SIGKILL)
    if "wait at " + step == fatal:
        sys.stdin.read()

workspace = Workspace(Path(folder), on_step=on_step)
print("ready", flush=True)
for _ in range(int(rounds)):
    with workspace.writing("load orders.csv", Settings(threads=1)) as draft:
        con, number = draft.con, draft.number
        (draft.models / "model").write_text(str(number))
        for table in ("head", "tail"):
            con.execute(f"create table if not exists {table} (number integer, i integer)")
            con.execute(f"insert into {table} select {number}, i from range({number}) r(i)")
            on_step(f"wrote {table}")
        draft.publish(
            as_of=None, scores_as_of=None, horizon_days=30, currency="EUR", models=[],
            rows={"head": con.execute("select count(*) from head").fetchall()[0][0]},
            loads=[*(draft.parent.manifest.loads if draft.parent else []), number],
        )
"""
BEFORE = ["claimed", "copied", "opened", "wrote head", "wrote tail", "closed", "written", "synced",
          "placed"]  # fmt: skip
AFTER = ["served", "set aside", "pruned"]


def writer(folder, fatal="never", rounds=1):
    """A process that writes into the workspace; its standard output tells each step."""
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder), fatal, str(rounds)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def write(folder, **kwargs):
    """Let a writer run to its end; the steps it told."""
    with writer(folder, **kwargs) as process:
        out, err = process.communicate(timeout=PATIENCE)
    expected = -signal.SIGKILL if "fatal" in kwargs else 0
    assert process.returncode == expected, err
    return out.splitlines()


def assert_whole(generation):
    """Both tables hold exactly the rows of every generation that its manifest names."""
    loads = generation.manifest.loads
    with duckdb.connect(str(generation.database), read_only=True) as con:
        for table in ("head", "tail"):
            found = con.execute(f"select number, count(*) from {table} group by 1 order by 1")
            assert found.fetchall() == [(number, number) for number in loads]
    assert generation.manifest.rows == {"head": sum(loads)}
    assert (generation.models / "model").read_text(encoding="utf-8") == str(generation.number)


def assert_clean(workspace):
    """Every generation on the disk is whole, and nothing else lies beside them."""
    for number in workspace.numbers():
        assert_whole(workspace.open_generation(number))
    names = {entry.name for entry in (workspace.folder / "generations").iterdir()}
    assert names == {f"{number:06d}" for number in workspace.numbers()} | {"last_number"}


@pytest.fixture(scope="module")
def three(tmp_path_factory):
    """A workspace with generations 1, 2 and 3: the next publication also removes one."""
    folder = tmp_path_factory.mktemp("crash") / "workspace"
    steps = write(folder, rounds=3)
    assert [step for step in steps if step == "served"] == ["served"] * 3
    return folder


@pytest.fixture
def workspace(three, tmp_path):
    """A copy of it."""
    subprocess.run(["cp", "-r", three, tmp_path / "workspace"], check=True)
    return Workspace(tmp_path / "workspace")


def test_the_steps_listed_here_are_all_there_are(workspace):
    assert write(workspace.folder) == ["ready", *BEFORE, *AFTER]


@pytest.mark.parametrize("step", BEFORE + AFTER)
def test_killed_at_a_step_the_old_or_the_new_generation_is_whole(workspace, step):
    write(workspace.folder, fatal=step)
    current = workspace.current()
    assert current.number == (3 if step in BEFORE else 4)
    for number in workspace.numbers():
        assert_whole(workspace.open_generation(number))
    # The next writer needs no help, takes a number of its own, and clears up.
    write(workspace.folder)
    assert workspace.current().number == 5
    assert workspace.current().manifest.parent == current.number
    assert_clean(workspace)


@pytest.mark.parametrize("step", BEFORE + AFTER[:1])
def test_killed_at_a_step_of_the_first_load_ever(tmp_path, step):
    write(tmp_path / "workspace", fatal=step)
    workspace = Workspace(tmp_path / "workspace")
    write(workspace.folder)
    # Complete but for its name, the first one counts; otherwise the second began from nothing.
    is_kept = step in {"placed", "served"}
    assert workspace.current().manifest.loads == ([1, 2] if is_kept else [2])
    assert_clean(workspace)


def test_killed_at_random_moments_while_somebody_reads(workspace):
    moments = random.Random(7)
    last = workspace.current().number
    for _ in range(12):
        with writer(workspace.folder, rounds=1000) as process:
            assert process.stdout.readline() == "ready\n"
            until = time.monotonic() + moments.uniform(0.0, 0.5)
            while time.monotonic() < until:
                last = assert_newer(workspace, last)
            process.kill()
            assert process.wait(PATIENCE) == -signal.SIGKILL
        last = assert_newer(workspace, last)
    write(workspace.folder)
    assert workspace.current().number > last
    assert_clean(workspace)


def assert_newer(workspace, last):
    """The served generation is whole and not older than the one seen last."""
    generation = workspace.current()
    assert generation.number >= last
    try:
        assert_whole(generation)
    except (duckdb.IOException, FileNotFoundError):
        # Two publications later it is gone: a server holds it open, this reader came too late.
        assert generation.number not in workspace.numbers()
    return generation.number


def test_a_killed_writer_lets_go_of_the_lock_at_once(workspace):
    with writer(workspace.folder, fatal="wait at claimed") as process:
        assert [process.stdout.readline() for _ in range(2)] == ["ready\n", "claimed\n"]
        with pytest.raises(LockedError) as error:
            workspace.rollback()
        assert f"process {process.pid}, `load orders.csv`, since " in str(error.value)
        process.kill()
        process.wait(PATIENCE)
    assert workspace.rollback().number == 2
    with workspace.writing("load", Settings(threads=1)) as draft:
        assert (draft.number, draft.parent.number) == (5, 2)
