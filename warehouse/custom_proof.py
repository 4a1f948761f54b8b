"""Proof that a feature view of a workspace keeps its promises, on the data that are there.

It is one row a customer, of the declared columns, the same at every run. And it knows nothing of
what came after ``as_of``: it is computed in two worlds that differ only in what came later, one
without it and one with more of it, and every customer must come out the same in both. Nor does it
depend on the order in which rows are stored.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta

import duckdb

from warehouse.custom_difference import first_difference
from warehouse.custom_views import CustomView, line_in
from warehouse.custom_worlds import FUTURE, PAST, SHUFFLED, own_cursor, worlds
from warehouse.errors import FeatureViewError
from warehouse.progress import Progress, Silent

_ORDER = "give every choice among equals an order that decides (order by, min, arg_min)"


def prove(
    con: duckdb.DuckDBPyConnection,
    views: Sequence[CustomView],
    as_of: date | None,
    *,
    horizon_days: int,
    seconds: int,
    progress: Progress | None = None,
) -> tuple[CustomView, ...]:
    """Check every view.

    Parameters
    ----------
    con : its ``core`` is filled, and the views are built on it; read, and left as it was.
    as_of : last day that counts; None for an undated ledger, where nothing comes later.
    horizon_days : the second day that is looked at lies so many days before; the third one lies in
        the middle of the history.
    seconds : no single computation of a view may take longer.

    Returns
    -------
    Those that have no row for anybody as of ``as_of``. That is no fault of theirs for certain: on
    some days there may be nothing to tell.

    Raises
    ------
    FeatureViewError : a view breaks a promise; the first one, with what shows it.
    """
    if not views:
        return ()
    days = _days(con, as_of, horizon_days) if as_of else [None]
    silent = []
    steps = len(views) * (1 + len(days))
    with (progress or Silent()).step("Proving the workspace's features", steps) as advance:
        for view in views:
            _refuse_names_of_attributes(con, view)
            _refuse_other_columns(con, view, seconds)
            if not _refuse_other_rows(con, view, as_of, seconds):
                silent.append(view)
            advance(1)
        for day in days:
            with worlds(con, day, views) as cursor:
                for view in views:
                    _refuse_other_worlds(cursor, view, day, seconds)
                    advance(1)
    return tuple(silent)


def _days(con: duckdb.DuckDBPyConnection, as_of: date, horizon_days: int) -> list[date | None]:
    """The days on which a view is looked at.

    The last one is no end of a week or month: a view that reads on to the end of its month would
    be right on the others by chance.
    """
    middle = con.execute(
        "select quantile_disc(purchased_on, 0.5) from core.transactions where purchased_on <= $1",
        [as_of],
    ).fetchall()[0][0]
    days = [as_of, as_of - timedelta(days=horizon_days)]
    if middle is not None:
        days.append(_midweek(middle))
    return list(dict.fromkeys(days))


def _midweek(day: date) -> date:
    """The last Wednesday by ``day`` that lies well within a month."""
    # From the 4th of a month back to the 20th of the one before, and then to a Wednesday: 27 days.
    before = (day - timedelta(days=n) for n in range(28))
    return next(one for one in before if 5 <= one.day <= 20 and one.weekday() == 2)


def _refuse_other_columns(con: duckdb.DuckDBPyConnection, view: CustomView, seconds: int) -> None:
    """Raise where the SELECT returns other columns than the header declares."""
    # Calls on constants are computed here already, before anything is known of the columns.
    with _capped(con, view, seconds):
        described = con.execute(f"describe {view.own_rows}", _given(view, None)).fetchall()
    found = {name: kind for name, kind, *_ in described}
    declared = {name: column.type for name, column in view.file.header.columns.items()}
    letters = {name.lower(): name for name in found}
    for name in declared.keys() - found.keys():
        if name.lower() in letters:
            raise FeatureViewError(
                f"{view.file.path}: the header lists column {name} in other letters than the"
                " SELECT returns it",
                found=letters[name.lower()],
                fix=f"write `as {name}` in the SELECT",
            )
    if found != declared:
        wrong = [name for name in {**found, **declared} if found.get(name) != declared.get(name)]
        lines = "\n".join(f"    --   {name}  {found[name]}" for name in wrong if name in found)
        surplus = ", ".join(name for name in wrong if name not in found)
        raise FeatureViewError(
            f"{view.file.path}: the header does not list the columns that the SELECT returns",
            found=f"not returned: {surplus}" if surplus else f"not listed so: {', '.join(wrong)}",
            fix=f"write under columns:\n{lines}" if lines else f"remove {surplus} from the header",
        )


def _refuse_names_of_attributes(con: duckdb.DuckDBPyConnection, view: CustomView) -> None:
    """Raise where a customers file brought a column of the same name."""
    attributes = {
        name for (name,) in con.execute("select attribute from core.attributes").fetchall()
    }
    for name in view.columns:
        if view.column(name) in attributes:
            raise FeatureViewError(
                f"{view.file.path}: column {name} would be called {view.column(name)}, as a column"
                " of your customers file is",
                fix="rename the file or the column",
            )


def _refuse_other_rows(
    con: duckdb.DuckDBPyConnection, view: CustomView, as_of: date | None, seconds: int
) -> int:
    """Raise unless there is one row a customer, of known customers, the same at every run.

    Returns how many rows there are.
    """
    cursor = own_cursor(con)
    try:
        _keep(cursor, "first_run", view, as_of, seconds)
        _keep(cursor, "second_run", view, as_of, seconds)
        for rule in (_NOBODY, _TWICE, _STRANGERS):
            _refuse_by(cursor, view, rule, "first_run")
        other = first_difference(cursor, view, "temp.first_run", "temp.second_run")
        if other:
            customer, column, first, second = other
            raise FeatureViewError(
                f"{view.file.path}: the view does not say the same twice",
                found=f"customer {customer}, {column}: {first}, then {second}",
                fix=_ORDER,
            )
        return int(cursor.execute("select count(*) from temp.first_run").fetchall()[0][0])
    finally:
        cursor.execute("drop table if exists temp.first_run")
        cursor.execute("drop table if exists temp.second_run")
        cursor.close()


_NOBODY = (
    "select customer_id, count(*) from {table} where customer_id is null group by customer_id",
    "rows without a customer", "add where customer_id is not null",
)  # fmt: skip
_TWICE = (
    "select customer_id, count(*) as copies from {table} group by customer_id"
    " having count(*) > 1 order by copies desc, customer_id limit 1",
    "more than one row for a customer", "group by customer_id",
)  # fmt: skip
_STRANGERS = (
    "select min(customer_id), count(*) from {table}"
    " where customer_id not in (select customer_id from core.customers) having count(*) > 0",
    "customers that do not exist", "take customer_id from core.transactions or core.customers",
)  # fmt: skip


def _refuse_by(
    cursor: duckdb.DuckDBPyConnection, view: CustomView, rule: tuple[str, str, str], table: str
) -> None:
    """Raise where a rule finds a row in what the view returned."""
    sql, words, fix = rule
    found = cursor.execute(sql.replace("{table}", f"temp.{table}")).fetchall()
    if found:
        customer, rows = found[0]
        raise FeatureViewError(
            f"{view.file.path}: {words}", found=f"{customer!r}, {rows:,} rows", fix=fix
        )


def _refuse_other_worlds(
    cursor: duckdb.DuckDBPyConnection, view: CustomView, day: date | None, seconds: int
) -> None:
    """Raise where the order of rows, or what came after ``day``, changes what the view says."""
    for world in (PAST, SHUFFLED) if day is None else (PAST, FUTURE, SHUFFLED):
        cursor.execute(f"use {world}")
        _keep(cursor, world, view, day, seconds)
    _refuse_by(cursor, view, _TWICE, PAST)  # on an earlier day too
    # A choice among equals may differ between the worlds too, and reads no future.
    ordered = first_difference(cursor, view, f"temp.{PAST}", f"temp.{SHUFFLED}")
    if ordered:
        customer, column, known, right = ordered
        raise FeatureViewError(
            f"{view.file.path}: the view depends on the order in which rows happen to be stored",
            found=f"{_as_of(day)}customer {customer}, {column}: {known}, or {right}",
            fix=_ORDER,
        )
    if day is None:
        return
    # Who first bought later was nobody on that day: a row of theirs tells nothing.
    cursor.execute(f"use {PAST}")
    among = "customer_id in (select customer_id from core.customers)"
    other = first_difference(cursor, view, f"temp.{FUTURE}", f"temp.{PAST}", among)
    if other:
        customer, column, known, right = other
        raise FeatureViewError(
            f"{view.file.path}: the view reads past as_of",
            found=f"{_as_of(day)}customer {customer}, {column}: {known} with purchases after"
            f" that day, {right} without them",
            fix="read only rows with purchased_on <= $as_of, in every part of the SELECT",
        )


def _as_of(day: date | None) -> str:
    return "" if day is None else f"as of {day}, "


def _keep(
    cursor: duckdb.DuckDBPyConnection,
    table: str,
    view: CustomView,
    day: date | None,
    seconds: int,
) -> None:
    """Compute the view into a temporary table."""
    with _capped(cursor, view, seconds):
        cursor.execute(
            f"create or replace temp table {table} as {view.kept_rows}", _given(view, day)
        )


def _given(view: CustomView, day: date | None) -> dict[str, object]:
    return {"as_of": day} if view.uses_as_of else {}


@contextmanager
def _capped(con: duckdb.DuckDBPyConnection, view: CustomView, seconds: int) -> Iterator[None]:
    """Run what a view says, and interrupt what takes longer than that.

    DuckDB looks for an interruption between its steps. A single call (``repeat('x', 900000000)``)
    is none, so what it returns too late is refused as well.

    Raises
    ------
    FeatureViewError : it takes longer, or cannot run.
    """
    timer = threading.Timer(seconds, con.interrupt)
    timer.daemon = True
    began = time.monotonic()
    timer.start()
    failed = None
    try:
        yield
    except duckdb.Error as error:
        failed = error
    finally:
        timer.cancel()
    if time.monotonic() - began >= seconds:
        raise FeatureViewError(
            f"{view.file.path}: not computed after {seconds} seconds",
            fix="make it lighter, or raise feature_seconds in spendboard.toml",
        )
    if isinstance(failed, duckdb.InterruptException):
        raise failed  # somebody pressed Ctrl-C
    if failed is not None:
        place, message = line_in(view, failed)
        raise FeatureViewError(
            f"{place}: the SELECT cannot run", found=message, fix="correct it and try again"
        )
