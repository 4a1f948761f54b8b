"""kill -9 of the real commands: what was served stays whole, nothing is lost or doubled.

``pytest tests/test_end_to_end_crash.py --kills 50`` kills fifty times; the ordinary run a few.
"""

import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from conftest import PATIENCE

from warehouse.configuration import Settings
from warehouse.expenses import read_expense
from warehouse.generations import Workspace

ROOT = Path(__file__).resolve().parents[1]
# Small models: what is killed here is the way from the rows to the published generation.
REFRESH = """
import sys
sys.path.insert(0, sys.argv[1])
from small_history import little_work
from dashboard import cli
with little_work(origins=1):
    sys.exit(cli.main(sys.argv[2:]))
"""
LOAD = "import sys; from dashboard import cli; sys.exit(cli.main(sys.argv[2:]))"


@dataclass
class Shop:
    """A workspace, what is to be loaded into it, and what it has accepted for good."""

    workspace: Workspace
    dice: random.Random
    rows: dict = field(default_factory=dict)
    accepted: set = field(default_factory=set)
    expenses: set = field(default_factory=set)
    seconds: dict = field(default_factory=dict)

    def new_file(self):
        """A file of 60 rows, 20 of which were in earlier files, and the ids of its rows."""
        first = len(self.rows)
        for i in range(first, first + (40 if first else 400)):
            self.rows[f"t{i:05}"] = (
                f"c{self.dice.randrange(60):02}", f"2025-{1 + i % 12:02}-{1 + i % 28:02}",
                Decimal(self.dice.randrange(100, 9900)) / 100,
            )  # fmt: skip
        ids = list(self.rows)[max(first - 20, 0) :]
        file = self.workspace.folder.parent / f"{first}.csv"
        lines = [",".join(map(str, (name, *self.rows[name]))) for name in ids]
        file.write_text("\n".join(["transaction_id,customer_id,date,amount", *lines, ""]))
        return file, set(ids)

    def log(self):
        """Two expenses that are accepted: from here on they may never be lost."""
        for _ in range(2):
            said = {"amount": "7.00", "purchased_at": "2025-05-05", "category": "Food"}
            self.expenses.add(self.workspace.inbox.add(read_expense(said, Settings())).id)

    def start(self, code, *arguments):
        """A command in a process of its own, with a configuration folder of its own."""
        folder = self.workspace.folder
        environment = os.environ | {"XDG_CONFIG_HOME": str(folder.parent / "configuration")}
        return subprocess.Popen(
            [sys.executable, "-c", code, str(ROOT / "tests"), "--workspace", str(folder),
             *map(str, arguments)],
            cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def run(self, code, *arguments):
        """Let a command end by itself; when each step of its progress began, and the end."""
        began, moments = time.monotonic(), []
        with self.start(code, *arguments) as process:
            for line in process.stderr:
                moments.append((line, time.monotonic() - began))
        assert process.returncode == 0, [line for line, _ in moments]
        self.seconds[arguments[0]] = [0.0, *(at for _, at in moments), time.monotonic() - began]

    def kill(self, code, *arguments):
        """End a command with kill -9 within a step of its progress chosen by chance.

        Most of its time a command reads or trains: by chance alone nobody would ever hit the
        instants in which it publishes. Returns whether it was still running.
        """
        moments = self.seconds[arguments[0]]
        step = self.dice.randrange(len(moments) - 1)
        pause = self.dice.uniform(0, moments[step + 1] - moments[step])
        with self.start(code, *arguments) as process:
            for _ in range(step):
                process.stderr.readline()
            try:
                process.wait(pause)
            except subprocess.TimeoutExpired:
                process.kill()
            process.communicate(timeout=PATIENCE)
        assert process.returncode in {0, -signal.SIGKILL}
        return process.returncode != 0

    def served(self):
        """The generation that is served and its ids; it is whole: core, marts and models agree."""
        generation = self.workspace.current()
        manifest = generation.manifest
        with duckdb.connect(str(generation.database), read_only=True) as con:
            rows = con.execute("select transaction_id, amount from core.transactions").fetchall()
            (marts,) = con.execute("select count(*), sum(amount) from marts.purchases").fetchall()
            (scored,) = con.execute("select count(*) from scores.spend").fetchall()
        assert marts == (len(rows), sum(amount for _, amount in rows))
        assert len(rows) == len(dict(rows)) == manifest.rows["core.transactions"]
        assert (scored[0] > 0) == (manifest.scores_as_of is not None)
        assert all((generation.models / model.file).is_file() for model in manifest.models)
        assert all(self.rows[name][2] == amount for name, amount in rows if name in self.rows)
        return generation.number, set(dict(rows))

    def check(self, before, offered=frozenset()):
        """The old or the new generation is served, and everything accepted is there once."""
        number, ids = self.served()
        assert number >= before
        assert self.accepted <= ids
        assert offered <= ids or not (offered - self.accepted) & ids  # no half of a load
        waiting = {entry.id for entry in self.workspace.waiting()}
        assert self.expenses == (self.expenses & ids) | waiting
        assert not waiting & ids
        self.accepted |= ids
        return number


@pytest.fixture
def shop(tmp_path):
    """A shop with one load, one refresh, and the times that both take."""
    shop = Shop(Workspace(tmp_path / "workspace"), random.Random(3))
    shop.run(LOAD, "load", shop.new_file()[0])
    shop.run(REFRESH, "refresh", "--train", "always")
    shop.check(1)
    return shop


def test_killed_anywhere_the_old_or_the_new_generation_holds_all_that_was_accepted(shop, request):
    kills, killed = request.config.getoption("--kills"), 0
    while killed < kills:
        shop.log()
        file, offered = shop.new_file()
        for code, command, rows in (
            (LOAD, ("load", file), offered),
            (REFRESH, ("refresh", "--train", "always"), set()),
        ):
            before = shop.served()[0]
            killed += shop.kill(code, *command)
            shop.check(before, rows)
    shop.run(LOAD, "load", *sorted(shop.workspace.folder.parent.glob("*.csv")))
    shop.run(REFRESH, "refresh")
    number, ids = shop.served()
    assert ids == set(shop.rows) | shop.expenses
    assert shop.workspace.waiting() == []
    names = {entry.name for entry in (shop.workspace.folder / "generations").iterdir()}
    assert not [name for name in names if "." in name]  # nothing half-made is left
    print(f"{killed} kills; generation {number} holds all {len(ids)} rows once")
