"""Loads from real databases: the same rows as from a file, each new row once, nothing by halves."""

import csv
import subprocess
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from conftest import spendboard
from database_servers import PASSWORD
from database_shop import KNOWN, SETTINGS, Shop
from loading_desk import Desk, counts

from warehouse.errors import LoadError
from warehouse.loading import unload


@pytest.fixture
def shop(tmp_path):
    return Shop(tmp_path)


# The same rows, wherever they come from

ODD = [
    "plain", "", "o'neil", 'say "hi"', "two\nlines", "win\r\ndows", "comma, semi; tab\t", "\\n",
    "Ünïcödé 😀", "NULL", " spaces ", "=1+1", "%s", "نص", "0",
]  # fmt: skip
# Of 18 digits, which no DOUBLE holds; one a customer, as their sums have 18 digits too.
LARGE = {7: Decimal("9999999999999999.99"), 8: Decimal("-9999999999999999.99")}
AMOUNTS = ["0.01", "-0.10", "100.00", "7.50"]
COLUMNS = {
    "id": "bigint", "customer_id": "varchar(40)", "bought_at": "instant",
    "amount": "decimal(18,2)", "description": "text", "is_promotion": "boolean",
    "city": "varchar(40)",
}  # fmt: skip


def odd_rows(count=300):
    """Rows with everything that a database may hold and a file may spoil."""
    start = datetime(2024, 3, 30, 23, 30, tzinfo=UTC)  # the night when summer time begins
    return [
        (
            number,
            None if number % 11 == 0 else f"cüst {number if number in LARGE else number % 7}",
            start + timedelta(minutes=31 * number),
            LARGE.get(number, Decimal(AMOUNTS[number % len(AMOUNTS)])),
            None if number % 13 == 0 else ODD[number % len(ODD)],
            None if number % 5 == 0 else number % 2 == 0,
            None if number % 3 == 0 else "Köln",
        )
        for number in range(1, count + 1)
    ]


def fill(server, table, rows, columns=COLUMNS):
    """A table of its own on the server."""
    kinds = dict(columns)
    if server.scheme == "postgresql":
        kinds = {
            name: {"datetime": "timestamp", "instant": "timestamptz"}.get(kind, kind)
            for name, kind in kinds.items()
        }
    else:
        kinds = {
            name: "timestamp null" if kind == "instant" else kind for name, kind in kinds.items()
        }
    server.run(
        f"drop table if exists {table}",
        f"create table {table} ({', '.join(f'{name} {kind}' for name, kind in kinds.items())})",
    )
    if rows:
        signs = ", ".join(["%s"] * len(columns))
        server.fill(f"insert into {table} values ({signs})", rows)
    return server.url(f"?table={table}")


