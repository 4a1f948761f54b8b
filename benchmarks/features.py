"""The feature build against pandas, polars, plain SQL and bare scans, all in one process.

    python -m benchmarks.features [--lines 1000000] [--rounds 3] [--threads 2] [--keep FOLDER]

Each side begins with the transactions where it keeps them (a DuckDB table; a DataFrame in RAM with
categories instead of texts) and ends with one row a customer where it keeps such rows: a table, or
a DataFrame. The floor delivers three columns, the features forty. The rounds alternate between the
sides. Compare the ratios: absolute times depend on the machine.
"""

import argparse
import resource
import statistics
import tempfile
import time
from contextlib import contextmanager
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.feature_data import AS_OF, connect, fill
from benchmarks.pandas_features import ZERO_WITHOUT_A_ROW, frame_of, in_pandas
from benchmarks.plain_views import define
from benchmarks.polars_features import in_polars
from warehouse import marks

VIEWS = ("customer_rfm", "customer_behaviour", "customer_diversity", "customer_temporal")
CUTOFFS = tuple(AS_OF - timedelta(days=30 * n) for n in range(1, 7))
NUMBERS = "customer_key, purchased_on, purchased_at, amount, quantity, is_promotion"
TEXTS = "product_id, merchant, category"
FLOOR = "select customer_key, sum(amount), count(*) from core.transactions group by customer_key"
# What pandas cannot hold beside the rest on a machine of ordinary size.
MOST_IN_RAM = 20_000_000


def features(con, days):
    """Every feature of every view at some days, from one statement."""
    return con.execute(statement(days)).df()


def keep(con, select):
    """What a SELECT gives, as a table: so all sides in SQL deliver alike."""
    con.execute(f"create or replace temp table answer as {select}")


def statement(days):
    """The SELECT of :func:`features`: the step that the table of the dashboard reads."""
    return " union all ".join(f"from steps.customer_features(date '{day}')" for day in days)


def view_by_view(days, schema):
    """The same from the views of a schema, joined: of ours what models read, or the plain SQL."""
    joins = " ".join(
        f"join {schema}.{view}(date '{{day}}') as {view} using (customer_key)" for view in VIEWS[1:]
    )
    others = ", ".join(f"{view}.* exclude (customer_key, customer_id)" for view in VIEWS[1:])
    one = f"select first.*, {others} from {schema}.{VIEWS[0]}(date '{{day}}') as first {joins}"
    return " union all ".join(one.format(day=day) for day in days)


def scan(con, table, columns):
    """Read columns and do next to nothing with them."""
    con.execute(f"select {', '.join(f'max({c})' for c in columns.split(', '))} from {table}").df()


def keep_coded(con):
    """The same columns with small codes instead of texts: the cheapest scan there is."""
    coded = ", ".join(f"{text}::t_{text} as {text}" for text in TEXTS.split(", "))
    for text in TEXTS.split(", "):
        con.execute(
            f"create or replace type t_{text} as enum"
            f" (select distinct {text} from core.transactions where {text} is not null)"
        )
    con.execute(f"create temp table coded as select {NUMBERS}, {coded} from core.transactions")


def one_more_day(con, last):
    """The lines of the last day arrive: their customers' marks, then everybody's features."""
    con.execute("insert into core.transactions from last_day")
    marks.update(con, "select customer_key from last_day", only_added=True)
    keep(con, statement([last]))


def take_day_out(con, last):
    """Everything as it was on the evening before; not measured."""
    con.execute(
        "create temp table if not exists last_day as"
        f" from core.transactions where purchased_on >= date '{last}'"
    )
    con.execute(f"delete from core.transactions where purchased_on >= date '{last}'")
    marks.update(con, "select customer_key from last_day")


def assert_equal(ours, theirs):
    """Both sides agree on every feature; counts and sums that pandas leaves out are zero."""
    ours = ours.set_index("customer_key").sort_index()
    for name in theirs.columns:
        mine, other = ours[name], theirs[name].reindex(ours.index)
        if name == "top_category":
            assert (mine.dropna() == other.dropna().astype("str")).all()
            continue
        if name in ZERO_WITHOUT_A_ROW:
            other = other.fillna(0)
        a, b = mine.astype("float64").to_numpy(), other.astype("float64").to_numpy()
        assert np.allclose(a, b, atol=1e-6, equal_nan=True), name
    return len(theirs.columns)


def assert_same_bits(con, day):
    """Marks and plain SQL agree on every feature to the last bit, as do the views side by side."""
    pairs = [
        (f"from features.{view}(date '{day}')", f"from plain.{view}(date '{day}')")
        for view in VIEWS
    ]
    for ours, other in (*pairs, (statement([day]), view_by_view([day], "features"))):
        found = con.execute(f"select count(*) from ({ours} except all {other})").fetchall()
        assert found == [(0,)], ours


