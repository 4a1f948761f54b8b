"""A long statement tells how far it is, and nothing more once it has ended."""

from contextlib import contextmanager

import duckdb

from warehouse import polling
from warehouse.polling import watched
from warehouse.progress import Silent


class Told:
    """Progress that remembers what it was told."""

    def __init__(self):
        self.steps = []

    @contextmanager
    def step(self, title, total=None):
        units = []
        self.steps.append((title, total, units))
        yield units.append


def test_a_step_moves_in_hundredths_while_its_statement_runs(monkeypatch, tmp_path):
    monkeypatch.setattr(polling, "_EVERY", 0.001)
    told, file = Told(), tmp_path / "numbers.csv"
    with duckdb.connect(config={"threads": 1}) as con:
        con.execute(f"copy (select i, i * 2 as j from range(1000000) r(i)) to '{file}'")
        with watched(con, told, "Reading"):
            con.execute(
                f"create table t as select md5(i) from read_csv('{file}', all_varchar = true)"
            )
        assert con.execute("select count(*) from t").fetchall() == [(1_000_000,)]
    ((title, total, units),) = told.steps
    assert (title, total) == ("Reading", 100)
    assert units
    assert all(unit > 0 for unit in units)
    assert sum(units) < 100


def test_where_nobody_watches_nothing_is_asked():
    with watched(None, Silent(), "Reading"):
        pass
