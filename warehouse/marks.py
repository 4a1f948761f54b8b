"""Marks: what was known of each customer at the end of each of her days, made when lines arrive.

``core.customer_days`` looks only backwards, so its rows are right for every as-of date, and every
feature and label reads them instead of all lines. What is loaded, replaced or taken out changes
the marks of the customers it belongs to, and of nobody else: whoever changes lines calls
:func:`touch`, and before features are read :func:`catch_up` makes those marks anew, once. They are
the same rows as those of :func:`rebuild`. See docs/features.md.
"""

import re
from functools import cache

import duckdb

from warehouse.build import in_order
from warehouse.headers import SqlFile, sql_files
from warehouse.progress import Progress, Silent

# Lines that are worked on at the same time: what that takes, about 2 GB, may spill to disk.
LINES_AT_ONCE = 4_000_000
# With more than this share of the customers touched, to begin anew costs less than to compare.
_MOST_TOUCHED = 0.3
# By time, so that few blocks are read for one as-of date.
_ORDER = {"customer_days": "known_until, customer_key", "order_days": "bought_until, customer_key"}
_PENDING = "marks_pending"
_TITLE = "Marking what each customer did"
# Working tables are temporary, and DuckDB has no schemas for these: marks.lines is marks_lines.
_WORKING = re.compile(r"\bmarks\.(\w+)")


def touch(con: duckdb.DuckDBPyConnection, customers: str) -> None:
    """Note whose lines in core.transactions changed; :func:`catch_up` makes their marks anew.

    Parameters
    ----------
    customers : SELECT of one column ``customer_key``, perhaps with repetitions and NULL; also keys
        that have no line any more, or belong to somebody else later.
    """
    con.execute(f"create temp table if not exists {_PENDING} (customer_key integer)")
    con.execute(f"insert into {_PENDING} select distinct customer_key from ({customers})")


def catch_up(con: duckdb.DuckDBPyConnection, progress: Progress | None = None) -> None:
    """Make the marks of everybody who was touched, once for all that was done to a draft.

    Where the marks then do not add up to the lines, or an older build made them, all are made anew.
    """
    pending = con.execute(
        "select 1 from duckdb_tables() where temporary and table_name = $name", {"name": _PENDING}
    )
    if pending.fetchall() and _have_their_columns(con):
        update(con, f"from {_PENDING}", progress)
    con.execute(f"drop table if exists temp.{_PENDING}")
    if not (_have_their_columns(con) and _add_up(con)):
        rebuild(con, progress)


def update(
    con: duckdb.DuckDBPyConnection, customers: str, progress: Progress | None = None
) -> None:
    """Make the marks of some customers anew. Rows that come out as they are stay where they are.

    Parameters
    ----------
    customers : as in :func:`touch`.
    """
    con.execute(
        "create or replace temp table marks_wanted as"
        f" select distinct customer_key from ({customers}) where customer_key is not null"
    )
    if _wanted_share(con) > _MOST_TOUCHED:
        rebuild(con, progress)
        return
    portions = _portions(con)
    with (progress or Silent()).step(_TITLE, len(portions)) as advance:
        for first, last in portions:
            _make(con, first, last)
            _exchange_customer_days(con)
            con.execute("delete from core.order_days where customer_key in (from marks_touched)")
            _append(con, "order_days", "marks_order_days")
            advance(1)
    _clear(con)


def rebuild(con: duckdb.DuckDBPyConnection, progress: Progress | None = None) -> None:
    """Make the marks of everybody, some customers at a time so that memory stays bounded."""
    con.execute(
        "create or replace temp table marks_wanted as"
        " select distinct customer_key from core.transactions where customer_key is not null"
    )
    for file in _tables():
        con.execute(f"create or replace table {file.header.name} as {file.select}")
    portions = _portions(con)
    with (progress or Silent()).step(_TITLE, len(portions)) as advance:
        for first, last in portions:
            _make(con, first, last)
            for name in _ORDER:
                _append(con, name, f"marks_{name}")
            advance(1)
    _clear(con)


