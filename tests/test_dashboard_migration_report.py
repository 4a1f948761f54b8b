"""`spendboard report migration`: a matrix for people, every move for machines."""

import json

import pytest
from small_history import QUICK, purchases, workspace
from small_shop import SETTINGS, publish

from dashboard import cli
from warehouse.publishing import finish


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A shop whose second refresh moved customers between bands and clusters."""
    made = workspace(tmp_path_factory.mktemp("moves"), purchases(n_customers=5))
    with made.writing("refresh", QUICK) as draft:
        rows = [
            ("risk_band", "low", "low", "stayed", 6, 0.75, 0.6, True),
            ("risk_band", "low", "high", "moved", 2, 0.25, 0.2, True),
            ("risk_band", None, "low", "appeared", 1, 1.0, 0.1, True),
            ("risk_band", "high", None, "left", 1, 1.0, 0.1, True),
            ("persona", "cluster-10", "cluster-9", "moved", 5, 1.0, 1.0, False),
            ("cluster", "10", "9", "moved", 5, 1.0, 1.0, False),
        ]
        draft.con.executemany(
            "insert into scores.migration"
            " values (2, 1, '2025-05-31', '2025-06-30', ?, ?, ?, ?, ?, ?, ?, ?)",
            rows,
        )
        finish(draft, QUICK, as_of=None, scores_as_of=None, horizon_days=30, models=[])
    return made.folder


@pytest.fixture
def run(folder, capsys):
    def call(*arguments, workspace=folder):
        code = cli.main(["--workspace", str(workspace), "report", *arguments])
        return code, capsys.readouterr()

    return call


def test_people_read_who_moved_from_where_to_where(run):
    code, said = run("migration")
    assert code == 0
    lines = said.out.splitlines()
    assert lines[0] == "Who moved between generations 1 and 2, from 31 May 2025 to 30 Jun 2025"
    header = next(line for line in lines if line.startswith("from \\ to") and "low" in line)
    assert header.split() == ["from", "\\", "to", "low", "high", "(left)"]
    low = next(line for line in lines if line.startswith("low"))
    assert low.split() == ["low", "6", "(75.0", "%)", "2", "(25.0", "%)", "·"]
    assert "2 of 8 moved (25.0 %), 1 are new, 1 left" in lines
    # The personas were made by another model; clusters are not shown a second time.
    assert sum("Another model served by then" in line for line in lines) == 1
    assert not any(line.startswith("Clusters") for line in lines)


def test_machines_read_every_move(run):
    _, said = run("migration", "--json")
    answer = json.loads(said.out)
    assert (answer["schema"], answer["report"], answer["source"]) == (1, "migration", "refreshes")
    assert answer["from"] == {"as_of": "2025-05-31", "generation": 1}
    assert len(answer["rows"]) == 6
    left = next(row for row in answer["rows"] if row["change"] == "left")
    assert (left["from_value"], left["to_value"], left["n_customers"]) == ("high", None, 1)


def test_bands_of_scores_that_are_withheld_are_left_out_and_that_is_said(run, tmp_path):
    made = publish(tmp_path / "young", enough_history=False)
    with made.writing("refresh", SETTINGS) as draft:
        draft.con.executemany(
            "insert into scores.migration values"
            " (2, 1, '2025-05-31', '2025-06-30', ?, 'low', 'high', 'moved', 777, 1.0, 1.0, true)",
            [("risk_band",), ("value_band",), ("churn_band",)],
        )
        finish(draft, SETTINGS, as_of=None, scores_as_of=None, horizon_days=30, models=[])
    said = run("migration", workspace=made.folder)[1].out
    assert "Churn bands are withheld" in said
    assert said.count("12 buyers of 500") == 2
    assert said.count("777 (") == 1
    answer = json.loads(run("migration", "--json", workspace=made.folder)[1].out)
    assert [row["dimension"] for row in answer["rows"]] == ["risk_band"]
    assert "Value bands are withheld" in answer["note"]


def test_days_are_refused_where_another_report_is_asked_for(run):
    code, said = run("monthly", "--from", "2025-05-31")
    assert code == 2
    assert "report migration --from DATE" in said.err


def test_before_the_second_refresh_nobody_can_have_moved(run, tmp_path):
    once = workspace(tmp_path / "once", purchases(n_customers=3)).folder
    code, said = run("migration", workspace=once)
    assert code == 0
    assert "Nobody can have moved yet" in said.out
    _, said = run("migration", "--json", workspace=once)
    answer = json.loads(said.out)
    assert (answer["source"], answer["rows"]) == (None, [])
    code, said = run("migration", "--from", "2024-06-30", workspace=once)
    assert code == 3
    assert "has no scores" in said.err
