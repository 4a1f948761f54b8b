"""docs/data.md says what the SQL files say."""

import re
import subprocess
import sys
from pathlib import Path

from warehouse.catalogue import markdown
from warehouse.headers import SQL_FOLDER

ROOT = Path(__file__).resolve().parents[1]


def test_the_page_is_what_the_headers_say():
    page = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")
    assert page == markdown(), "run `make docs`"


def test_every_sql_file_has_its_section():
    sections = re.findall(r"^### (\w+\.\w+)", markdown(), flags=re.MULTILINE)
    files = [f"{file.parent.name}.{file.stem}" for file in SQL_FOLDER.glob("*/*.sql")]
    assert sorted(sections) == sorted(files)


def test_a_column_shows_its_type_unit_and_meaning():
    page = markdown()
    assert "### features.customer_rfm(as_of)\n" in page
    assert "| `frequency` | BIGINT | [orders] distinct orders with a positive purchase |" in page
    assert "everything but the keys is NULL." in page


def test_the_module_prints_the_page():
    done = subprocess.run(
        [sys.executable, "-m", "warehouse.catalogue"],
        cwd=ROOT, capture_output=True, text=True, check=True, encoding="utf-8",
    )  # fmt: skip
    assert done.stdout == markdown()
