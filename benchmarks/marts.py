"""The dashboard's tables after one more day, against building all of them, in one process.

    python -m benchmarks.marts [--lines 1000000] [--rounds 2] [--threads 2] [--keep FOLDER]

The lines of the last day arrive, and the marts are brought up to date; then the same marts are
built anew. Both hold the same rows. Compare the ratio: seconds depend on the machine.
"""

import statistics
from datetime import timedelta

from benchmarks.feature_data import AS_OF
from benchmarks.features import seconds, shop
from warehouse import growing, marks
from warehouse.build import build_marts

CONTINUED = growing.MARTS


def build(con, day, kept=()):
    """Build every mart but those that are kept, as a load does."""
    build_marts(con, as_of=day, horizon_days=30, currency="EUR", kept=kept)
    growing.sign(con)


def continued(con):
    """One more day as a load does it."""
    kept = growing.continue_marts(con, AS_OF, growing.first_new_load(con, [1]))
    assert len(kept) == len(CONTINUED), kept
    build(con, AS_OF, kept)


def take_day_out(con):
    """Everything as it was on the evening before; not measured."""
    con.execute(f"delete from core.transactions where purchased_on >= date '{AS_OF}'")
    marks.update(con, "select customer_key from last_day")
    build(con, AS_OF - timedelta(days=1))


def run(con, rounds):
    """Continued and built anew in turn; the rows are compared each time."""
    con.execute(f"update core.transactions set load_id = if(purchased_on < date '{AS_OF}', 1, 2)")
    con.execute(
        f"create temp table last_day as from core.transactions where purchased_on >= date '{AS_OF}'"
    )
    times = {"one more day": [], "all anew": []}
    for _ in range(rounds):
        take_day_out(con)
        con.execute("insert into core.transactions from last_day")
        marks.update(con, "select customer_key from last_day", only_added=True)
        times["one more day"].append(seconds(lambda: continued(con)))
        for name in CONTINUED:
            con.execute(f"create or replace temp table was_{name.split('.')[1]} as from {name}")
        times["all anew"].append(seconds(lambda: build(con, AS_OF)))
        for name in CONTINUED:
            was = f"was_{name.split('.')[1]}"
            for ours, theirs in ((was, name), (name, was)):
                rows = con.execute(f"select count(*) from (from {ours} except all from {theirs})")
                assert rows.fetchall() == [(0,)], name
    return {name: statistics.median(cpu for _, cpu in values) for name, values in times.items()}


def main():
    with shop(__doc__, rounds=2) as (con, arguments):
        medians = run(con, arguments.rounds)
    for name, cpu in medians.items():
        print(f"{name:14} {cpu:8.2f} CPU s {cpu / medians['all anew']:6.2f} x all anew")


if __name__ == "__main__":
    main()
