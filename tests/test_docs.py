"""The documentation cannot lie about what can be checked: links, settings, commands."""

import os
import re
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from warehouse.configuration import Settings

ROOT = Path(__file__).resolve().parents[1]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "benchmarks").glob("*.md")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_relative_link_leads_somewhere(page):
    targets = re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", page.read_text(encoding="utf-8"))
    missing = [target for target in targets if not (page.parent / target).exists()]
    assert not missing


def test_every_setting_is_documented_with_its_default():
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    rows = {key for line in text.splitlines() if line.startswith("| `") for key in
            re.findall(r"`([^`]+)`", line.split("|")[1])}  # fmt: skip
    words = " ".join(rows)
    for info in msgspec.structs.fields(Settings):
        assert re.search(rf"(^|\[| ){info.name}\b", words), f"{info.name} is not in the table"


def test_every_command_that_the_readme_shows_exists():
    from dashboard.arguments import build_parser

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"(?:^|`|&& )spendboard ([a-z-]+)", text, flags=re.MULTILINE))
    assert shown >= {"load", "refresh", "serve", "export", "status", "models"}
    usage = build_parser().format_help()
    assert not [command for command in shown if command not in usage]


def test_the_page_of_the_command_line_is_what_the_parser_says():
    done = subprocess.run(
        [sys.executable, "scripts/command_line_page.py"],
        cwd=ROOT, capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert (ROOT / "docs" / "cli.md").read_text(encoding="utf-8") == done.stdout, "run `make docs`"
