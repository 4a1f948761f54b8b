"""Cleaning rules that look at other rows: settled over everything stored, whatever came first.

A rule that compares rows cannot be answered while one file is read: the other row may come later.
So each load, refresh and unloading ends in asking it of all rows, and the table follows from its
rows and the settings alone.
"""

import duckdb

from warehouse import cancellations, categories, marks
from warehouse.configuration import Cleaning
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
