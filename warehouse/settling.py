"""Cleaning rules that look at other rows: settled over everything stored, whatever came first.

A rule that compares rows cannot be answered while one file is read: the other row may come later.
So each load, refresh and unloading ends in asking it of all rows, and the table follows from its
rows and the settings alone.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import msgspec

from warehouse import cancellations, categories, marks
from warehouse.configuration import Cleaning
from warehouse.progress import Progress
from warehouse.report import RuleCount


def settle(con: duckdb.DuckDBPyConnection, cleaning: Cleaning) -> list[RuleCount]:
    """Bring core.transactions in line with the rules; costs nothing where none is on.

    Returns
    -------
    rows of the whole table by rule.
    """
    con.execute(f"create or replace temp table {cancellations.CHANGED} (customer_key integer)")
    counts = categories.settle(con, cleaning)
    counts += cancellations.settle(con, is_on=cleaning.cancellations == "drop_matched")
    if con.execute(f"select 1 from {cancellations.CHANGED} limit 1").fetchall():
        marks.touch(con, f"select customer_key from {cancellations.CHANGED}")
    con.execute(f"drop table {cancellations.CHANGED}")
    return counts


@contextmanager
def as_it_was_known(
    con: duckdb.DuckDBPyConnection, cleaning: Cleaning, progress: Progress | None = None
) -> Iterator[None]:
    """For the length of the block, cancelled purchases and their refunds count, each from its day.

    Whoever learns from days that have passed must see no more than was known: with the rule on, a
    purchase is gone from the day it was made. The price is that pairs of long ago count as well,
    as an order and a refund. Marks follow, before the block and after it.
    """
    if not cancellations.reach_back(con):
        yield
        return
    settle(con, msgspec.structs.replace(cleaning, cancellations="keep"))
    marks.catch_up(con, progress)
    yield
    settle(con, cleaning)
    marks.catch_up(con, progress)