def test_csv_mariadb_and_postgresql_give_the_same_table(tmp_path, mariadb, postgresql):
    rows = odd_rows()
    with (tmp_path / "odd.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(rows)
    contents = []
    for source in [tmp_path / "odd.csv", fill(mariadb, "odd", rows), fill(postgresql, "odd", rows)]:
        desk = Desk(tmp_path)
        report = desk.load_files(
            source, passwords=KNOWN, timezone="Europe/Berlin", mapping={"purchased_at": "bought_at"}
        )
        assert counts(report) == (300, 300, 0, 0, 0)
        contents.append((desk.content(), desk.value("sum(amount)")))
        desk.con.close()
    assert contents[0] == contents[1] == contents[2]
    assert contents[0][1] == sum(row[3] for row in rows)


def test_instants_are_told_in_the_time_of_the_workspace(desk, server):
    columns = {"id": "bigint", "customer_id": "varchar(9)", "at": "instant", "amount": "integer"}
    address = fill(server, "instants", [], columns)
    zone = "set time_zone = '-05:00'" if server.scheme == "mysql" else "set timezone = 'EST'"
    server.run(zone, "insert into instants values (1, 'ann', '2024-01-31 20:00:00', 5)")
    desk.load_files(
        address, passwords=KNOWN, timezone="Europe/Berlin", mapping={"purchased_at": "at"}
    )
    # 20:00 in New York is 02:00 of the next day in Berlin
    assert desk.rows("purchased_at::varchar") == [("2024-02-01 02:00:00",)]


def test_a_real_ledger_comes_whole(desk, mariadb, shared_data):
    path = shared_data / "retail_risk" / "spending expenses.csv"
    with path.open(encoding="utf-8", newline="") as file:
        names, *rows = csv.reader(file)
    address = fill(mariadb, "retail_risk", rows, dict.fromkeys(names, "varchar(200)"))
    report = desk.load_files(address, passwords=KNOWN)
    assert counts(report) == (5000, 5000, 0, 0, 0)
    assert desk.rows("count(distinct customer_id), count(distinct merchant)") == [(50, 100)]
    assert "an undated ledger" in " ".join(report.notes)


def test_a_fault_of_a_row_is_told_with_its_record(desk, mariadb):
    mariadb.run(
        "set sql_mode = ''",
        "drop table if exists faulty",
        "create table faulty (id integer primary key, customer_id text, date date, amount text)",
        "insert into faulty values (1, 'ann', '2024-01-31', '5'), (2, 'ann', '0000-00-00', '5'),"
        " (3, 'bob', '2024-01-31', 'five'), (4, 'bob', '2024-01-31', '1.5')",
    )
    report = desk.load_files(mariadb.url("?table=faulty"), passwords=KNOWN)
    assert (report.read, report.loaded, report.rejected) == (4, 2, 2)
    file = f"mysql://127.0.0.1:{mariadb.port}/shop faulty"
    assert desk.rows("file, record, column_name, value", "core.rejects") == [
        (file, 2, "date", "0000-00-00"), (file, 3, "amount", "five"),
    ]  # fmt: skip
    assert report.files[0].file == file


def test_customers_come_from_a_query(desk, postgresql):
    fill(postgresql, "people", [("ann", 30, None), ("bob", 40, "Rome")],
         {"customer_id": "varchar(9)", "age": "integer", "city": "varchar(9)"})  # fmt: skip
    query = "select customer_id, age, city, age > 35 as senior from people"
    report = desk.load_files(postgresql.url(f"?query={query}"), passwords=KNOWN, kind="customers")
    assert report.loaded == 2
    assert desk.rows("customer_id, age, city, senior", "core.customers")[1][:3] == (
        "bob", 40, "Rome",
    )  # fmt: skip


# Only what is new


SALES = {
    "id": "bigint", "customer_id": "varchar(9)", "bought_on": "date", "amount": "decimal(18,2)",
    "changed_at": "datetime",
}  # fmt: skip
NOON = datetime(2024, 1, 31, 12)  # noqa: DTZ001 a local time
MAP = {"purchased_at": "bought_on"}


def sale(number, amount, changed_at=NOON):
    return (number, "ann", date(2024, 1, 31), Decimal(amount), changed_at)


def insert(server, table, *rows):
    signs = ", ".join(["%s"] * len(rows[0]))
    server.fill(f"insert into {table} values ({signs})", rows)


def test_the_next_load_reads_from_the_watermark_on(shop, server):
    table = f"{fill(server, 'sales', [sale(1, 1), sale(2, 2), sale(3, 3, None)], SALES)}"
    address = f"{table}&watermark=changed_at"
    assert shop.load(address, mapping=MAP).loaded == 3
    # One more of the same instant, one later; the row without a value is read each time.
    later = NOON + timedelta(minutes=1)
    insert(server, "sales", sale(4, 4), sale(5, 5, later))
    report = shop.load(address, mapping=MAP)
    assert (report.read, report.loaded, report.already_loaded) == (5, 2, 3)
    report = shop.load(address, mapping=MAP)
    assert (report.read, report.loaded, report.already_loaded) == (2, 0, 2)
    assert shop.load(address, mapping=MAP, full=True).read == 5
    watermarks = shop.rows("load_id, column_name, left(value, 19)", "core.watermarks")
    assert watermarks == [(1, "changed_at", str(NOON)), (2, "changed_at", str(later))]


def test_a_corrected_row_comes_again_and_replaces_the_old_one(shop, mariadb):
    address = f"{fill(mariadb, 'corrected', [sale(1, 1), sale(2, 2)], SALES)}&watermark=changed_at"
    shop.load(address, mapping=MAP)
    mariadb.run("update corrected set amount = 9, changed_at = '2024-02-01 00:00:00' where id = 1")
    assert shop.load(address, mapping=MAP).rejected == 1
    report = shop.load(address, mapping=MAP, on_conflict="replace")
    assert (report.read, report.loaded) == (2, 1)
    assert shop.rows("transaction_id, amount") == [("1", Decimal(9)), ("2", Decimal(2))]


def test_rows_without_ids_are_not_lost_at_the_watermark(shop, postgresql):
    sales = {name: kind for name, kind in SALES.items() if name != "id"}
    twice = [sale(0, 5)[1:], sale(0, 5)[1:]]
    address = f"{fill(postgresql, 'without_ids', twice, sales)}&watermark=changed_at"
    assert shop.load(address, mapping=MAP).loaded == 2
    insert(postgresql, "without_ids", twice[0])
    report = shop.load(address, mapping=MAP)
    assert (report.read, report.loaded, report.already_loaded) == (3, 1, 2)


def test_a_date_far_ahead_does_not_stop_the_watermark(shop, server):
    ahead = sale(2, 2, NOON.replace(year=9999))
    address = f"{fill(server, 'ahead', [sale(1, 1), ahead], SALES)}&watermark=changed_at"
    shop.load(address, mapping=MAP)
    insert(server, "ahead", sale(3, 3, NOON + timedelta(days=1)))
    assert shop.load(address, mapping=MAP).loaded == 1


def test_a_large_number_is_a_watermark_to_the_last_digit(shop, server):
    first = 2**53
    address = f"{fill(server, 'numbers', [sale(first, 1), sale(first + 1, 2)], SALES)}&watermark=id"
    shop.load(address, mapping=MAP)
    insert(server, "numbers", sale(first + 2, 3))
    assert shop.load(address, mapping=MAP).read == 2


def test_the_watermark_moves_with_the_generation_only(shop, postgresql):
    address = f"{fill(postgresql, 'moved', [sale(1, 1)], SALES)}&watermark=id"
    shop.load(address, mapping=MAP)
    insert(postgresql, "moved", sale(2, 2), sale(3, 3))
    shop.load(address, mapping=MAP)
    insert(postgresql, "moved", sale(4, 4))
    shop.load(address, mapping=MAP)
    assert shop.rows("load_id, value", "core.watermarks") == [(1, "1"), (2, "3"), (3, "4")]
    # The third load holds row 3 too; row 2 is gone, and what lies behind that gap is read again.
    unload(shop.workspace, SETTINGS, 2)
    assert shop.rows("load_id, value", "core.watermarks") == [(1, "1")]
    report = shop.load(address, mapping=MAP)
    assert (report.read, report.loaded, report.already_loaded) == (4, 1, 3)
    shop.workspace.rollback()
    assert shop.rows("load_id, value", "core.watermarks") == [(1, "1")]


def test_nothing_behind_the_watermark_is_no_error(shop, mariadb):
    address = f"{fill(mariadb, 'emptied', [sale(1, 1)], SALES)}&watermark=id"
    shop.load(address, mapping=MAP)
    mariadb.run("delete from emptied")
    report = shop.load(address, mapping=MAP)
    assert (report.read, report.load_id, report.generation) == (0, None, 1)


def test_a_watermark_of_other_rows_is_not_used(shop, mariadb):
    address = f"{fill(mariadb, 'others', [sale(1, 1)], SALES)}&watermark=id"
    shop.load(address, mapping=MAP)
    with pytest.raises(LoadError, match="--full"):
        shop.load(address, mapping=MAP, source_name="web")
    assert shop.load(address, mapping=MAP, source_name="web", full=True).loaded == 1


# The command


def test_a_password_is_nowhere_to_be_found(tmp_path, server):
    variable = {"mysql": "MYSQL_PWD", "postgresql": "PGPASSWORD"}[server.scheme]
    address = fill(server, "secret", [sale(1, 1)], SALES)
    folder = tmp_path / "workspace"

    def run(*arguments, password=PASSWORD):
        return spendboard(
            "--workspace", folder, *arguments, check=False, stdin=subprocess.DEVNULL,
            env={"PATH": "/usr/bin:/bin", "TMPDIR": str(tmp_path), variable: password},
        )  # fmt: skip

    written = address.replace("ann@", f"ann:{PASSWORD}@")
    done = [
        run("load", f"{address}&watermark=id", "--map", "purchased_at=bought_on", "--json"),
        run("load", address, "--map", "purchased_at=bought_on", password="wr0ng!pass"),
        run("load", written),
    ]
    assert [one.returncode for one in done] == [0, 3, 2]
    texts = [one.stdout + one.stderr for one in done]
    files = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    for secret in (PASSWORD, "wr0ng!pass"):
        assert not [text for text in texts if secret in text]
        assert not [content for content in files if secret.encode() in content]
    assert "SPENDBOARD_" in texts[1]
    assert not list(tmp_path.glob("spendboard-spool-*"))


def test_a_user_who_may_only_read_is_enough(shop, server):
    address = fill(server, "readable", [sale(1, 1)], SALES).replace("ann@", "reader@")
    assert shop.load(address, mapping=MAP).loaded == 1
