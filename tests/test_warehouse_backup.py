"""Backup and restore: everything comes back, nothing half, nothing to where it does not belong."""

import errno
import io
import os
import shutil
import sqlite3
import sys
import tarfile

import duckdb
import pytest
from small_shop import LAST_DAY, SETTINGS, publish

from warehouse import backup as backups
from warehouse import restore as restoring
from warehouse.archive import Writer, is_allowed
from warehouse.backup import backup, verified
from warehouse.errors import BackupError, CorruptGenerationError, LockedError, NoGenerationError
from warehouse.expenses import read_expense
from warehouse.generations import Workspace
from warehouse.publishing import finish
from warehouse.restore import restore
from warehouse.scratch import held

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


def again(workspace):
    with workspace.writing("load", SETTINGS) as draft:
        draft.con.execute("update core.customers set city = 'Bonn' where customer_id = 'ann'")
        return finish(
            draft, SETTINGS, as_of=None, scores_as_of=LAST_DAY, horizon_days=30, models=[]
        )  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Three generations, settings, an inbox entry, a saved segment, and what is nobody's."""
    folder = tmp_path_factory.mktemp("made") / "shop"
    workspace = publish(folder)
    again(workspace)
    again(workspace)
    (folder / "spendboard.toml").write_text('currency = "EUR"\n')
    (folder / "inbox" / "a1.json").write_text('{"id": "a1"}')
    (folder / "last_load").write_text("7\n")
    (folder / "features").mkdir()
    (folder / "features" / "loyalty.sql").write_text("-- features.loyalty(as_of): x")
    (folder / "errors.log").write_text("secret")
    (folder / "thesis.docx").write_text("words")
    with sqlite3.connect(folder / "state.sqlite") as state:
        state.execute("create table segments (name text)")
        state.execute("insert into segments values ('loyal')")
    state.close()
    return folder


@pytest.fixture
def shop(made, tmp_path):
    """A copy of it."""
    return Workspace(shutil.copytree(made, tmp_path / "shop"))


def content(generation):
    """Everything that is in a generation's database, as text."""
    with duckdb.connect(str(generation.database), read_only=True) as con:
        names = con.execute(
            "select schema_name || '.' || table_name from duckdb_tables() order by 1"
        ).fetchall()
        return {name: con.execute(f"select * from {name} order by all").fetchall()
                for (name,) in names}  # fmt: skip


def test_everything_comes_back_and_nothing_else(shop, tmp_path):
    file = tmp_path / "shop.tar.zst"
    contents = backup(shop, file, verify=True)
    target = tmp_path / "elsewhere" / "shop"
    generation, aside = restore(file, target)
    assert (generation.number, aside) == (3, None)
    assert content(generation) == content(shop.current())
    assert (target / "inbox" / "a1.json").read_text() == '{"id": "a1"}'
    assert (target / "spendboard.toml").read_text() == 'currency = "EUR"\n'
    assert (target / "features" / "loyalty.sql").exists()
    state = sqlite3.connect(target / "state.sqlite")
    assert state.execute("select name from segments").fetchall() == [("loyal",)]
    state.close()
    assert {path.name for path in target.iterdir()} == {
        "CURRENT", "last_load", "spendboard.toml", "state.sqlite", "inbox", "features",
        "generations",
    }  # fmt: skip
    assert file.stat().st_mode & 0o077 == 0
    assert set(contents.files) == {
        str(path.relative_to(target)) for path in target.rglob("*") if path.is_file()
    }


def test_a_restored_workspace_goes_back_and_on_as_before(shop, tmp_path):
    file = tmp_path / "shop.tar.zst"
    backup(shop, file)
    target = tmp_path / "new"
    restore(file, target)
    workspace = Workspace(target)
    assert workspace.numbers() == [2, 3]
    assert workspace.rollback().number == 2
    (target / "features" / "loyalty.sql").unlink()
    assert again(workspace).number == 4


def test_a_writer_that_prunes_meanwhile_takes_nothing_from_the_backup(shop, tmp_path, monkeypatch):
    before = content(shop.current())
    add = Writer.add

    def add_after_pruning(self, *arguments):
        shutil.rmtree(shop.folder / "generations", ignore_errors=True)
        add(self, *arguments)

    monkeypatch.setattr(backups.Writer, "add", add_after_pruning)
    file = tmp_path / "shop.tar.zst"
    backup(shop, file)
    generation, _ = restore(file, tmp_path / "new")
    assert content(generation) == before


def test_a_backup_that_meets_a_publication_starts_anew(shop, tmp_path, monkeypatch):
    read = backups._small
    tries = []

    def read_and_publish(workspace, held):
        tries.append(1)
        if len(tries) == 1:
            raise FileNotFoundError("an inbox entry was taken in just now")
        return read(workspace, held)

    monkeypatch.setattr(backups, "_small", read_and_publish)
    assert backup(shop, tmp_path / "shop.tar.zst").generation == 3
    assert len(tries) == 2