def seconds(work):
    """Wall and CPU seconds, the latter over all threads."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def sides(con, frame, last):
    """What is measured, by name; what is done before it, unmeasured, where there is something."""
    of_warehouse = {
        "scan, texts as codes": partial(scan, con, "coded", f"{NUMBERS}, {TEXTS}"),
        "scan": partial(scan, con, "core.transactions", f"{NUMBERS}, source, order_id, {TEXTS}"),
        "sum and count by customer": partial(keep, con, FLOOR),
        "features": partial(keep, con, statement([last])),
        "features as a DataFrame": partial(features, con, [last]),
        "features a year ago": partial(keep, con, statement([last - timedelta(days=365)])),
        "six cutoffs": partial(keep, con, statement(CUTOFFS)),
        "one more day": partial(one_more_day, con, last),
        "views, joined": partial(keep, con, view_by_view([last], "features")),
        "plain SQL": partial(keep, con, view_by_view([last], "plain")),
    }
    if frame is None:
        return of_warehouse
    polars_frame = pl.from_pandas(frame)
    return of_warehouse | {
        "polars": partial(in_polars, polars_frame, last),
        "pandas": partial(in_pandas, frame, last),
    }


def measure(con, frame, last, rounds):
    """Median wall and CPU seconds of each side; the sides take turns."""
    work = sides(con, frame, last)
    times = {name: [] for name in work}
    for _ in range(rounds):
        for name, each in work.items():
            if name == "one more day":
                take_day_out(con, last)
            times[name].append(seconds(each))
    return {
        name: tuple(statistics.median(column) for column in zip(*values, strict=True))
        for name, values in times.items()
    }


def show(medians):
    """The table: each side, and how many times as long as the two floors and one build it took."""
    print(f"{'':28} {'wall s':>8} {'CPU s':>8} {'x scan':>8} {'x floor':>8} {'x plain':>8}")
    against = ("scan, texts as codes", "sum and count by customer", "plain SQL")
    for name, (wall, cpu) in medians.items():
        ratios = " ".join(f"{cpu / medians[other][1]:8.2f}" for other in against)
        print(f"{name:28} {wall:8.2f} {cpu:8.2f} {ratios}")
    for name in ("pandas", "polars"):
        if name in medians:
            ours = medians["features as a DataFrame"]
            wall, cpu = (a / b for a, b in zip(medians[name], ours, strict=True))
            print(f"as a DataFrame {wall:.1f} x as fast as {name} by the clock, {cpu:.1f} x by CPU")
    print("the ratios in the table compare CPU seconds")


def prepared(folder, arguments):
    """The warehouse with its marks; made where the folder has none yet."""
    file = folder / f"lines_{arguments.lines}.duckdb"
    is_new = not file.exists()
    con = connect(file, arguments.threads, arguments.memory_limit)
    if is_new:
        fill(con, folder, arguments.lines)
    wall, cpu = seconds(lambda: marks.rebuild(con) if is_new else None)
    con.execute("checkpoint")
    n_lines, n_days = con.execute(
        "select (select count(*) from core.transactions), (select count(*) from core.customer_days)"
    ).fetchall()[0]
    print(f"{n_lines:,} lines; marks: {n_days:,} rows, {wall:.1f} s, {cpu:.1f} CPU s (0: kept)")
    print(f"file {file.stat().st_size / 1e6:,.0f} MB; at most {_peak():,.0f} MB of memory so far")
    return con


def _peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@contextmanager
def shop(description, rounds):
    """The warehouse that the command line asks for, with its marks, and the arguments."""
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory-limit", default="4GB")
    parser.add_argument("--keep", type=Path, help="folder of the warehouses; the files are changed")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        with prepared(folder, arguments) as con:
            yield con, arguments


def main():
    with shop(__doc__, rounds=3) as (con, arguments):
        run(con, arguments)


def run(con, arguments):
    """Check that all sides agree, measure them, print."""
    define(con)
    keep_coded(con)
    last: date = AS_OF
    in_ram = arguments.lines <= MOST_IN_RAM
    frame = frame_of(con) if in_ram else None
    if in_ram:
        count = assert_equal(features(con, [last]), in_pandas(frame, last))
        polars = in_polars(pl.from_pandas(frame), last).to_pandas().set_index("customer_key")
        assert_equal(features(con, [last]), polars)
        print(f"{count} features, equal in pandas, polars, SQL")
    assert_same_bits(con, last)
    medians = measure(con, frame, last, arguments.rounds)
    assert_same_bits(con, last)
    show(medians)


if __name__ == "__main__":
    main()
