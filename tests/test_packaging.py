"""What setup.cfg lists is what lies on the disk, and what is installed is complete."""

import configparser
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def settings():
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return parser


def test_every_package_on_the_disk_is_listed(settings):
    listed = set(settings["options"]["packages"].split())
    found = {
        ".".join(folder.relative_to(ROOT).parts)
        for top in ("warehouse", "analytics", "dashboard")
        for folder in [ROOT / top, *(ROOT / top).rglob("*")]
        if folder.is_dir() and (folder / "__init__.py").is_file()
    }
    assert listed == found | {"dashboard.assets"}


def test_the_version_stands_in_one_place_more_and_agrees(settings):
    import warehouse

    assert settings["metadata"]["version"] == warehouse.__version__


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    source = tmp_path_factory.mktemp("source") / "spendboard"
    tracked = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        check=False, cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    if tracked.returncode:
        pytest.skip("not a git checkout: the list of files is unknown")
    for name in tracked.stdout.splitlines():
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    done = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--no-deps", "-q", "-w", folder, source],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return zipfile.ZipFile(next(folder.glob("*.whl")))


def test_the_wheel_carries_every_sql_file_and_every_asset(wheel):
    names = set(wheel.namelist())
    sql = {p.relative_to(ROOT).as_posix() for p in (ROOT / "warehouse" / "sql").rglob("*.sql")}
    assets = {
        f"dashboard/{p.relative_to(ROOT).as_posix()}"
        for p in (ROOT / "assets").rglob("*")
        if p.is_file()
    }
    assert sql
    assert assets
    assert not (sql | assets) - names
