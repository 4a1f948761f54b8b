"""Generations: publication, numbers, pruning, rollback, and every way in which one is damaged."""

import errno
import json
import multiprocessing
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta

import duckdb
import pytest
from small_generations import SETTINGS, finish, publish, said

from warehouse.connection import open_reader
from warehouse.errors import (
    LockedError,
    NoGenerationError,
    WorkspaceError,
)
from warehouse.files import copy_file
from warehouse.generations import Generation, ModelFile, Workspace


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path / "workspace")


def fail(workspace, error, statement="select 1"):
    """Begin to write and run into an error."""
    with workspace.writing("load", SETTINGS) as draft:
        draft.con.execute(statement)
        raise error


def test_a_fresh_workspace_has_nothing_and_says_what_to_do(workspace):
    with pytest.raises(NoGenerationError, match="`spendboard load FILE --workspace "):
        workspace.current()
    with pytest.raises(NoGenerationError):
        workspace.rollback()
    assert workspace.numbers() == []
    assert not workspace.folder.exists()  # asking makes nothing


def test_a_generation_says_what_it_contains(workspace):
    before = datetime.now(UTC)
    published = publish(workspace)
    found = Workspace(workspace.folder).current()
    assert found == published
    assert found.folder == workspace.folder / "generations" / "000001"
    assert (workspace.folder / "CURRENT").read_text(encoding="ascii") == "000001\n"
    manifest = found.manifest
    assert before <= manifest.created_at <= datetime.now(UTC)
    assert (manifest.generation, manifest.parent, manifest.schema_number) == (1, None, 1)
    assert (manifest.as_of, manifest.scores_as_of) == (date(2025, 6, 30), None)
    assert (manifest.horizon_days, manifest.currency) == (30, "EUR")
    assert (manifest.rows, manifest.loads, manifest.models) == ({"t": 1}, [1], [])
    assert manifest.build.startswith("0.")
    assert manifest.database_bytes == found.database.stat().st_size
    # Readable by people and by anything else that reads JSON.
    assert json.loads((found.folder / "manifest.json").read_text())["as_of"] == "2025-06-30"
    assert sorted(entry.name for entry in found.folder.iterdir()) == [
        "manifest.json", "models", "warehouse.duckdb",
    ]  # fmt: skip


def test_the_next_generation_begins_as_a_copy_and_leaves_the_old_one_alone(workspace):
    first = publish(workspace)
    content = first.database.read_bytes()
    second = publish(workspace)
    assert (said(first), said(second)) == (["1"], ["1", "2"])
    assert second.manifest.parent == 1
    assert first.database.read_bytes() == content


def test_models_travel_with_the_generation_until_they_are_replaced(workspace):
    spend = ModelFile("spend", "spend.joblib", "aa", "bb")
    with workspace.writing("refresh", SETTINGS) as draft:
        (draft.models / "spend.joblib").write_bytes(b"first")
        finish(draft, [spend])
    with workspace.writing("refresh", SETTINGS) as draft:
        assert draft.parent.manifest.models == [spend]
        assert (draft.models / "spend.joblib").read_bytes() == b"first"
        (draft.models / "spend.joblib").write_bytes(b"second")
        finish(draft, [spend])
    contents = [
        (workspace.open_generation(number).models / "spend.joblib").read_bytes()
        for number in (1, 2)
    ]
    assert contents == [b"first", b"second"]


def test_a_writer_that_fails_leaves_nothing_and_its_number_is_gone(workspace):
    publish(workspace)
    with pytest.raises(KeyboardInterrupt):
        fail(workspace, KeyboardInterrupt(), "insert into t values ('lost')")
    with workspace.writing("load", SETTINGS):
        pass  # nothing to publish after all
    assert workspace.current().number == 1
    names = {entry.name for entry in (workspace.folder / "generations").iterdir()}
    assert names == {"000001", "last_number"}
    assert publish(workspace).number == 4
    assert said(workspace.current()) == ["1", "4"]


def test_numbers_only_grow_whatever_was_removed(workspace):
    publish(workspace)
    publish(workspace)
    generations = workspace.folder / "generations"
    (generations / "000009.partial").mkdir()  # of a writer that was killed
    (generations / "last_number").unlink()
    assert publish(workspace).number == 10
    assert not (generations / "000009.partial").exists()
    workspace.rollback(1)
    shutil.rmtree(generations / "000010")
    assert publish(workspace).number == 11
    assert said(workspace.current()) == ["1", "11"]


def test_the_oldest_are_removed_but_never_the_one_before_the_current(workspace):
    for _ in range(5):
        publish(workspace)
    assert workspace.numbers() == [3, 4, 5]
    workspace.rollback(3)
    publish(workspace)  # made from 3: a server may have both open
    assert workspace.numbers() == [3, 4, 5, 6]
    publish(workspace)
    assert workspace.numbers() == [5, 6, 7]


def test_keeping_one_still_keeps_the_one_before(tmp_path):
    workspace = Workspace(tmp_path, keep=1)
    for _ in range(3):
        publish(workspace)
    assert workspace.numbers() == [2, 3]


