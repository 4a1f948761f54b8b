"""The example in docs/custom-views.md does what the page says."""

import re
import shlex
from pathlib import Path

from small_shop import SETTINGS, publish

from dashboard import cli

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "custom-views.md").read_text("utf-8")
VIEW = re.search(r"```sql\n(.*?)```", PAGE, flags=re.DOTALL)[1]
COMMANDS = re.search(r"```sh\n(.*?)```", PAGE, flags=re.DOTALL)[1]


def test_the_worked_example_works(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    (workspace / "spendboard.toml").write_text('currency = "EUR"\nthreads = 1\n')
    publish(workspace)
    (workspace / "features").mkdir()
    (workspace / "features" / "loyalty.sql").write_text(VIEW)
    check, refresh, export = (shlex.split(line, comments=True) for line in COMMANDS.splitlines())
    assert cli.main(check[1:]) == 0
    assert refresh == ["spendboard", "refresh"]
    publish(workspace)  # ends like a refresh, without training for half a minute
    assert cli.main(export[1:]) == 0
    # Ann paid 20, 30 and 40; bob and cyd have one stamp each.
    assert Path("gold.csv").read_bytes() == b"customer_id,loyalty_stamps\r\nann,3\r\n"
    leaky = VIEW.replace(" and purchased_on <= $as_of", "")
    (workspace / "features" / "loyalty.sql").write_text(leaky)
    capsys.readouterr()
    assert cli.main(check[1:]) == 3
    said = capsys.readouterr().err.split("\n", 1)[1]
    shown = re.search(r"```\nspendboard: (.*?)```", PAGE, flags=re.DOTALL)[1]
    assert shown in said
    nobody = VIEW.replace("purchased_on <= $as_of", "purchased_on > $as_of and false")
    (workspace / "features" / "loyalty.sql").write_text(nobody)
    (workspace / "features" / "OTHER.SQL").write_text(VIEW)
    assert cli.main(check[1:]) == 0
    said = capsys.readouterr().err
    assert "loyalty.sql: no row for any customer: as of 2025-06-30" in said
    assert "OTHER.SQL: not used" in said


def test_the_settings_of_the_page_are_those_of_the_code():
    assert f"`feature_seconds` ({SETTINGS.feature_seconds}; a setting)" in PAGE
