"""Features and labels held against the plain SQL over all lines, to the last bit."""

from datetime import date

from benchmarks.plain_views import define, views


def literal(day):
    return "null::date" if day is None else f"date '{day}'"


def differences(con, schema, name, arguments):
    """Rows that only one of the two has, as (side, row); equal to the last bit."""
    ours, plain = f"{schema}.{name}({arguments})", f"plain.{name}({arguments})"
    return con.execute(
        f"(select 'ours', * from (from {ours} except all from {plain}) limit 5) union all"
        f" (select 'plain', * from (from {plain} except all from {ours}) limit 5)"
    ).fetchall()


def assert_equal(con, days, horizons=(30,)):
    """Every feature and label is what the plain SQL says, at each of these days."""
    define(con)
    for day in days:
        for name in views("features"):
            found = differences(con, "features", name, literal(day))
            assert not found, (name, day, found)
        for name in views("labels"):
            for horizon in horizons:
                found = differences(con, "labels", name, f"{literal(day)}, {horizon}")
                assert not found, (name, day, horizon, found)


def spread(con, count=5):
    """Days from before the first line to behind the last, and none."""
    first, last = con.execute(
        "select min(purchased_on), max(purchased_on) from core.transactions"
    ).fetchall()[0]
    if first is None:
        return [None, date(2020, 1, 1)]
    step = (last - first) / count
    return [first - step, *(first + i * step for i in range(count + 1)), last + 3 * step, None]
