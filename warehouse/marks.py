"""Marks: what was known of each customer at the end of each of her days, made when lines arrive.

``core.customer_days`` looks only backwards, so its rows are right for every as-of date, and every
feature and label reads them instead of all lines. What is loaded, replaced or taken out changes
the marks of the customers it belongs to, and of nobody else: whoever changes lines calls
:func:`touch`, and before features are read :func:`catch_up` makes those marks anew, once. They are
the same rows as those of :func:`rebuild`. :mod:`warehouse.marking` makes them: docs/features.md.
"""

import duckdb

from warehouse import marking
from warehouse.progress import Progress, Silent

# With more than this share of the customers touched, to begin anew costs less than to compare;
# whose marks are only continued counts half.
_MOST_TOUCHED = 0.3
_PENDING = "marks_pending"
_IS_REWRITTEN = "select 1 from duckdb_tables() where temporary and table_name = 'marks_rewritten'"
_TITLE = "Marking what each customer did"


def touch(con: duckdb.DuckDBPyConnection, customers: str, *, only_added: bool = False) -> None:
    """Note whose lines in core.transactions changed; :func:`catch_up` makes their marks anew.

    Parameters
    ----------
    customers : SELECT of one column ``customer_key``, perhaps with repetitions; also keys that have
        no line any more, or belong to somebody else later. NULL stands for lines without one.
    only_added : they got further lines, and none of those that were there changed or went. Where
        all these lines are later than what is marked, the marks are continued, which costs less.
    """
    con.execute(
        f"create temp table if not exists {_PENDING} (customer_key integer, is_redone boolean)"
    )
    con.execute(
        f"insert into {_PENDING} select distinct customer_key, {not only_added} from ({customers})"
    )
    if not only_added:
        _note_rewritten(con, f"from {_PENDING} where is_redone")


def only_added(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether all that this connection was told of are further lines, none changed or gone."""
    return not con.execute(_IS_REWRITTEN).fetchall()


def _note_rewritten(con: duckdb.DuckDBPyConnection, where: str) -> None:
    """Remember for :func:`only_added` that lines changed, if there is a row ``where``."""
    if con.execute(f"{where} limit 1").fetchall():
        con.execute("create temp table if not exists marks_rewritten (row integer)")


def catch_up(con: duckdb.DuckDBPyConnection, progress: Progress | None = None) -> None:
    """Make the marks of everybody who was touched, once for all that was done to a draft.

    Where the marks then do not add up to the lines, or an older build made them, all are made anew.
    """
    pending = con.execute(
        "select 1 from duckdb_tables() where temporary and table_name = $name", {"name": _PENDING}
    )
    if pending.fetchall() and marking.are_of_this_build(con):
        _update(con, f"from {_PENDING}", progress)
    con.execute(f"drop table if exists temp.{_PENDING}")
    if not (marking.are_of_this_build(con) and _add_up(con)):
        _note_rewritten(con, "select 1")
        rebuild(con, progress)


def update(
    con: duckdb.DuckDBPyConnection,
    customers: str,
    progress: Progress | None = None,
    *,
    only_added: bool = False,
) -> None:
    """Make the marks of some customers anew. Rows that come out as they are stay where they are.

    Parameters
    ----------
    customers, only_added : as in :func:`touch`.
    """
    _update(con, f"select customer_key, {not only_added} as is_redone from ({customers})", progress)


def _update(con: duckdb.DuckDBPyConnection, touched: str, progress: Progress | None) -> None:
    """The same for a SELECT of ``customer_key`` and ``is_redone``."""
    marking.want(con, touched)
    if _touched_share(con) > _MOST_TOUCHED:
        rebuild(con, progress)
        return
    marking.plan(con)
    portions = marking.portions(con)
    with (progress or Silent()).step(_TITLE, len(portions)) as advance:
        for first, last in portions:
            marking.make(con, first, last)
            marking.exchange(con)
            advance(1)
    marking.clear(con)


def rebuild(con: duckdb.DuckDBPyConnection, progress: Progress | None = None) -> None:
    """Make the marks of everybody, some customers at a time so that memory stays bounded."""
    for file in marking.tables():
        con.execute(f"create or replace table {file.header.name} as {file.select}")
    marking.want(con, "select customer_key, true as is_redone from core.transactions")
    marking.plan(con)
    portions = marking.portions(con)
    with (progress or Silent()).step(_TITLE, len(portions)) as advance:
        for first, last in portions:
            marking.make(con, first, last)
            marking.append(con)
            advance(1)
    marking.clear(con)
    marking.sign(con)


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


def _touched_share(con: duckdb.DuckDBPyConnection) -> float:
    """How many customers are touched, as a part of those who have marks; 1 where nobody has."""
    redone, continued, known = con.execute(
        "select count(*) filter (is_redone), count(*) filter (not is_redone),"
        " (select count(*) from core.customer_days where known_until = date '9999-12-31')"
        " from marks_wanted"
    ).fetchall()[0]
    return (redone + continued / 2) / known if known else 1.0