def test_a_backup_while_a_writer_is_at_work_is_of_what_is_served(shop, tmp_path):
    (shop.folder / "features" / "loyalty.sql").unlink()
    with shop.writing("load", SETTINGS):
        contents = backup(shop, tmp_path / "shop.tar.zst")
    assert contents.generation == 3
    assert not [name for name in contents.files if "000004" in name]


def test_no_file_is_written_over_and_none_is_left_half(shop, tmp_path, monkeypatch):
    file = tmp_path / "shop.tar.zst"
    file.write_text("precious")
    with pytest.raises(BackupError, match="there is a file already"):
        backup(shop, file)
    assert file.read_text() == "precious"
    with pytest.raises(BackupError, match="lies in the workspace"):
        backup(shop, shop.folder / "inbox" / "backup.tar.zst")
    with pytest.raises(BackupError, match="no such folder"):
        backup(shop, tmp_path / "nowhere" / "backup.tar.zst")

    def full(self, *arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backups.Writer, "add", full)
    with pytest.raises(BackupError, match="cannot be written"):
        backup(shop, tmp_path / "other.tar.zst")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["shop", "shop.tar.zst"]


@pytest.mark.parametrize(
    ("number", "fix"),
    [
        (errno.ENOSPC, "free some space, or name another folder"),
        (errno.EROFS, "name a folder that you may write to"),
        (errno.ENOENT, "name another folder"),  # what /proc answers
        (errno.EIO, "name another folder"),
    ],
)
def test_what_keeps_a_backup_from_being_written_is_said(shop, tmp_path, monkeypatch, number, fix):
    def refused(**where):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(backups.tempfile, "mkstemp", refused)
    with pytest.raises(BackupError, match="cannot be written") as error:
        backup(shop, tmp_path / "shop.tar.zst")
    assert (error.value.found, error.value.fix) == (os.strerror(number), fix)


def test_what_a_killed_process_left_unfinished_is_removed_by_the_next(shop, tmp_path):
    file = tmp_path / "shop.tar.zst"
    (tmp_path / ".shop.tar.zst.abc.part").write_text("half")
    (tmp_path / ".new.abc.restoring" / "inbox").mkdir(parents=True)
    other = tmp_path / ".shop.tar.zst.def.part"
    other.write_text("somebody is still writing it")
    with held(other):
        backup(shop, file)
    restore(file, tmp_path / "new")
    found = sorted(path.name for path in tmp_path.iterdir())
    assert found == [".shop.tar.zst.def.part", "new", "shop", "shop.tar.zst"]


def test_what_is_not_there_or_damaged_is_not_saved(shop, tmp_path):
    with pytest.raises(NoGenerationError):
        backup(Workspace(tmp_path / "nothing"), tmp_path / "x.tar.zst")
    with shop.current().database.open("r+b") as database:
        database.truncate(100)
    with pytest.raises(CorruptGenerationError):
        backup(shop, tmp_path / "x.tar.zst")


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_backup_that_was_cut_off_is_refused_and_changes_nothing(shop, tmp_path, share):
    file = tmp_path / "shop.tar.zst"
    backup(shop, file)
    whole = file.read_bytes()
    file.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(BackupError, match="not a whole backup"):
        restore(file, tmp_path / "new")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["shop", "shop.tar.zst"]


def test_an_altered_backup_is_refused(shop, tmp_path):
    file = tmp_path / "shop.tar.zst"
    backup(shop, file)
    plain = bytearray(zstd.decompress(file.read_bytes()))
    place = plain.index(b'{"id": "a1"}')
    plain[place + 8 : place + 10] = b"b2"
    file.write_bytes(zstd.compress(bytes(plain)))
    with pytest.raises(BackupError, match=r"inbox/a1\.json is not what was written"):
        restore(file, tmp_path / "new")
    with pytest.raises(BackupError):
        verified(file)
    assert not (tmp_path / "new").exists()


def member(name, kind=tarfile.REGTYPE, link=""):
    found = tarfile.TarInfo(name)
    found.type, found.linkname = kind, link
    return found


