"""`spendboard report clusters`: the groups, what sets them apart, and how many were tried."""

import json

import pytest
from small_app import publish_scored

from dashboard import cli
from warehouse.configuration import Settings
from warehouse.generations import Workspace
from warehouse.loading import load


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The small shop: its profiles and the two numbers of groups that were tried."""
    return publish_scored(tmp_path_factory.mktemp("groups") / "workspace").folder


def report(folder, capsys, *arguments):
    code = cli.main(["--workspace", str(folder), "report", "clusters", *arguments])
    return code, capsys.readouterr().out


def test_people_read_what_each_group_is_and_what_to_do(folder, capsys):
    code, out = report(folder, capsys)
    assert code == 0
    assert "  champions in a sentence." in out
    # The larger difference first; whoever is like everybody in something is not told so.
    assert (
        "On average different in: orders 2 (1.9 above), days since last purchase 0 (1.1 below)."
        in out
    )
    assert "On average different in: days since last purchase 20 (0.4 below)." in out
    assert "  Do: do dormant. by letter." in out
    chosen = [line for line in out.splitlines() if line.endswith("chosen")]
    assert [line.split()[0] for line in chosen] == ["6"]
    assert "Six is written down as the reason" in out


def test_machines_read_every_number(folder, capsys):
    _, out = report(folder, capsys, "--json")
    answer = json.loads(out)
    assert (answer["schema"], answer["report"]) == (1, "clusters")
    assert sum(row["share"] for row in answer["personas"]) == pytest.approx(1)
    assert [row["k"] for row in answer["scan"]] == [5, 6]
    assert len(answer["differences"]) == 12


def test_before_a_refresh_there_are_no_groups(tmp_path, capsys):
    (tmp_path / "plain.csv").write_text("customer_id,amount\nann,5.00\n", encoding="utf-8")
    load(Workspace(tmp_path / "w"), Settings(), [str(tmp_path / "plain.csv")], kind="transactions")
    code, out = report(tmp_path / "w", capsys)
    assert (code, "There are no groups yet" in out) == (0, True)
