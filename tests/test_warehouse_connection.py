"""Connections: what a reader cannot reach, what is limited, what a damaged file says."""

import subprocess
import sys

import duckdb
import pytest

from warehouse.connection import (
    STORAGE_VERSION,
    available_memory,
    default_threads,
    open_reader,
    open_writer,
    probe,
)
from warehouse.errors import CorruptGenerationError, LockedError


def write(database, **limits):
    limits = {"threads": None, "memory_limit": None} | limits
    return open_writer(database, temp_directory=database.parent / "temporary", **limits)


def read(database, **limits):
    limits = {"threads": 1, "memory_limit": "500MB"} | limits
    folder = database.parent
    return open_reader(database, temp_directory=folder / "temporary",
                       export_directory=folder / "exports", **limits)  # fmt: skip


def setting(con, name):
    return con.execute("select current_setting(?)", [name]).fetchall()[0][0]


@pytest.fixture
def database(tmp_path):
    """A finished file with a table ``t`` of ten rows, and a folder for exports."""
    (tmp_path / "exports").mkdir()
    with write(tmp_path / "w.duckdb") as con:
        con.execute("create table t as select i from range(10) r(i)")
    return tmp_path / "w.duckdb"


@pytest.fixture
def reader(database):
    with read(database) as con:
        yield con


def test_a_reader_reads_and_exports_into_its_folder(reader, database):
    target = database.parent / "exports" / "list.csv"
    reader.execute(f"copy (from t order by i) to '{target}'")
    assert target.read_text(encoding="utf-8").split() == ["i", *map(str, range(10))]


@pytest.mark.parametrize(
    "statement",
    [
        "insert into t values (11)",
        "create table u as from t",
        "copy t to '{folder}/elsewhere.csv'",
        "copy t to '{folder}/exports/../elsewhere.csv'",
        "select * from read_text('/etc/hostname')",
        "select * from '{folder}/secret.csv'",
        "select * from glob('/*')",
        "attach '{folder}/other.duckdb' as other",
        "install httpfs",
        "load httpfs",
        "set threads = 8",
        "set enable_external_access = true",
        "reset lock_configuration",
        "set allowed_directories = ['/']",
    ],
)
def test_a_reader_reaches_nothing_else_and_cannot_lift_its_limits(reader, database, statement):
    folder = database.parent
    (folder / "secret.csv").write_text("a\n1\n", encoding="utf-8")
    with pytest.raises(duckdb.Error):
        reader.execute(statement.format(folder=folder))
    assert not (folder / "elsewhere.csv").exists()


def test_a_link_in_the_export_folder_leads_nowhere(reader, database):
    (database.parent / "exports" / "link").symlink_to("/etc")
    with pytest.raises(duckdb.PermissionException):
        reader.execute(f"select * from read_text('{database.parent}/exports/link/hostname')")


def test_cursors_of_a_reader_are_as_limited_as_the_reader(reader):
    with reader.cursor() as cursor, pytest.raises(duckdb.PermissionException):
        cursor.execute("select * from read_text('/etc/hostname')")


def test_limits_are_explicit_and_follow_the_settings(database, tmp_path):
    with read(database, threads=1, memory_limit="300MB") as con:
        assert setting(con, "threads") == 1
        assert setting(con, "memory_limit") == "286.1 MiB"
        assert setting(con, "temp_directory") == str(tmp_path / "temporary")
    with write(database) as con:
        assert setting(con, "threads") == default_threads()
        assert setting(con, "max_temp_directory_size").endswith("iB")
        assert not setting(con, "autoinstall_known_extensions")


def test_memory_is_never_all_of_the_machine(database, monkeypatch):
    assert available_memory() > 0
    monkeypatch.setattr("warehouse.connection.available_memory", lambda: 1000 * 1024**2)
    with write(database) as con:
        assert setting(con, "memory_limit") == "600.0 MiB"
    with read(database, memory_limit=None) as con:
        assert setting(con, "memory_limit") == "300.0 MiB"
    monkeypatch.setattr("warehouse.connection.available_memory", lambda: 1024**4)
    with write(database) as con:
        assert setting(con, "memory_limit") == "8.0 GiB"


def test_the_file_keeps_the_format_that_older_duckdb_reads(database):
    assert STORAGE_VERSION == "v1.5.0"
    with write(database) as con:  # opened and written again
        con.execute("create table u as from t")
    with duckdb.connect(str(database), read_only=True) as con:
        tags = con.execute("select tags from duckdb_databases() where path is not null").fetchall()
    assert tags == [({"storage_version": "v1.5.0+"},)]


def test_one_file_opened_twice_in_a_process_shares_its_limits(database, tmp_path):
    with read(database) as first, read(database, threads=2) as second:
        assert setting(second, "threads") == 1
        with pytest.raises(duckdb.PermissionException):
            second.execute("select * from read_text('/etc/hostname')")
        with pytest.raises(ValueError, match="open already"):
            open_reader(database, threads=1, memory_limit=None, temp_directory=tmp_path,
                        export_directory=tmp_path / "other")  # fmt: skip
        assert first.execute("select count(*) from t").fetchall() == [(10,)]


@pytest.mark.parametrize("content", [b"", b"not a database" * 1000, "half"])
def test_a_damaged_file_is_told_with_the_way_out(database, content):
    whole = database.read_bytes()
    database.write_bytes(whole[: len(whole) // 2] if content == "half" else content)
    for attempt in (read, probe, write):
        with pytest.raises(CorruptGenerationError) as error:
            attempt(database)
        assert str(database) in str(error.value)
        assert "`spendboard rollback`" in str(error.value)


def test_a_missing_file_is_not_made_by_reading(tmp_path):
    with pytest.raises(CorruptGenerationError, match=r"none\.duckdb"):
        read(tmp_path / "none.duckdb")
    assert not (tmp_path / "none.duckdb").exists()


def test_a_file_that_another_process_writes_is_not_called_damaged(database):
    code = (
        f"import duckdb; c = duckdb.connect({str(database)!r}); print('open', flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout.readline() == b"open\n"
        with pytest.raises(LockedError, match=f"PID {other.pid}"):
            read(database)
        other.communicate(b"\n")
