"""Real MariaDB, MySQL and PostgreSQL servers on loopback, each with a data directory of its own.

Started at most once a run, as whoever runs the tests; root hands PostgreSQL to another account,
because it refuses to be root. Where MariaDB or PostgreSQL is not installed its fixture skips;
Oracle's MySQL, which Debian stable does not have, takes part where its ``mysqld`` is on PATH.
"""

import contextlib
import functools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pymysql
import pytest
from conftest import free_port

PASSWORD = "s3cret!päss/wörd"
USER = "ann"
DATABASE = "shop"


@dataclass
class Server:
    """A running server; ``url`` is what a user would write, without a password."""

    scheme: str
    port: int
    process: subprocess.Popen = field(repr=False)
    user: str = USER

    def url(self, more="", *, user=None, database=DATABASE):
        return f"{self.scheme}://{user or self.user}@127.0.0.1:{self.port}/{database}{more}"

    def connect(self, database=DATABASE):
        """A connection that may write, for the tests themselves."""
        if self.scheme == "postgresql":
            return psycopg.connect(
                host="127.0.0.1", port=self.port, user=USER, password=PASSWORD, dbname=database,
                autocommit=True,
            )  # fmt: skip
        return pymysql.connect(
            host="127.0.0.1", port=self.port, user=USER, password=PASSWORD.encode(),
            database=database, autocommit=True, init_command="set time_zone = '+00:00'",
        )  # fmt: skip

    def run(self, *statements, database=DATABASE):
        """Execute statements; rows of the last one, if it has any."""
        with self.connect(database) as con, con.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return cursor.fetchall() if cursor.description else None

    def fill(self, statement, rows):
        """Execute an INSERT with %s once for each row."""
        with self.connect() as con, con.cursor() as cursor:
            cursor.executemany(statement, rows)


@contextlib.contextmanager
def data_folder(owner):
    """A folder that ``owner`` can reach: pytest's own are closed to other accounts."""
    folder = Path(tempfile.mkdtemp(prefix="spendboard-server-"))
    try:
        if owner is not None:
            shutil.chown(folder, owner)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def until_up(server, folder, database=DATABASE):
    """Wait until somebody can log in."""
    deadline = time.monotonic() + 60
    while True:
        try:
            server.connect(database).close()
        except (psycopg.Error, pymysql.Error) as error:
            if server.process.poll() is not None or time.monotonic() > deadline:
                log = (folder / "log").read_text(encoding="utf-8", errors="replace")[-2000:]
                raise RuntimeError(f"{server.scheme} does not start: {error}\n{log}") from error
            time.sleep(0.05)
        else:
            return


@contextlib.contextmanager
def mariadb_server():
    """MariaDB with one account that owns one database."""
    found = [shutil.which(name, path=os.environ["PATH"] + os.pathsep + "/usr/sbin")
             for name in ("mariadbd", "mariadb-install-db")]  # fmt: skip
    if None in found:
        pytest.skip("MariaDB is not installed: apt-get install mariadb-server")
    daemon, install = found
    making = [install, "--no-defaults", "--skip-test-db", "--skip-name-resolve",
              "--auth-root-authentication-method=normal"]  # fmt: skip
    with _speaking_mysql(daemon, making) as server:
        yield server


@functools.cache
def mysql_program():
    """The first ``mysqld`` on PATH that is Oracle's; MariaDB brings one of this name too."""
    for folder in os.environ["PATH"].split(os.pathsep):
        daemon = shutil.which("mysqld", path=folder)
        if daemon is not None:
            said = subprocess.run(
                [daemon, "--version"], check=False, capture_output=True, text=True
            )
            if said.returncode == 0 and "MariaDB" not in said.stdout:
                return daemon
    return None


@contextlib.contextmanager
def mysql_server():
    """MySQL with one account that owns one database; accounts log in by caching_sha2_password."""
    daemon = mysql_program()
    making = [daemon, "--no-defaults", "--initialize-insecure"]
    with _speaking_mysql(daemon, making, "--mysqlx=OFF", "--secure-file-priv=NULL") as server:
        yield server


@contextlib.contextmanager
def _speaking_mysql(daemon, making, *more):
    """A server of MySQL's protocol, whose data directory the command ``making`` makes."""
    with data_folder(None) as folder:
        # A server that starts clears away the temporary tables of all others in the same folder.
        (folder / "temporary").mkdir()
        me = [*(["--user=root"] if os.getuid() == 0 else []), f"--tmpdir={folder / 'temporary'}"]
        data, port = folder / "data", free_port()
        subprocess.run([*making, *me, f"--datadir={data}"], check=True, capture_output=True)
        (folder / "init.sql").write_text(
            f"create database {DATABASE} character set utf8mb4;\n"
            f"create user {USER}@'127.0.0.1' identified by '{PASSWORD}';\n"
            f"grant all on {DATABASE}.* to {USER}@'127.0.0.1';\n"
            f"create user reader@'127.0.0.1' identified by '{PASSWORD}';\n"
            f"grant select on {DATABASE}.* to reader@'127.0.0.1';\n",
            encoding="utf-8",
        )
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [daemon, "--no-defaults", *me, f"--datadir={data}", f"--port={port}",
                 "--bind-address=127.0.0.1", f"--socket={folder / 'socket'}",
                 f"--pid-file={folder / 'pid'}", f"--init-file={folder / 'init.sql'}",
                 "--character-set-server=utf8mb4", "--skip-log-bin", "--skip-name-resolve",
                 "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=64M", *more],
                stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip
        server = Server("mysql", port, process)
        try:
            until_up(server, folder)
            yield server
        finally:
            process.terminate()
            process.wait(timeout=30)


def postgresql_programs():
    """Folder of the newest PostgreSQL that is installed, or None."""
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    newest = max(folders, key=lambda folder: float(folder.parent.name), default=None)
    on_path = shutil.which("initdb")
    return newest or (Path(on_path).parent if on_path else None)


@contextlib.contextmanager
def postgresql_server():
    """PostgreSQL with one account that owns one database."""
    programs = postgresql_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    owner = None
    if os.getuid() == 0:
        known = {entry.pw_name for entry in pwd.getpwall()}
        owner = "postgres" if "postgres" in known else "nobody"
    as_owner = {"user": owner, "group": pwd.getpwnam(owner).pw_gid} if owner else {}
    with data_folder(owner) as folder:
        data, port = folder / "data", free_port()
        (folder / "password").write_text(PASSWORD, encoding="utf-8")
        subprocess.run(
            [programs / "initdb", "--no-sync", "--auth=scram-sha-256", "--encoding=UTF8",
             "--locale=C", f"--username={USER}", f"--pwfile={folder / 'password'}", data],
            check=True, capture_output=True, cwd=folder, **as_owner,
        )  # fmt: skip
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [programs / "postgres", "-D", data, "-p", str(port), "-h", "127.0.0.1",
                 "-k", folder, "-c", "fsync=off"],
                stdout=log, stderr=subprocess.STDOUT, cwd=folder, **as_owner,
            )  # fmt: skip
        server = Server("postgresql", port, process)
        try:
            until_up(server, folder, "postgres")
            server.run(f"create database {DATABASE}", database="postgres")
            server.run(
                f"create role reader login password '{PASSWORD}'",
                "grant pg_read_all_data to reader",
            )
            yield server
        finally:
            process.send_signal(signal.SIGINT)  # do not wait for clients
            process.wait(timeout=30)
