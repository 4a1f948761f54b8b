"""Going back: from a sound generation, from a damaged one, and where CURRENT says nothing."""

import json
import shutil

import pytest
from small_generations import SETTINGS, finish, publish, said

from warehouse.errors import (
    CorruptGenerationError,
    NoGenerationError,
    UsageError,
)
from warehouse.generations import ModelFile, Workspace


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path / "workspace")


def test_rollback_goes_to_the_parent_then_further_back(workspace):
    for _ in range(3):
        publish(workspace)
    assert workspace.rollback().number == 2
    assert workspace.current().number == 2
    assert said(workspace.current()) == ["1", "2"]
    assert publish(workspace).number == 4
    assert said(workspace.current()) == ["1", "2", "4"]
    assert workspace.rollback().number == 2  # its parent; 3 was rolled back from
    assert workspace.rollback(3).number == 3  # and forward again
    with pytest.raises(UsageError, match=r"(?s)generation 1 is not on the disk.*2, 3, 4"):
        workspace.rollback(1)


def test_rolling_back_the_only_generation_says_that_there_is_none(workspace):
    publish(workspace)
    with pytest.raises(NoGenerationError, match="1 is served, and is the oldest there") as error:
        workspace.rollback()
    assert "away" not in str(error.value)
    assert "spendboard unload" in str(error.value)
    assert workspace.current().number == 1


def test_rolling_back_from_the_oldest_generation_names_the_way_forward(workspace):
    publish(workspace)
    publish(workspace)
    assert workspace.rollback().number == 1
    with pytest.raises(NoGenerationError, match="1 is served, and is the oldest there") as error:
        workspace.rollback()
    assert error.value.fix == "`spendboard rollback --to 2` goes forward"
    assert workspace.rollback(2).number == 2


def test_damaged_older_generations_are_no_reason_to_give_up_the_sound_one(workspace):
    publish(workspace)
    publish(workspace)
    truncate(workspace.open_generation(1).database)
    with pytest.raises(NoGenerationError, match="2 is served on, no earlier one is sound") as error:
        workspace.rollback()
    assert "away" not in str(error.value)
    assert workspace.current().number == 2


def truncate(file):
    file.write_bytes(file.read_bytes()[:-4096])


def edit(manifest, **changes):
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | changes))


DAMAGES = {
    "truncated database": (lambda g: truncate(g.database), "bytes, "),
    "missing database": (lambda g: g.database.unlink(), "warehouse.duckdb is missing"),
    "missing model": (lambda g: (g.models / "m").unlink(), "m is missing"),
    "missing manifest": (lambda g: (g.folder / "manifest.json").unlink(), "No such file"),
    "garbage manifest": (lambda g: (g.folder / "manifest.json").write_bytes(b"\x00{]"), "JSON"),
    "empty manifest": (lambda g: (g.folder / "manifest.json").write_bytes(b""), "truncated"),
    "half a manifest": (lambda g: truncate_text(g.folder / "manifest.json"), "truncated"),
    "manifest without a time": (
        lambda g: edit(g.folder / "manifest.json", created_at="soon"), "created_at"),
    "another's manifest": (
        lambda g: edit(g.folder / "manifest.json", generation=7), "speaks of generation 7"),
    "a newer build's": (
        lambda g: edit(g.folder / "manifest.json", schema_number=99), "this build knows 1"),
    "missing folder": (lambda g: shutil.rmtree(g.folder), "No such file"),
}  # fmt: skip


def truncate_text(file):
    file.write_text(file.read_text()[:100])


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_generation_is_named_and_rollback_leaves_it(workspace, damage):
    break_it, says = DAMAGES[damage]
    publish(workspace)
    with workspace.writing("refresh", SETTINGS) as draft:
        (draft.models / "m").write_bytes(b"model")
        generation = finish(draft, [ModelFile("m", "m", "", "")])
    break_it(generation)
    for attempt in (workspace.current, lambda: publish(workspace)):
        with pytest.raises(CorruptGenerationError) as error:
            attempt()
        assert "generation 2 " in str(error.value)
        assert says in str(error.value)
        assert "`spendboard rollback`" in str(error.value)
        assert error.value.exit_code == 3
    assert workspace.rollback().number == 1
    assert said(workspace.current()) == ["1"]
    assert publish(workspace).number == 3
    assert said(workspace.current()) == ["1", "3"]


def test_rollback_passes_over_damaged_generations(workspace):
    for _ in range(3):
        publish(workspace)
    second = workspace.open_generation(2)
    # As long as it should be, but not a database any more: only opening it tells.
    second.database.write_bytes(bytes(second.database.stat().st_size))
    assert workspace.rollback().number == 1
    with pytest.raises(CorruptGenerationError, match="not a valid DuckDB database"):
        workspace.rollback(2)
    assert workspace.current().number == 1


def test_without_a_sound_generation_the_way_out_is_told(workspace):
    truncate(publish(workspace).database)
    with pytest.raises(NoGenerationError, match=r"move .*generations and CURRENT away"):
        workspace.rollback()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "'' instead of a number"),
        (b"seventeen\n", "'seventeen' instead of a number"),
        (b"../../etc\n", "instead of a number"),
        (b"\xff\xfe\x00", "cannot be read"),
        (None, "the file is missing"),
        (b"000099\n", "generation 99 is damaged"),
    ],
)
def test_a_damaged_current_is_told_and_rollback_repairs_it(workspace, content, says):
    publish(workspace)
    publish(workspace)
    current = workspace.folder / "CURRENT"
    if content is None:
        current.unlink()
    else:
        current.write_bytes(content)
    for attempt in (workspace.current, lambda: publish(workspace)):
        with pytest.raises(CorruptGenerationError) as error:
            attempt()
        assert says in str(error.value)
        assert "`spendboard rollback`" in str(error.value)
    assert workspace.rollback().number == 2
    assert said(workspace.current()) == ["1", "2"]
    # The refused attempt took no number; 99 may have been one, so it is not used for another.
    assert publish(workspace).number == (100 if content == b"000099\n" else 3)