def test_a_reader_keeps_its_generation_while_others_are_published(workspace, tmp_path):
    first = publish(workspace)
    with open_reader(first.database, threads=1, memory_limit=None, temp_directory=tmp_path / "t",
                     export_directory=tmp_path / "e") as con:  # fmt: skip
        for _ in range(5):
            publish(workspace)
        assert not first.folder.exists()
        # The files are gone from the folder; what is open stays readable to the end.
        assert con.execute("from t").fetchall() == [("1",)]
    assert workspace.current().number == 6


def test_a_second_writer_is_told_who_writes(workspace):
    publish(workspace)
    started = datetime.now(UTC)
    with workspace.writing("load orders.csv", SETTINGS):
        for attempt in (lambda: publish(Workspace(workspace.folder)), workspace.rollback):
            with pytest.raises(LockedError) as error:
                attempt()
            text = str(error.value)
            assert f"process {os.getpid()}, `load orders.csv`, since " in text
            since = datetime.fromisoformat(re.search(r"since (.+) UTC", text)[1] + "+00:00")
            assert abs(since - started) < timedelta(minutes=1)
            assert f"or stop process {os.getpid()}" in text
            assert error.value.exit_code == 3
        assert workspace.current().number == 1  # readers go on
    assert publish(workspace).number == 3


def hold(folder, ready, done):
    """Hold the lock in another process."""
    with Workspace(folder).writing("refresh", SETTINGS):
        ready.set()
        done.wait(30)


def test_the_lock_is_seen_by_other_processes(workspace):
    context = multiprocessing.get_context("spawn")
    ready, done = context.Event(), context.Event()
    other = context.Process(target=hold, args=(workspace.folder, ready, done))
    other.start()
    try:
        assert ready.wait(30)
        with pytest.raises(LockedError, match=f"process {other.pid}, `refresh`"):
            publish(workspace)
    finally:
        done.set()
        other.join(30)
    assert publish(workspace).number == 2


def test_a_lock_file_that_says_nothing_still_locks(workspace):
    publish(workspace)
    with workspace.writing("load", SETTINGS):
        (workspace.folder / "writer.lock").write_bytes(b"\xff")
        with pytest.raises(LockedError, match="wait until it has ended"):
            workspace.rollback()


def test_a_first_publication_that_lacked_only_its_name_is_finished(workspace):
    publish(workspace)
    (workspace.folder / "CURRENT").unlink()  # killed just before it was written
    assert publish(workspace).manifest.parent == 1
    assert said(workspace.current()) == ["1", "2"]


def test_too_little_space_is_told_before_anything_is_copied(workspace, monkeypatch):
    publish(workspace)
    usage = shutil.disk_usage(workspace.folder)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=5_000_000))
    with pytest.raises(WorkspaceError) as error, workspace.writing("load", SETTINGS):
        pytest.fail("nothing may begin")
    assert "5 MB free, " in str(error.value)
    assert "keep_generations" in str(error.value)
    assert (workspace.folder / "generations" / "last_number").read_text() == "1\n"


def test_a_disk_that_runs_full_is_told_and_nothing_is_published(workspace):
    publish(workspace)
    full = OSError(errno.ENOSPC, "No space left on device")
    quota = OSError(errno.EDQUOT, "Disk quota exceeded")
    told = duckdb.IOException("IO Error: could not write: No space left on device")
    for error in (full, quota, told):
        with pytest.raises(WorkspaceError, match="the disk is full; nothing was published"):
            fail(workspace, error)
    assert workspace.current().number == 1
    assert workspace.numbers() == [1]


def test_an_error_of_the_work_itself_is_passed_on_as_it_is(workspace):
    with pytest.raises(ZeroDivisionError):
        fail(workspace, ZeroDivisionError())
    assert workspace.numbers() == []


def test_a_file_in_place_of_the_workspace_is_told(tmp_path):
    (tmp_path / "workspace").write_text("not a folder")
    with pytest.raises(WorkspaceError, match="cannot be written"):
        publish(Workspace(tmp_path / "workspace"))


def test_publishing_twice_is_refused(workspace):
    with workspace.writing("load", SETTINGS) as draft:
        finish(draft)
        with pytest.raises(duckdb.ConnectionException):
            finish(draft)
    assert workspace.numbers() == [1]


@pytest.mark.parametrize("code", [errno.EXDEV, errno.ENOSYS, errno.EINVAL])
def test_a_copy_is_whole_where_the_kernel_cannot_copy(tmp_path, monkeypatch, code):
    def refuse(*arguments):
        raise OSError(code, "no")

    (tmp_path / "a").write_bytes(bytes(range(256)) * 1000)
    copy_file(tmp_path / "a", tmp_path / "b")
    monkeypatch.setattr(os, "copy_file_range", refuse)
    copy_file(tmp_path / "a", tmp_path / "c")
    contents = {(tmp_path / name).read_bytes() for name in "abc"}
    assert len(contents) == 1


def test_asking_for_the_state_of_a_workspace_does_not_start_duckdb(workspace):
    publish(workspace)
    code = (
        "import sys; from pathlib import Path; from warehouse.generations import Workspace;"
        f"print(Workspace(Path({str(workspace.folder)!r})).current().number,"
        " 'duckdb' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "False"]


def test_a_generation_is_only_data(workspace):
    generation = publish(workspace)
    assert isinstance(generation, Generation)
    with pytest.raises(AttributeError):
        generation.number = 2
