"""CSV to core.transactions against the bare parse of the same file, in one process.

    python -m benchmarks.ingest [--rows 1000000] [--rounds 3] [--threads 2]

Our side is everything between the file and the stored rows: mapped, typed, judged, rejects kept,
deduplicated, sorted by customer and time; marks and marts follow later and are not in it. The
others stop in memory, and neither type amounts exactly nor find a row that is there already.
The rounds alternate. Compare the ratios: absolute times depend on the machine.
"""

import argparse
import importlib.util
import statistics
import tempfile
import time
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd

from warehouse import marks, transaction_table
from warehouse.build import build_core
from warehouse.connection import open_writer
from warehouse.examining import Options, examine, store
from warehouse.mapping import Wishes
from warehouse.planning import make_plan
from warehouse.progress import Silent
from warehouse.row_steps import Rules
from warehouse.synthetic import CURRENCY, write_shop

ROWS_PER_CUSTOMER = 32
# About 100 bytes a row.
COLUMNS = (
    "transaction_id, order_id, customer_id, purchased_at, amount, quantity, product_id, category,"
    " merchant, payment_method, city, channel"
)


def write_file(folder, rows):
    """A CSV of about so many rows, one of which in ten thousand has no amount."""
    shop = write_shop(
        folder, customers=max(rows // ROWS_PER_CUSTOMER, 500), last_day=date(2026, 9, 30),
        format="parquet",
    )  # fmt: skip
    file = folder / "transactions.csv"
    with duckdb.connect() as con:
        con.execute(f"""
            copy (
                select {
            COLUMNS.replace(
                "amount",
                "if(hash(transaction_id) % 10000 = 0, 'n/k', cast(amount as varchar)) as amount",
            )
        }
                from '{shop.transactions}' limit {rows}
            ) to '{file}' (format csv, header)
        """)
    shop.transactions.unlink()
    return file


def load(folder, file, threads):
    """Everything from the file to the stored rows; the number of these."""
    database = folder / "bench.duckdb"
    database.unlink(missing_ok=True)
    con = open_writer(
        database, threads=threads, memory_limit=None, temp_directory=folder / "temporary"
    )
    with con:
        build_core(con)
        plan = make_plan([str(file)], Wishes(None, {}), None)
        options = Options(Rules(plan.kind, CURRENCY, "UTC"))
        report = examine(con, plan, options, Silent())
        loaded = store(con, plan, options, report).loaded
        con.execute("checkpoint")
    return loaded


def sides(folder, file, threads):
    """What is compared, by name."""
    con = duckdb.connect(config={"threads": threads})
    reader = f"read_csv('{file}', all_varchar = true)"
    found = {
        "bare parse, count(*)": lambda: con.execute(f"select count(*) from {reader}").fetchall(),
        "bare parse, every column": lambda: con.execute(
            f"select count(columns(*)) from {reader}"
        ).fetchall(),
        "parse, dates and amounts typed": lambda: typed_parse(con, file),
        "parse into a table of text": lambda: con.execute(
            f"create or replace table parsed as from {reader}"
        ),
        "pandas.read_csv": lambda: pd.read_csv(file),
    }
    if importlib.util.find_spec("polars"):
        import polars

        found["polars.read_csv"] = lambda: polars.read_csv(file, infer_schema_length=None)
    found["store typed, sorted rows"] = stored_rows(folder, file, threads)
    return found | {"load": lambda: load(folder, file, threads)}


def typed_parse(con, file):
    """Every column parsed, days and amounts as what they are; faulty rows are kept by DuckDB."""
    con.execute(
        f"select count(columns(*)) from read_csv('{file}', store_rejects = true, types = "
        "{'transaction_id': 'varchar', 'purchased_at': 'timestamp', 'amount': 'decimal(18, 2)'})"
    ).fetchall()
    con.execute("drop table reject_errors")
    con.execute("drop table reject_scans")


def stored_rows(folder, file, threads):
    """Writing rows into core.transactions that are typed and sorted already: what is left to do
    for the cheapest of loads."""
    con = open_writer(
        folder / "floor.duckdb", threads=threads, memory_limit=None,
        temp_directory=folder / "temporary",
    )  # fmt: skip
    build_core(con)
    con.execute(f"""
        create temp table typed as
        select
            * replace (try_cast(amount as decimal(18, 2)) as amount),
            'default' as source,
            '{CURRENCY}' as currency,
            if(try_cast(amount as decimal(18, 2)) < 0, 'refund', 'purchase') as kind,
            cast(dense_rank() over (order by customer_id) as integer) as customer_key,
            cast(purchased_at as date) as purchased_on,
            1 as load_id
        from read_csv('{file}', types = {{'amount': 'varchar', 'transaction_id': 'varchar'}})
        where try_cast(amount as decimal(18, 2)) is not null
        order by customer_key, purchased_at
    """)

    transaction_table.hold(
        con, [row[0] for row in con.execute("describe typed").fetchall()]
    )  # fmt: skip

    def store():
        con.execute("insert into core.transactions by name from typed")
        con.execute("checkpoint")

    return store


def seconds(work):
    """Wall and CPU seconds, the latter over all threads."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    # The marks of customers are made after the rows are stored: see benchmarks.features.
    marks.touch = lambda con, customers, **more: None
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = write_file(folder, arguments.rows)
        found = sides(folder, file, arguments.threads)
        times = {side: [] for side in found}
        for _ in range(arguments.rounds):
            for side, work in found.items():
                times[side].append(seconds(work))
        size = file.stat().st_size
    medians = {
        side: tuple(statistics.median(column) for column in zip(*values, strict=True))
        for side, values in times.items()
    }
    print(f"{arguments.rows:,} rows, {size / 1e6:,.0f} MB")
    print(f"{'':30} wall s  CPU s   load over this: wall    CPU")
    for side, (wall, cpu) in medians.items():
        ratios = medians["load"][0] / wall, medians["load"][1] / cpu
        print(f"{side:30} {wall:6.2f} {cpu:6.2f} {ratios[0]:22.2f} {ratios[1]:6.2f}")


if __name__ == "__main__":
    main()