@pytest.mark.parametrize(
    "planted",
    [
        member("../evil"),
        member("/etc/evil"),
        member("inbox/../../evil"),
        member("inbox/..", tarfile.SYMTYPE, "/etc"),
        member("CURRENT", tarfile.SYMTYPE, "/etc/passwd"),
        member("CURRENT", tarfile.LNKTYPE, "/etc/passwd"),
        member("CURRENT", tarfile.FIFOTYPE),
        member("inbox", tarfile.DIRTYPE),
        member("errors.log"),
        member(".bashrc"),
    ],
    ids=lambda planted: f"{planted.name} {planted.type.decode()}",
)
def test_a_name_that_leads_elsewhere_is_refused(tmp_path, planted):
    file = tmp_path / "evil.tar.zst"
    with zstd.open(file, "wb") as plain, tarfile.open(fileobj=plain, mode="w|") as tar:
        tar.addfile(planted, io.BytesIO())
    with pytest.raises(BackupError, match="has no place in a backup"):
        restore(file, tmp_path / "new")
    assert [path.name for path in tmp_path.iterdir()] == ["evil.tar.zst"]


def test_the_names_of_a_workspace_are_allowed_and_no_others():
    for name in ("CURRENT", "generations/000017/models/spend.0.txt", "inbox/x.json",
                 "inbox/set-aside/x.json", "features/loyalty.sql"):  # fmt: skip
        assert is_allowed(name)
    for name in ("", "inbox/..", "features/../CURRENT", "generations/17/x", "writer.lock",
                 "generations/000017.partial/warehouse.duckdb", "signing.key"):  # fmt: skip
        assert not is_allowed(name)


def test_a_folder_in_use_is_left_alone_or_kept_aside(shop, tmp_path):
    file = tmp_path / "shop.tar.zst"
    backup(shop, file)
    (shop.folder / "features" / "loyalty.sql").unlink()
    again(shop)
    again(shop)
    (shop.folder / "last_load").write_text("12\n")
    with pytest.raises(BackupError, match="not empty; nothing was changed"):
        restore(file, shop.folder)
    assert shop.current().number == 5
    with shop.writing("load", SETTINGS), pytest.raises(LockedError):
        restore(file, shop.folder, replace=True)
    assert shop.current().number == 5
    generation, aside = restore(file, shop.folder, replace=True)
    assert generation.number == 3
    assert Workspace(aside).current().number == 5
    assert (shop.folder / "last_load").read_text() == "12\n"
    (shop.folder / "features" / "loyalty.sql").unlink()
    # Six was claimed by the writer above; no number is ever used again.
    assert again(shop).number == 7


@pytest.mark.parametrize("replace", [False, True])
@pytest.mark.parametrize(
    "names",
    [
        ["thesis.txt"],
        ["CURRENT", "LOG"],  # what a database of another kind has
        ["generations/2024/tree.txt", "inbox/mail.json"],
        ["one/CURRENT", "one/generations/000001/manifest.json", "one/spendboard.toml"],
        ["writer.lock", "inbox.lock", "letters.txt"],  # a command was given the wrong folder
    ],
    ids=lambda names: names[0],
)
def test_a_folder_that_is_no_workspace_is_never_moved(shop, tmp_path, names, replace):
    file, folder = tmp_path / "shop.tar.zst", tmp_path / "other"
    backup(shop, file)
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(BackupError, match=r"(?s)neither empty nor a workspace.*found: +"):
        restore(file, folder, replace=replace)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("left", ["spendboard.toml", "CURRENT", "generations", "inbox"])
def test_what_is_left_of_a_workspace_may_be_replaced(shop, tmp_path, left):
    file, folder = tmp_path / "shop.tar.zst", tmp_path / "rest"
    backup(shop, file)
    if left == "inbox":
        given = {"amount": "5", "category": "Food", "purchased_at": "2024-01-01"}
        Workspace(folder).inbox.add(read_expense(given, SETTINGS))
    else:
        folder.mkdir()
        (shop.folder / left).rename(folder / left)
    generation, aside = restore(file, folder, replace=True)
    assert generation.number == 3
    assert (aside / left).exists()


def test_a_folder_that_is_filled_meanwhile_is_left_alone(shop, tmp_path, monkeypatch):
    file, folder = tmp_path / "shop.tar.zst", tmp_path / "new"
    backup(shop, file)
    prove = restoring._prove

    def prove_slowly(*arguments):
        folder.mkdir()
        (folder / "thesis.txt").write_text("x")
        prove(*arguments)

    monkeypatch.setattr(restoring, "_prove", prove_slowly)
    with pytest.raises(BackupError, match="neither empty nor a workspace"):
        restore(file, folder)
    assert [path.name for path in folder.iterdir()] == ["thesis.txt"]


def test_what_is_no_backup_is_refused(tmp_path):
    with pytest.raises(BackupError, match="no such file"):
        restore(tmp_path / "nothing", tmp_path / "new")
    (tmp_path / "letter.txt").write_text("Dear Ann")
    with pytest.raises(BackupError, match="not a whole backup"):
        restore(tmp_path / "letter.txt", tmp_path / "new")
    (tmp_path / "file").write_text("")
    with pytest.raises(BackupError, match="not a folder"):
        restore(tmp_path / "letter.txt", tmp_path / "file")
