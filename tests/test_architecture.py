"""docs/architecture.md speaks of rooms that exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
ROOMS = re.search(r"```\n(warehouse/.*?)```", PAGE, flags=re.DOTALL)[1]


def named():
    """Every file or folder in the list of rooms, as a path from the root."""
    room = ""
    for line in ROOMS.splitlines():
        found = re.match(r"^(  )?((?:[\w.]+/? )*[\w.]+/?)(?:  |$)", line)
        if found is None:  # goes on with the description of the names above it
            assert line.startswith("    "), line
            continue
        for name in found[2].split():
            if found[1] is None:
                room = name
                yield name
            else:
                yield room + name


@pytest.mark.parametrize("path", list(named()))
def test_every_room_that_the_page_names_is_there(path):
    assert (ROOT / path).exists()


@pytest.mark.parametrize("package", ["warehouse", "analytics", "dashboard"])
def test_every_package_is_in_the_list_of_rooms(package):
    folders = {
        folder.parent.relative_to(ROOT).as_posix() + "/"
        for folder in (ROOT / package).rglob("__init__.py")
    }
    assert folders <= set(named())


def test_every_schema_is_described():
    schemas = {folder.name for folder in (ROOT / "warehouse" / "sql").iterdir() if folder.is_dir()}
    assert schemas == set(re.findall(r"^\| `(\w+)` \|", PAGE, flags=re.MULTILINE)) & schemas