def _have_their_columns(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether the tables are those of this build, and not of an older one."""
    for file in _tables():
        described = con.execute(f"describe {file.header.name}").fetchall()
        if [row[0] for row in described] != list(file.header.columns):
            return False
    return True


def _add_up(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether there is a mark for every line; counts and sums only, which is quick."""
    found = con.execute(
        """
        with lines as (
            select count(*) as n_lines, coalesce(sum(amount), 0) as net
            from core.transactions
            where customer_key is not null and kind in ('purchase', 'refund')
        ), marks as (
            select coalesce(sum(n_lines), 0) as n_lines, coalesce(sum(net), 0) as net
            from core.customer_days
            where known_until = date '9999-12-31'
        )
        select lines.n_lines = marks.n_lines and lines.net = marks.net
        from lines cross join marks
        """
    ).fetchall()
    return bool(found[0][0])


def _wanted_share(con: duckdb.DuckDBPyConnection) -> float:
    """How many customers are wanted, as a part of those who have marks; 1 where nobody has."""
    wanted, known = con.execute(
        "select (select count(*) from marks_wanted),"
        " (select count(*) from core.customer_days where known_until = date '9999-12-31')"
    ).fetchall()[0]
    return wanted / known if known else 1.0


def _portions(con: duckdb.DuckDBPyConnection) -> list[tuple[int, int]]:
    """Ranges of the wanted keys with about LINES_AT_ONCE lines each."""
    found = con.execute(
        """
        with customers as (
            select customer_key, count(*) as n_lines
            from core.transactions
            where customer_key is not null
            group by customer_key
        ), counted as (
            select
                wanted.customer_key,
                sum(coalesce(customers.n_lines, 0)) over (order by wanted.customer_key) as n_so_far
            from marks_wanted as wanted
            left join customers using (customer_key)
        )
        select min(customer_key), max(customer_key)
        from counted
        group by n_so_far // $lines
        order by 1
        """,
        {"lines": LINES_AT_ONCE},
    ).fetchall()
    return [(int(first), int(last)) for first, last in found]


def _make(con: duckdb.DuckDBPyConnection, first: int, last: int) -> None:
    """Run the SELECTs of warehouse/sql/marks for the wanted customers of a range of keys."""
    con.execute(
        "create or replace temp table marks_touched as"
        " from marks_wanted where customer_key between $first and $last",
        {"first": first, "last": last},
    )
    for file in _files():
        name, select = (_WORKING.sub(r"marks_\1", text) for text in (file.header.name, file.select))
        con.execute(f"create or replace temp table {name} as {select}")


@cache
def _tables() -> tuple[SqlFile, ...]:
    """The tables of core that hold the marks."""
    return tuple(file for file in sql_files("core") if file.path.stem in _ORDER)


@cache
def _files() -> tuple[SqlFile, ...]:
    """The SELECTs of the working tables, in order."""
    return tuple(in_order(sql_files("marks")))


def _append(con: duckdb.DuckDBPyConnection, name: str, rows: str) -> None:
    """Add rows to a table of core, in its order."""
    con.execute(f"insert into core.{name} by name from {rows} order by {_ORDER[name]}")


def _exchange_customer_days(con: duckdb.DuckDBPyConnection) -> None:
    """Put the new rows of the touched customers in the place of the old, where they differ."""
    con.execute(
        """
        create or replace temp table marks_old as
        from core.customer_days semi join marks_touched using (customer_key)
        """
    )
    con.execute(
        """
        create or replace temp table marks_gone as
        select customer_key, known_from from (from marks_old except from marks_customer_days)
        """
    )
    con.execute(
        """
        delete from core.customer_days using marks_gone as gone
        where
            customer_days.customer_key = gone.customer_key
            and customer_days.known_from = gone.known_from
        """
    )
    con.execute(
        """
        create or replace temp table marks_new as
        from marks_customer_days
        anti join (from marks_old anti join marks_gone using (customer_key, known_from)) as kept
            using (customer_key, known_from)
        """
    )
    _append(con, "customer_days", "marks_new")


def _clear(con: duckdb.DuckDBPyConnection) -> None:
    """Let go of the working tables."""
    names = ("wanted", "touched", "old", "gone", "new")
    for name in (*names, *(file.path.stem for file in _files())):
        con.execute(f"drop table if exists temp.marks_{name}")
