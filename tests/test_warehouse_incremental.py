"""Files in any order, overlapping, twice, interrupted: the same table. Failures end clearly."""

import os
import random
import signal
import threading
from contextlib import suppress

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard import cli
from warehouse.build import build_core
from warehouse.configuration import Settings
from warehouse.errors import WorkspaceError
from warehouse.examining import Options, examine, store
from warehouse.generations import Workspace
from warehouse.mapping import Wishes
from warehouse.planning import make_plan
from warehouse.progress import Silent
from warehouse.row_steps import Rules

SETTINGS = Settings(threads=1)
HEADERS = {True: "transaction_id,customer_id,date,amount\n", False: "customer_id,date,amount\n"}


class Failing:
    """A connection that fails at its n-th statement."""

    def __init__(self, con, statements):
        self.con, self.left = con, statements

    def execute(self, *arguments):
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt
        return self.con.execute(*arguments)

    def __getattr__(self, name):
        return getattr(self.con, name)


def load(workspace, file, statements=None):
    """Load one file and publish, without marts; ends at a statement where told to."""
    plan = make_plan([str(file)], Wishes("transactions", {}), None)
    options = Options(Rules(plan.kind, "GBP", "UTC"))
    with workspace.writing("load", SETTINGS) as draft:
        build_core(draft.con)
        con = draft.con if statements is None else Failing(draft.con, statements)
        report = examine(con, plan, options, Silent())
        if report.loaded:
            store(con, plan, options, report)
            draft.publish(
                as_of=None, scores_as_of=None, horizon_days=30, currency="GBP", rows={},
                loads=[row[0] for row in con.execute("select load_id from core.loads").fetchall()],
                models=[],
            )  # fmt: skip
    return report


def content(workspace):
    """Hash of all rows without what differs between loads, their number, and that of customers."""
    with duckdb.connect(str(workspace.current().database), read_only=True) as con:
        return con.execute(
            """
            select bit_xor(hash(lines)), count(*), count(distinct customer_id)
            from (select * exclude (load_id, customer_key) from core.transactions) as lines
            """
        ).fetchall()


@given(seed=st.integers(0, 2**32), has_ids=st.booleans())
@settings(
    max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_split_order_overlap_and_interruption_give_the_same_table(
    tmp_path_factory, seed, has_ids
):
    chance, folder = random.Random(seed), tmp_path_factory.mktemp("split")
    rows = [
        f"c{chance.randrange(4)},2024-0{chance.randrange(1, 5)}-01,{chance.randrange(-3, 9)}.50"
        for _ in range(chance.randrange(3, 30))
    ]
    if has_ids:
        rows = [f"{number},{row}" for number, row in enumerate(rows)]
    whole = folder / "whole.csv"
    whole.write_text(HEADERS[has_ids] + "\n".join(rows) + "\n", encoding="utf-8")
    at_once, bit_by_bit = Workspace(folder / "a"), Workspace(folder / "b")
    load(at_once, whole)
    pieces = [chance.sample(rows, chance.randrange(1, len(rows) + 1)) for _ in range(2)]
    # A row without an id is known by how often it stands in one file: one of them has all.
    for piece in chance.sample([*pieces, rows], 3):
        file = folder / f"{chance.random()}.csv"
        file.write_text(HEADERS[has_ids] + "\n".join(piece) + "\n", encoding="utf-8")
        with suppress(KeyboardInterrupt):
            load(bit_by_bit, file, statements=chance.randrange(40))
        load(bit_by_bit, file)
    assert load(bit_by_bit, whole).loaded == 0
    assert content(bit_by_bit) == content(at_once)
    names = {entry.name for entry in (bit_by_bit.folder / "generations").iterdir()}
    assert all(name.isdigit() or name == "last_number" for name in names)


def test_one_odd_id_in_a_file_changes_nobody(tmp_path):
    workspace = Workspace(tmp_path / "workspace")
    files = [tmp_path / "parquet-like.csv", tmp_path / "pandas.csv"]
    files[0].write_text(HEADERS[True] + "1,17850,2024-01-31,5\n", encoding="utf-8")
    files[1].write_text(
        HEADERS[True] + "2,17850.0,2024-01-31,5\n3,A12.0,2024-01-31,5\n", encoding="utf-8"
    )
    for file in files:
        load(workspace, file)
    with duckdb.connect(str(workspace.current().database), read_only=True) as con:
        known = con.execute("select customer_id from core.customers order by 1").fetchall()
    assert known == [("17850",), ("A12.0",)]


def test_ctrl_c_within_a_statement_ends_the_command_with_130(tmp_path, monkeypatch, capsys):
    def endless(args):
        with Workspace(tmp_path).writing("load", SETTINGS) as draft:
            threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
            draft.con.execute("select count(*) from range(1000000000000) r(i) where i % 7 = 3")

    monkeypatch.setitem(cli.RUN, "status", endless)
    # However this run was started: a shell lets its background ignore Ctrl-C.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        assert cli.main(["--workspace", str(tmp_path), "status"]) == 130
    finally:
        signal.signal(signal.SIGINT, before)
    assert "nothing half-made is left" in capsys.readouterr().err
    assert [entry.name for entry in (tmp_path / "generations").iterdir()] == ["last_number"]


def overflow(folder):
    """Sort more than fits into memory and the room for temporary files."""
    little = Settings(threads=1, memory_limit="20MB")
    with Workspace(folder).writing("load", little) as draft:
        draft.con.execute("set max_temp_directory_size = '1MB'")
        draft.con.execute(
            "create table t as select md5(i::varchar) as m from range(2000000) r(i) order by m"
        )


def test_work_that_fits_nowhere_says_what_to_raise(tmp_path):
    with pytest.raises(WorkspaceError, match="raise memory_limit") as error:
        overflow(tmp_path)
    assert error.value.exit_code == 3
    assert [entry.name for entry in (tmp_path / "generations").iterdir()] == ["last_number"]


def test_rows_that_are_examined_need_not_stay_in_memory(tmp_path):
    """A million of them: DuckDB can write nearly all to the disk, and forgets them when stored."""
    file = tmp_path / "many.parquet"
    with duckdb.connect(config={"threads": 1, "temp_directory": tmp_path / "spill"}) as con:
        con.execute(
            f"""
            copy (
                select
                    i || 't' as transaction_id,
                    'c' || i % 1000 as customer_id,
                    timestamp '2024-01-01' + to_minutes(i % 500000) as purchased_at,
                    (i % 977) / 7.0 as amount
                from range(1000000) r(i)
            ) to '{file}'
            """
        )
        build_core(con)
        plan = make_plan([str(file)], Wishes(None, {}), None)
        options = Options(Rules(plan.kind, "GBP", "UTC"))
        report = examine(con, plan, options, Silent())
        con.execute("set memory_limit = '10MB'")
        con.execute("set memory_limit = '2GB'")
        assert store(con, plan, options, report).loaded == 1_000_000
        left = con.execute("select table_name from duckdb_tables() where temporary").fetchall()
        assert not {("incoming",), ("judged",)} & set(left)
