"""How marks are made: working tables for some customers, and what becomes of the rows they hold.

The marks of a customer are made from all her lines, or *continued*: the row of her last marked day
stands for her lines up to it, and only the rows behind it are made, from the lines behind it.
:mod:`warehouse.marks` says whose. Working tables are temporary; :func:`clear` lets go of them.
"""

import re
from datetime import date
from functools import cache
from pathlib import Path
from typing import cast

import duckdb

from warehouse import day_states, running, signatures
from warehouse.build import in_order
from warehouse.day_states import Columns, so_far, unmasked
from warehouse.headers import SqlFile, sql_files

# Lines that are worked on at the same time: what that takes, about 2 GB, may spill to disk.
LINES_AT_ONCE = 4_000_000
# Rows that are added up at the same time, in arrays beside what DuckDB may use: about 200 MB.
DAYS_AT_ONCE = 200_000
# By time, so that few blocks are read for one as-of date.
_ORDER = {"customer_days": "known_until, customer_key", "order_days": "bought_until, customer_key"}
_ADDED_UP = "customer_days"
# Temporary tables have no schemas: marks.lines is marks_lines.
_WORKING = re.compile(r"\bmarks\.(\w+)")


@cache
def tables() -> tuple[SqlFile, ...]:
    """The tables of core that hold the marks."""
    return tuple(file for file in sql_files("core") if file.path.stem in _ORDER)


@cache
def _files() -> tuple[SqlFile, ...]:
    """The SELECTs of the working tables, in order, what is made of arrays last."""
    return tuple(sorted(in_order(sql_files("marks")), key=lambda it: it.path.stem == _ADDED_UP))


def sign(con: duckdb.DuckDBPyConnection) -> None:
    """Note in the tables of the marks that this build made them."""
    signatures.sign(con, _names(), _signature())


