"""Load after load, what is published is what a build of everything makes of the same lines."""

import shutil

import duckdb
import pytest

from warehouse import growing, publishing
from warehouse.build import build_marts, build_views, run_checks
from warehouse.configuration import Settings
from warehouse.generations import Workspace
from warehouse.headers import sql_files
from warehouse.loading import load, unload

SETTINGS = Settings(threads=1, currency="EUR")
HEADER = "transaction_id,customer_id,order_id,purchased_at,amount,category,payment_method\n"
FIRST = "".join(
    f"t{n},c{n % 9},o{n // 2},2025-{1 + n // 28:02}-{1 + n % 28:02} {n % 24:02}:30,"
    f"{n % 13 - 1}.50,{'abc'[n % 3]},{['card', 'cash'][n % 2]}\n"
    for n in range(84)
)
NEXT_DAY = "u1,c1,o90,2025-04-02 10:00,9.00,a,cash\nu2,c77,o91,2025-04-02 11:00,4.00,d,card\n"
LATE = "v1,c2,o92,2025-03-25 10:00,3.00,a,voucher\nv2,c2,o41,2025-04-03 10:00,-1.00,a,cash\n"
CHANGED = "u1,c1,o90,2025-04-02 10:00,8.00,b,cash\n"


def tables(con):
    """Every row of every mart but the results of the checks."""
    names = [f.header.name for f in sql_files("marts") if f.path.stem not in ("checks", "loads")]
    return {name: con.execute(f"from {name} order by all").fetchall() for name in names}


def assert_is_that_of_a_full_build(generation, tmp_path):
    copy = tmp_path / "copy.duckdb"
    shutil.copyfile(generation.database, copy)
    with duckdb.connect(str(copy), config={"threads": 1}) as con:
        ours = tables(con)
        kept = con.execute("from marts.checks order by all").fetchall()
        build_views(con)
        build_marts(con, as_of=generation.manifest.as_of, horizon_days=30, currency="EUR")
        anew = tables(con)
        assert [name for name, rows in anew.items() if rows != ours[name]] == []
        found = [(one.name.removeprefix("checks."), one.rows) for one in run_checks(con)]
        assert found == [(name, n_rows) for name, _, _, n_rows, _ in kept]


@pytest.fixture
def continued(monkeypatch):
    """What each publication has continued."""
    seen = []
    real = growing.continue_marts

    def remembered(*arguments):
        seen.append(real(*arguments))
        return seen[-1]

    monkeypatch.setattr(growing, "continue_marts", remembered)
    monkeypatch.setattr(growing, "_MOST_REWRITTEN", 1)
    monkeypatch.setattr(publishing, "_FEW_LINES", 0)
    return seen


def test_every_way_lines_come_and_go_ends_in_the_tables_of_a_full_build(tmp_path, continued):
    workspace = Workspace(tmp_path / "workspace")

    def loaded(name, lines, **options):
        file = tmp_path / f"{name}.csv"
        file.write_text(HEADER + lines, encoding="utf-8")
        load(workspace, SETTINGS, [str(file)], kind="transactions", **options)

    loaded("first", FIRST)
    assert continued == []
    loaded("next", NEXT_DAY)
    loaded("late", LATE)
    assert [len(names) for names in continued] == [8, 8]
    assert_is_that_of_a_full_build(workspace.current(), tmp_path)
    loaded("changed", CHANGED, on_conflict="replace")
    unload(workspace, SETTINGS, 3)
    # A line that is replaced or gone is in sums that cannot be told apart: all is made anew.
    assert len(continued) == 2
    loaded("late again", LATE)
    assert len(continued) == 3
    assert_is_that_of_a_full_build(workspace.current(), tmp_path)


def test_a_fault_among_new_lines_is_found_though_the_old_ones_are_not_looked_at_again(tmp_path):
    workspace = Workspace(tmp_path / "workspace")
    file = tmp_path / "first.csv"
    file.write_text(HEADER + FIRST, encoding="utf-8")
    load(workspace, SETTINGS, [str(file)], kind="transactions")
    with duckdb.connect(str(workspace.current().database)) as con:
        assert growing.first_new_load(con, [1]) == 2
        names = "transaction_id, source, order_id, customer_key, purchased_on, amount, kind"
        con.execute(f"insert into core.transactions ({names}, load_id)"
                    f" select {names}, 2 from core.transactions where order_id = 'o7'")  # fmt: skip
        con.execute("update core.transactions set kind = 'gift', purchased_on = '2001-01-01'"
                    " where transaction_id = 't1'")  # fmt: skip
        found = {one.name: one.rows for one in run_checks(con, since=2) if one.severity == "stop"}
        assert found["checks.transactions_unique"] == 2
        # What has passed once is not looked at again: these faults are in the first load.
        assert found["checks.transactions_complete"] == found["checks.transactions_days"] == 0
        assert {one.name for one in run_checks(con) if one.rows} >= {
            "checks.transactions_unique",
            "checks.transactions_complete",
            "checks.transactions_days",
        }
