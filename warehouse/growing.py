"""Marts continued where a draft only got further lines: they cost by what is new.

What is continued is row by row what a full build makes. Where that cannot be told, or would cost
no less, nothing is continued: then the build makes all of it.
"""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Final

import duckdb

from warehouse import growing_lines, growing_sums, signatures
from warehouse.headers import SqlFile, sql_files

MARTS: Final = (*growing_lines.MARTS, *growing_sums.MARTS, "marts.payment_rhythms")
# The results of the checks vouch for the lines that were there.
_SIGNED: Final = (*MARTS, "marts.checks")
# With a larger share of the lines behind the first changed day, or before it in the orders that go
# on, a full build costs no more.
_MOST_REWRITTEN: Final = 0.3


def first_new_load(con: duckdb.DuckDBPyConnection, loads: Collection[int]) -> int | None:
    """The first load whose lines the marts of an earlier build do not know.

    To be asked where lines were only added since that build.

    Parameters
    ----------
    loads : ids of the loads that the marts were made of.

    Returns
    -------
    None where nothing can be continued: another build made the marts, or they are not of these
    lines.
    """
    since = max(loads, default=0) + 1
    if not signatures.are_signed(con, _SIGNED, _signature()):
        return None
    is_of_them = con.execute(
        """
        select
            (select (count(*), sum(amount)) from marts.purchases)
            = (
                select (count(*), sum(amount)) from core.transactions
                where kind in ('purchase', 'refund') and load_id < $since
            )
        """,
        {"since": since},
    ).fetchall()[0][0]
    return since if is_of_them else None


def continue_marts(
    con: duckdb.DuckDBPyConnection, as_of: date | None, since: int
) -> tuple[str, ...]:
    """Bring the marts of an earlier build up to date.

    Parameters
    ----------
    as_of : last day that counts for what depends on it.
    since : the first load that they do not know, see :func:`first_new_load`.

    Returns
    -------
    names of the marts that need not be built any more.
    """
    try:
        return _continued(con, as_of, since)
    finally:
        _clear(con)


def sign(con: duckdb.DuckDBPyConnection) -> None:
    """Note in the tables which build made them; to be called when the checks have passed."""
    signatures.sign(con, _SIGNED, _signature())


@cache
def _files() -> Mapping[str, SqlFile]:
    """Every mart and every step, by name."""
    return {file.header.name: file for file in (*sql_files("marts"), *sql_files("steps"))}


@cache
def _signature() -> str:
    """Of the statements that the marts and the checks follow from, and of what runs them."""
    here = Path(__file__).parent
    modules = [
        here / f"{name}.py" for name in ("build", "growing", "growing_lines", "growing_sums")
    ]
    return signatures.digest((*_files().values(), *sql_files("checks")), *modules)


def _continued(con: duckdb.DuckDBPyConnection, as_of: date | None, since: int) -> tuple[str, ...]:
    files = _files()
    con.execute(
        """
        create or replace temp table grown_new as
        from core.transactions
        where load_id >= $since and kind in ('purchase', 'refund')
        """,
        {"since": since},
    )
    day, has_undated = con.execute(
        """
        select
            min(purchased_on),
            exists (select 1 from grown_new where purchased_on is null)
            or count(*) > 0 and exists (select 1 from marts.purchases where purchased_on is null)
        from grown_new
        """
    ).fetchall()[0]
    if has_undated:
        return ()
    if day is not None:
        if _share_behind(con, day) > _MOST_REWRITTEN:
            return ()
        growing_lines.gather(con, day)
        if growing_lines.earlier_share(con) > _MOST_REWRITTEN or not growing_lines.recognise(con):
            return ()
        growing_sums.remember(con, day)
        growing_lines.write(con, day, files)
    kept = [*growing_lines.MARTS, *growing_sums.continue_sums(con, day, files)]
    if _continue_rhythms(con, day, as_of, files):
        kept.append("marts.payment_rhythms")
    return tuple(kept)


def _share_behind(con: duckdb.DuckDBPyConnection, day: date) -> float:
    """How many lines lie behind a day, new ones included, as a part of all lines."""
    new, behind, known = con.execute(
        """
        select
            (select count(*) from grown_new),
            (select count(*) from marts.purchases where purchased_on >= $day),
            (select count(*) from marts.purchases)
        """,
        {"day": day},
    ).fetchall()[0]
    return float((new + behind) / (new + known))


def _continue_rhythms(
    con: duckdb.DuckDBPyConnection,
    day: date | None,
    as_of: date | None,
    files: Mapping[str, SqlFile],
) -> bool:
    """Make the payment rhythms of whoever has lines since; False where all are to be made.

    These are lines from the first changed day on, and those that were in the future until now.
    """
    before: date | None = con.execute("select as_of from marts.about").fetchall()[0][0]
    if as_of is None or before is None or as_of < before:
        return False
    since = min(before + timedelta(days=1), day or date.max)
    con.execute(
        """
        create or replace temp table grown_customers as
        select distinct customer_key from core.transactions
        where purchased_on >= $since and customer_key is not null
        """,
        {"since": since},
    )
    con.execute(
        """
        create or replace temp table grown_history as
        select
            customer_key, customer_id, purchased_on, amount, kind, merchant, category, description,
            product, product_id
        from core.transactions semi join grown_customers using (customer_key)
        """
    )
    payments = files["steps.payments"].select.replace("core.transactions", "grown_history")
    rhythms = files["marts.payment_rhythms"].select
    rhythms = rhythms.replace("steps.payments($as_of)", "grown_payments")
    given = {"as_of": as_of}
    con.execute(f"create or replace temp table grown_payments as {payments}", given)
    con.execute(
        "delete from marts.payment_rhythms"
        " where customer_key in (select customer_key from grown_customers)"
    )
    con.execute(f"insert into marts.payment_rhythms {rhythms}")
    return True


def _clear(con: duckdb.DuckDBPyConnection) -> None:
    """Let go of the working tables."""
    found = con.execute(
        """
        select 'view', view_name from duckdb_views() where temporary
        union all
        select 'table', table_name from duckdb_tables() where temporary
        """
    ).fetchall()
    for kind, name in found:
        if name.startswith("grown_"):
            con.execute(f"drop {kind} temp.{name}")