def are_of_this_build(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether the same SELECTs made the marks that are there; only such marks can be continued."""
    return signatures.are_signed(con, _names(), _signature())


def _names() -> list[str]:
    return [file.header.name for file in tables()]


@cache
def _signature() -> str:
    """Of the tables and of all that their rows follow from; read once, as Python is."""
    modules = (Path(module) for module in (__file__, day_states.__file__, running.__file__))
    return " ".join(signatures.digest((*tables(), *_files()), module)[:20] for module in modules)


def want(con: duckdb.DuckDBPyConnection, touched: str) -> None:
    """Note whose marks are to be made.

    Parameters
    ----------
    touched : SELECT of ``customer_key`` and ``is_redone``, false where lines were only added.
    """
    con.execute(
        f"""
        create or replace temp table marks_wanted as
        select customer_key, bool_or(is_redone) as is_redone
        from ({touched})
        where customer_key is not null
        group by customer_key
        """
    )


def plan(con: duckdb.DuckDBPyConnection) -> None:
    """Note which of the wanted marks can be continued, and behind which line.

    A customer is continued where only lines were added, each later than her last mark: then as
    many lines, of the same net sum, stand up to that day as the mark says.
    """
    con.execute(
        """
        create or replace temp table marks_last as
        select rows.*
        from core.customer_days as rows
        semi join (from marks_wanted where not is_redone) as wanted using (customer_key)
        where rows.known_until = date '9999-12-31'
        """
    )
    con.execute(
        """
        create or replace temp table marks_planned as
        with lines as (
            select
                lines.customer_key,
                count(*) as n_lines,
                count(*) filter (where coalesce(purchased_on, known_from) <= known_from) as n_known,
                sum(amount) filter (where coalesce(purchased_on, known_from) <= known_from) as net,
                min(purchased_on) filter (where purchased_on > known_from) as added_from,
                min(purchased_on) as first_day,
                bool_and(purchased_on is not null) as is_dated
            from core.transactions as lines
            semi join marks_wanted using (customer_key)
            left join marks_last using (customer_key)
            where lines.kind in ('purchase', 'refund')
            group by lines.customer_key
        )
        select
            wanted.customer_key,
            coalesce(lines.n_lines, 0) as n_lines,
            coalesce(lines.n_known = last.n_lines and lines.net = last.net, false) as is_continued,
            -- Who is new has nothing that could differ: her marks are only added.
            wanted.is_redone or (last.customer_key is not null and not is_continued) as is_redone,
            if(is_continued, last.known_from, null) as marked_until,
            -- The first line that counts, of whom only lines behind some day do.
            case
                when is_continued then coalesce(lines.added_from, date '9999-12-31')
                when not wanted.is_redone and last.customer_key is null and lines.is_dated
                    then lines.first_day
            end as added_from
        from marks_wanted as wanted
        left join marks_last as last using (customer_key)
        left join lines using (customer_key)
        """
    )


def portions(con: duckdb.DuckDBPyConnection) -> list[tuple[int, int]]:
    """Ranges of the wanted keys with about LINES_AT_ONCE lines each."""
    return _ranges(con, "select customer_key, n_lines as n from marks_planned", LINES_AT_ONCE)


def _ranges(con: duckdb.DuckDBPyConnection, counted: str, most: int) -> list[tuple[int, int]]:
    """Ranges of the keys of ``counted`` with about so many of its ``n`` each."""
    found = con.execute(
        f"""
        with counted as (
            select customer_key, sum(n) over (order by customer_key) as n_so_far
            from ({counted})
        )
        select min(customer_key), max(customer_key)
        from counted
        group by n_so_far // $most
        order by 1
        """,
        {"most": most},
    ).fetchall()
    return [(int(first), int(last)) for first, last in found]


def make(con: duckdb.DuckDBPyConnection, first: int, last: int) -> None:
    """Run the SELECTs of warehouse/sql/marks for the wanted customers of a range of keys."""
    con.execute(
        "create or replace temp table marks_asked as"
        " from marks_planned where customer_key between $first and $last",
        {"first": first, "last": last},
    )
    # As a value and not read by the SELECT: only so are whole blocks skipped for it.
    since = con.execute("select min(added_from) from marks_asked").fetchall()[0][0] or date.max
    for file in _files():
        name, select = (_WORKING.sub(r"marks_\1", text) for text in (file.header.name, file.select))
        if file.path.stem == _ADDED_UP:
            _add_up(con, select)
            continue
        given = {"since": since} if "$since" in select else {}
        con.execute(f"create or replace temp table {name} as {select}", given)


def _add_up(con: duckdb.DuckDBPyConnection, select: str) -> None:
    """Make marks.customer_days of marks.changes, some customers at a time."""
    con.execute(
        "create or replace temp table marks_customer_days as from core.customer_days limit 0"
    )
    counted = "select customer_key, count(*) as n from marks_changes group by customer_key"
    for first, last in _ranges(con, counted, DAYS_AT_ONCE):
        changes = con.execute(
            "from marks_changes where customer_key between $first and $last"
            " order by customer_key, day",
            {"first": first, "last": last},
        ).fetchnumpy()
        arrays, columns = unmasked(so_far(cast(Columns, changes)))
        con.register("marks_arrays", arrays)
        states = f"with marks_states as (select {columns} from marks_arrays)"
        con.execute(f"insert into marks_customer_days by name {states} {select}")
        con.unregister("marks_arrays")


def append(con: duckdb.DuckDBPyConnection) -> None:
    """Add what was made to tables that know nothing of these customers yet."""
    for name in _ORDER:
        _append(con, name, f"marks_{name}")


def exchange(con: duckdb.DuckDBPyConnection) -> None:
    """Put what was made in the place of what was known of the touched customers."""
    _continue(con)
    if con.execute("select 1 from marks_touched where is_redone limit 1").fetchall():
        _replace(con)
    con.execute(
        "delete from core.order_days using marks_touched as touched"
        " where order_days.customer_key = touched.customer_key"
        " and (touched.is_gone_on or not touched.is_continued)"
    )
    _append(con, "order_days", "marks_order_days")


def _append(con: duckdb.DuckDBPyConnection, name: str, rows: str) -> None:
    """Add rows to a table of core, in its order."""
    con.execute(f"insert into core.{name} by name from {rows} order by {_ORDER[name]}")


def _continue(con: duckdb.DuckDBPyConnection) -> None:
    """End the last row of those who are continued where the next one begins, and add the next."""
    con.execute(
        """
        update core.customer_days set known_until = made.known_until
        from marks_customer_days as made semi join marks_known using (customer_key, known_from)
        where
            customer_days.known_until = date '9999-12-31'
            and customer_days.customer_key = made.customer_key
            and customer_days.known_from = made.known_from
            and made.known_until < date '9999-12-31'
        """
    )
    con.execute(
        """
        create or replace temp table marks_new as
        select made.*
        from marks_customer_days as made
        inner join marks_touched as touched using (customer_key)
        left join marks_known as known using (customer_key)
        where
            not touched.is_redone
            and (known.known_from is null or made.known_from > known.known_from)
        """
    )
    _append(con, "customer_days", "marks_new")


def _replace(con: duckdb.DuckDBPyConnection) -> None:
    """Put the rows of those who are made anew in the place of the old, where they differ."""
    con.execute("create or replace temp table marks_redone as from marks_touched where is_redone")
    con.execute(
        """
        create or replace temp table marks_old as
        from core.customer_days semi join marks_redone using (customer_key)
        """
    )
    con.execute(
        """
        create or replace temp table marks_made as
        from marks_customer_days semi join marks_redone using (customer_key)
        """
    )
    con.execute(
        """
        create or replace temp table marks_gone as
        select customer_key, known_from from (from marks_old except from marks_made)
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
        from marks_made
        anti join (from marks_old anti join marks_gone using (customer_key, known_from)) as kept
            using (customer_key, known_from)
        """
    )
    _append(con, "customer_days", "marks_new")


def clear(con: duckdb.DuckDBPyConnection) -> None:
    """Let go of the working tables."""
    names = ("wanted", "last", "planned", "asked", "redone", "old", "made", "gone", "new")
    for name in (*names, *(file.path.stem for file in _files())):
        con.execute(f"drop table if exists temp.marks_{name}")
