"""What can go wrong around a load: a full disk, a folder of somebody else, a file that is no table.

Each is told in words with exit code 3, and the workspace is what it was, to the last byte.
"""

import ctypes
import os
import random
import resource
import shutil
from contextlib import contextmanager
from hashlib import sha256

import duckdb
import pytest

from dashboard import cli

HEADER = "transaction_id,customer_id,date,amount\n"


def ledger(first, rows):
    """A file of purchases whose ids begin with ``first``."""
    dice = random.Random(first)
    return HEADER + "".join(
        f"t{first + i},c{dice.randrange(300)},2025-{1 + i % 12:02}-{1 + dice.randrange(28):02},"
        f"{dice.randrange(100, 99_000) / 100}\n"
        for i in range(rows)
    )


def content(folder):
    """Digest of every file of a workspace that a reader or a writer goes by."""
    files = (file for file in sorted(folder.rglob("*")) if file.is_file())
    return {
        str(file.relative_to(folder)): sha256(file.read_bytes()).hexdigest()
        for file in files
        if file.name not in {"writer.lock", "last_number"}
    }


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """A workspace with one load; do not write to it."""
    folder = tmp_path_factory.mktemp("loaded")
    (folder / "orders.csv").write_text(ledger(0, 500), encoding="utf-8")
    code = cli.main(["--workspace", str(folder / "shop"), "load", str(folder / "orders.csv")])
    assert code == 0
    return folder / "shop"


@pytest.fixture
def refused(capsys):
    """Run a command that must be refused: what it says, once nothing has changed."""

    def call(folder, *arguments):
        before = content(folder)
        capsys.readouterr()
        code = cli.main(["--workspace", str(folder), *map(str, arguments)])
        said = capsys.readouterr().err
        assert (code, "Traceback" in said) == (3, False), said
        assert content(folder) == before
        assert "to fix: " in said
        return said

    return call


# Files


def truncated_parquet(file):
    whole(file)
    os.truncate(file, file.stat().st_size // 2)


def altered_parquet(file):
    whole(file)
    with file.open("r+b") as bytes_:
        bytes_.seek(file.stat().st_size // 3)
        bytes_.write(b"\xa5" * 2000)


def whole(file):
    rows = file.with_suffix(".rows")
    rows.write_text(ledger(1000, 5000), encoding="utf-8")
    duckdb.sql(f"copy (from read_csv('{rows}')) to '{file}' (format parquet)")


def program(file):
    shutil.copyfile("/proc/self/exe", file)


def late_endless_line(file):
    """A line that never ends, behind thousands of good ones; what is sparse reads as zeros."""
    with file.open("w", encoding="utf-8") as out:
        out.write(ledger(1000, 5000))
        out.write("t9999,c1,2025-01-01,")
    os.truncate(file, 2 * 1024**3)


@pytest.mark.parametrize(
    ("name", "write", "words"),
    [
        ("half.parquet", truncated_parquet, "half.parquet: not a complete Parquet file"),
        ("altered.parquet", altered_parquet, "altered.parquet: not a complete Parquet file"),
        ("program.csv", program, "program.csv: neither CSV, JSON lines, XLSX nor Parquet"),
        ("endless.csv", late_endless_line, "found:  t9999,c1,2025-01-01,"),
    ],
)
def test_a_file_that_is_no_table_changes_nothing(loaded, refused, tmp_path, name, write, words):
    write(tmp_path / name)
    assert words in refused(loaded, "load", tmp_path / name)


def test_one_bad_file_among_good_ones_loads_none_of_them(loaded, refused, tmp_path):
    (tmp_path / "good.csv").write_text(ledger(1000, 50), encoding="utf-8")
    (tmp_path / "bad.csv").write_bytes(bytes(range(256)) * 100)
    said = refused(loaded, "load", tmp_path / "good.csv", tmp_path / "bad.csv")
    assert "bad.csv: neither CSV" in said


# A full disk


@contextmanager
def largest_file(size):
    """No file may grow beyond ``size`` bytes, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0, 1.3])
def test_a_disk_that_is_full_at_any_point_of_a_load(loaded, refused, tmp_path, share):
    folder = tmp_path / "shop"
    shutil.copytree(loaded, folder)
    (tmp_path / "more.csv").write_text(ledger(1000, 40_000), encoding="utf-8")
    (database,) = folder.rglob("*.duckdb")
    with largest_file(int(share * database.stat().st_size)):
        said = refused(folder, "load", tmp_path / "more.csv")
    assert f"{folder}: the disk is full; nothing was published" in said
    # With room again, nothing stands in the way of the next.
    assert cli.main(["--workspace", str(folder), "load", str(tmp_path / "more.csv")]) == 0


# Folders that may not be written or read

# struct __user_cap_data_struct: a process may do effectively what stands in the first word.
CAPABILITIES_V3, DAC_OVERRIDE, DAC_READ_SEARCH = 0x20080522, 1 << 1, 1 << 2


@contextmanager
def permissions_that_count():
    """Root passes over permissions; without that capability they bind it as they bind anybody."""
    libc = ctypes.CDLL(None)
    header, had = (ctypes.c_uint32 * 2)(CAPABILITIES_V3, 0), (ctypes.c_uint32 * 6)()
    assert libc.capget(header, had) == 0
    bound = (ctypes.c_uint32 * 6)(*had)
    bound[0] &= ~(DAC_OVERRIDE | DAC_READ_SEARCH)
    assert libc.capset(header, bound) == 0
    try:
        yield
    finally:
        assert libc.capset(header, had) == 0


@pytest.fixture
def closed(loaded, tmp_path):
    """A workspace beside a file, in a folder where nothing may be written."""
    folder = tmp_path / "closed"
    shutil.copytree(loaded, folder / "shop")
    (folder / "more.csv").write_text(ledger(1000, 10), encoding="utf-8")
    everything = [folder, *folder.rglob("*")]
    for path in everything:
        path.chmod(0o555 if path.is_dir() else 0o444)
    with permissions_that_count():
        yield folder
    for path in everything:
        path.chmod(0o755)


def test_who_may_only_read_is_told_so_and_still_reads(closed, refused, capsys):
    for command in (["load", closed / "more.csv"], ["unload", 1], ["rollback"],
                    ["backup", "--to", closed / "shop.tar.zst"],
                    ["export", "--where", "", "--to", closed / "everybody.csv"]):  # fmt: skip
        assert "Permission denied" in refused(closed / "shop", *command)
    assert f"{closed / 'new'}: cannot be written" in refused(
        closed / "new", "load", closed / "more.csv"
    )
    assert f"Permission denied: {closed / 'demo'}" in refused(closed / "demo", "demo", "--no-serve")
    assert cli.main(["--workspace", str(closed / "shop"), "report", "monthly"]) == 0
    assert "in all" in capsys.readouterr().out


@pytest.mark.parametrize("part", ["generations", "."])
def test_a_part_of_the_workspace_that_may_not_be_written(closed, refused, part):
    for path in [closed / "shop", *(closed / "shop").rglob("*")]:
        path.chmod(0o755)
    (closed / "shop" / part).chmod(0o555)
    said = refused(closed / "shop", "load", closed / "more.csv")
    assert "may not be read or written; nothing was published" in said


def test_a_workspace_that_may_not_even_be_read(closed, capsys):
    (database,) = (closed / "shop").rglob("*.duckdb")
    for path, words in ((database, "let yourself read it"), (closed / "shop", "chmod")):
        path.chmod(0o000)
        assert cli.main(["--workspace", str(closed / "shop"), "status"]) == 3
        assert words in capsys.readouterr().err
