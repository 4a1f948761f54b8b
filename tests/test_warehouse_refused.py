"""A load that is refused publishes nothing and loses nothing; an encoding that is said is taken."""

import csv
import errno
import os

import duckdb
import pytest

from warehouse import rejects
from warehouse.configuration import Settings, Source
from warehouse.errors import LoadError, NoGenerationError, SettingsError, SourceError, UsageError
from warehouse.generations import Workspace
from warehouse.loading import load

HEAD = "transaction_id,customer_id,date,amount\n"
MOSTLY_BAD = HEAD + "1,ann,2024-01-31,5\n2,bob,soon,6\n3,cyd\n"
SETTINGS = Settings(threads=1)


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path / "workspace")


def kept(workspace):
    """Records of the files of refused loads."""
    files = sorted(workspace.folder.glob("refused-*.csv"))
    return [list(csv.DictReader(file.read_text(encoding="utf-8").splitlines())) for file in files]


def test_rejects_of_a_refused_load_are_in_a_file_that_the_error_names(workspace, tmp_path):
    (tmp_path / "a.csv").write_text(MOSTLY_BAD)
    with pytest.raises(LoadError, match=r"its rejected records are in .*refused-.*\.csv"):
        load(workspace, SETTINGS, [str(tmp_path / "a.csv")])
    with pytest.raises(NoGenerationError):
        workspace.current()
    ((soon, short),) = kept(workspace)
    assert (soon["customer_id"], soon["rejected_because"]) == ("bob", "date: not a date")
    assert (short["rejected_text"], short["rejected_record"]) == ("3,cyd", "3")


def test_rejects_of_a_load_that_brings_nothing_new_are_kept_and_said(workspace, tmp_path):
    lines = "".join(f"{number},c{number},2024-01-31,5\n" for number in range(30))
    for name, more in (("a", ""), ("b", "3,c3,2024-01-31,6\n")):  # the same id with another amount
        (tmp_path / f"{name}.csv").write_text(HEAD + lines + more)
    first = load(workspace, SETTINGS, [str(tmp_path / "a.csv")])
    again = load(workspace, SETTINGS, [str(tmp_path / "b.csv")])
    assert (again.loaded, again.already_loaded, again.rejected) == (0, 30, 1)
    assert again.generation == first.generation
    assert "30 rows were loaded before; no generation was published" in again.notes
    assert "its rejected records are in" in again.notes[-1]
    (((row,),),) = [kept(workspace)]
    assert (row["customer_id"], row["amount"]) == ("c3", "6")


def test_the_newest_files_of_refused_loads_are_kept_and_one_that_was_worked_on(workspace, tmp_path):
    (tmp_path / "a.csv").write_text(MOSTLY_BAD)
    for _ in range(3):
        with pytest.raises(LoadError):
            load(workspace, SETTINGS, [str(tmp_path / "a.csv")])
    files = sorted(workspace.folder.glob("refused-*.csv"))
    for file, age in zip(files, (10, 30, 20), strict=True):  # the first was changed last
        os.utime(file, (1_700_000_000 - age,) * 2)
    (workspace.folder / "refused-20240131T000000000000Z.csv.part").touch()
    with pytest.raises(LoadError):
        load(workspace, SETTINGS, [str(tmp_path / "a.csv")])
    left = sorted(workspace.folder.glob("refused-*"))
    assert (left[:2], len(left)) == ([files[0], files[2]], 3)


def test_a_full_disk_leaves_no_part_of_the_rejected_records(workspace, tmp_path, monkeypatch):
    def fill(con, found, target):
        target.write("transaction_id\n")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(rejects, "write", fill)
    (tmp_path / "a.csv").write_text(MOSTLY_BAD)
    with pytest.raises(LoadError, match=r"could not be written: .*No space left"):
        load(workspace, SETTINGS, [str(tmp_path / "a.csv")])
    assert list(workspace.folder.glob("refused-*")) == []


def test_a_dry_run_that_would_be_refused_writes_nothing(workspace, tmp_path):
    (tmp_path / "a.csv").write_text(MOSTLY_BAD)
    with pytest.raises(LoadError) as refused:
        load(workspace, SETTINGS, [str(tmp_path / "a.csv")], dry_run=True)
    assert "refused-" not in str(refused.value)
    assert kept(workspace) == []


@pytest.fixture
def latin(tmp_path):
    """A file that is taken for Windows-1252, and is in another encoding."""
    path = tmp_path / "latin.csv"
    path.write_bytes(f"{HEAD}1,Nuñez,2024-01-31,5\n".encode("cp850"))
    return str(path)


def customers(workspace):
    with duckdb.connect(str(workspace.current().database), read_only=True) as con:
        return [row[0] for row in con.execute("select customer_id from core.customers").fetchall()]


def test_an_encoding_that_is_said_wins_over_the_one_that_was_found(workspace, latin):
    report = load(workspace, SETTINGS, [latin], encoding="CP850")
    assert customers(workspace) == ["Nuñez"]
    assert any("read as cp850" in note for note in report.notes)


def test_an_encoding_can_be_set_for_a_source(workspace, latin):
    settings = Settings(threads=1, sources={"shop": Source(encoding="cp850")})
    load(workspace, settings, [latin], source_name="shop")
    assert customers(workspace) == ["Nuñez"]


@pytest.mark.parametrize(
    ("name", "near"),
    [("windows1251x", "Windows-1251"), ("base64", "did you mean"), ("punycode", "did you mean")],
)
def test_an_encoding_that_nobody_knows_is_refused_with_the_nearest(workspace, latin, name, near):
    with pytest.raises(UsageError, match=near):
        load(workspace, SETTINGS, [latin], encoding=name)


def test_an_unknown_encoding_of_the_settings_is_told_as_theirs(workspace, latin):
    settings = Settings(threads=1, sources={"shop": Source(encoding="cp12520")})
    with pytest.raises(SettingsError, match=r"spendboard\.toml.*\[sources\.shop\].*'cp12520'"):
        load(workspace, settings, [latin], source_name="shop")


def test_a_file_that_is_no_text_in_the_encoding_named_is_told_by_its_own_name(workspace, tmp_path):
    (tmp_path / "a.csv").write_text(HEAD + "1,ann,2024-01-31,5\n" * 40)
    with pytest.raises(SourceError, match=r"/a\.csv: holds no text.*, read as cp037\n") as refused:
        load(workspace, SETTINGS, [str(tmp_path / "a.csv")], encoding="cp037")
    assert "spool" not in str(refused.value)
