"""Databases that are large or break off: memory stays flat, and nothing comes by halves."""

import subprocess
import sys

import pymysql
import pytest
from conftest import ROOT
from database_servers import PASSWORD
from database_shop import KNOWN, Shop

from warehouse.errors import MappingError, SourceError
from warehouse.progress import Silent
from warehouse.sources.spool import Spool
from warehouse.sources.tables import Databases


@pytest.fixture
def shop(tmp_path):
    return Shop(tmp_path)


def long_table(server):
    """A table that no buffer between server and reader can hold, 40 MB; made once."""
    many = {
        "mysql": "(select row_number() over () as seq from information_schema.columns as a,"
        " information_schema.columns as b limit 200000) as t",
        "postgresql": "generate_series(1, 200000) as t(seq)",
    }[server.scheme]
    text = "repeat('x', 200)"
    server.run(
        "create table if not exists long_table"
        " (id integer, customer_id varchar(9), date date, amount integer, description text)"
    )
    if not server.run("select count(*) from long_table")[0][0]:
        server.run(
            f"insert into long_table select seq, 'ann', '2024-01-31', 1, {text} from {many}"
            if server.scheme == "mysql"
            else f"insert into long_table select seq, 'ann', date '2024-01-31', 1, {text}"
            f" from {many}"
        )
    return server.url("?table=long_table")


MEASURE = """
import resource, sys
from warehouse.progress import Silent
from warehouse.sources.database import Passwords
from warehouse.sources.spool import Spool
from warehouse.sources.tables import Databases
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
password = sys.stdin.read()
with Databases(Passwords({"mysql": password, "postgresql": password})) as databases:
    spool = Spool()
    (table,) = databases.begin(sys.argv[1:], spool)
    before = peak()
    databases.finish(Silent())
    print(peak() - before, table.path.stat().st_size // 2**20)
"""


def test_memory_stays_flat_however_long_a_table_is(server):
    answer = subprocess.run(
        [sys.executable, "-c", MEASURE, long_table(server)],
        input=PASSWORD, capture_output=True, text=True, check=True, cwd=ROOT,
    )  # fmt: skip
    grown, copied = map(int, answer.stdout.split())
    assert copied >= 40
    assert grown < 10


def end_connections(server):
    """End every connection but this one, as a server that goes down does."""
    if server.scheme == "postgresql":
        server.run(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = 'shop' and pid <> pg_backend_pid()"
        )
        return
    for row in server.run("show processlist"):
        try:
            server.run(f"kill {row[0]}")
        except pymysql.Error:  # this one itself
            continue


def test_a_connection_that_breaks_leaves_nothing_behind(shop, server):
    address = long_table(server)

    expected = []

    class Cut(Silent):
        def step(self, title, total=None):
            expected.append(total)
            end_connections(server)
            return super().step(title, total)

    with pytest.raises(SourceError, match="broke while rows were read; nothing was loaded") as told:
        shop.load(address, progress=Cut())
    assert told.value.exit_code == 3
    assert shop.workspace.numbers() == []
    assert expected[0] > 0


def test_a_spool_and_a_connection_do_not_outlive_a_question(shop, server):
    address = server.url(
        "?query=select 'ann' as who, 5 as amount, '2024-01-31' as a, '2024-02-01' as b"
    )
    spool = Spool()
    folder = spool.new_file().parent
    with pytest.raises(MappingError):
        shop.load(address)
    with Databases(KNOWN) as databases:
        databases.begin([address], spool)
    spool.close()
    assert not folder.exists()
    query = {
        "mysql": "select count(*) from information_schema.processlist"
        " where db = 'shop' and id <> connection_id()",
        "postgresql": "select count(*) from pg_stat_activity where application_name = 'spendboard'",
    }[server.scheme]
    assert server.run(query)[0][0] == 0
