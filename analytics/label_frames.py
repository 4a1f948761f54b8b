"""The rows of a customers table as models see them: raw columns, and what became of each."""

from typing import Final

import duckdb
import pandas as pd

from analytics.frames import KEYS, Keys, customer_table_frame
from warehouse.label_columns import LabelColumns

KEY: Final = "customer_key"
# What became of each customer, under these names whatever the file calls it.
OUTCOMES: Final = {"churn": "labelled_churn", "spend": "labelled_spend"}
_FIXED_WORDS: Final = ("gender", "city", "country", "location")


def table_frame(
    con: duckdb.DuckDBPyConnection,
    labels: LabelColumns,
    *,
    keys: Keys | None = None,
    among: str | None = None,
) -> pd.DataFrame:
    """Everything that may tell customers of a table apart, and their labels.

    Names and addresses of people, consent and suppression are not in it.

    Parameters
    ----------
    keys, among : only some of the customers, see :func:`analytics.frames.scoring_frame`.

    Returns
    -------
    DataFrame, one row per customer of core.customers, by key: the numbers as in
    :func:`analytics.frames.customer_table_frame`, words and flags (without those that
    nobody has), and for each label its column of ``OUTCOMES`` (float64, NaN where the customer has
    none). Label columns themselves, what is named like an outcome and what the settings leave out
    are not there.
    """
    numbers = customer_table_frame(con, keys=keys, among=among)
    further = con.execute(
        "select attribute, data_type from core.attributes where data_type <> 'DOUBLE' order by 1"
    ).fetchall()
    words = [*_FIXED_WORDS, *(name for name, _ in further)]
    flags = {name: "boolean" for name, data_type in further if data_type == "BOOLEAN"}
    chosen = [f'customers."{name}"' for name in words]
    chosen += [f"{label.sql} as {OUTCOMES[name]}" for name, label in labels.labels.items()]
    only = f"and customers.customer_key between {keys[0]:d} and {keys[1]:d}" if keys else ""
    drawn = f"and customers.customer_key in (select customer_key from {among})" if among else ""
    beside = con.execute(
        f"select {', '.join(chosen)} from core.customers as customers"
        f" where true {only} {drawn} order by customers.customer_key"
    ).df()
    beside = beside.astype(flags)
    if keys is None:
        beside = beside.drop(columns=[name for name in words if beside[name].isna().all()])
    frame = pd.concat([numbers, beside], axis="columns")
    hidden = labels.hidden - {*KEYS}
    return frame.drop(columns=[name for name in hidden if name in frame])


def with_table(
    frame: pd.DataFrame,
    con: duckdb.DuckDBPyConnection,
    labels: LabelColumns,
    *,
    keys: Keys | None = None,
    among: str | None = None,
) -> pd.DataFrame:
    """What an undated ledger tells of customers, and beside it what their table and its labels do.

    A column of the table that is called like a feature of the purchases is left out.

    Parameters
    ----------
    frame : of the ledger, see :func:`analytics.frames.scoring_frame`.
    keys, among : as for ``frame``.

    Returns
    -------
    DataFrame, one row per customer of core.customers, by key; features of the purchases are NaN
    for those without one.
    """
    table = table_frame(con, labels, keys=keys, among=among)
    same = [name for name in table if name in frame and name not in KEYS]
    both = frame.drop(columns="customer_id", errors="ignore").merge(
        table.drop(columns=same), on=KEY, how="right", validate="one_to_one"
    )
    return both[[*KEYS, *(name for name in both if name not in KEYS)]]
