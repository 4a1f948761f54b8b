"""Frames to learn from and to score. Beside tables.py and sample.py the only SQL of this package.

A frame has one row per customer, sorted by ``customer_key``, with the keys ``customer_key`` (int)
and ``customer_id`` (str) and numeric features as float64, NaN where the warehouse says NULL.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import duckdb
import numpy as np
import pandas as pd

KEYS = ("customer_key", "customer_id")
LABELS = ("future_spend", "purchased_again", "labelled_churn", "labelled_spend")
# Numbers that every customers table may have; further columns stand in core.attributes.
FIXED_ATTRIBUTES = ("age", "opening_balance", "credit_limit", "support_tickets")
Keys = tuple[int, int]
_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE", "DECIMAL",
            "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT", "BOOLEAN")  # fmt: skip


@dataclass(frozen=True)
class History:
    """What there is to learn from, up to an as-of date.

    Parameters
    ----------
    n_lines : purchases and refunds of customers.
    n_buyers : customers with a dated positive purchase.
    first_day, last_day : of those purchases; None where nothing is dated.
    n_customers : rows of core.customers.
    n_without_customer : purchases and refunds that name no customer.
    loads : ids of the loads that the warehouse contains.
    """

    n_lines: int
    n_buyers: int
    first_day: date | None
    last_day: date | None
    n_customers: int
    n_without_customer: int
    loads: tuple[int, ...] = ()

    @property
    def days(self) -> int:
        """Days from the first to the last purchase, both counted; 0 without one."""
        if self.first_day is None or self.last_day is None:
            return 0
        return (self.last_day - self.first_day).days + 1


def history(con: duckdb.DuckDBPyConnection, as_of: date | None) -> History:
    """What ``core`` holds up to ``as_of``; undated lines count always."""
    lines = con.execute(
        """
        select
            count(customer_key),
            count(distinct customer_key) filter (where amount > 0 and purchased_on is not null),
            min(purchased_on) filter (where amount > 0 and customer_key is not null),
            max(purchased_on) filter (where amount > 0 and customer_key is not null),
            count(*) filter (where customer_key is null)
        from core.transactions
        where kind in ('purchase', 'refund') and (purchased_on <= $as_of or purchased_on is null)
        """,
        {"as_of": as_of},
    ).fetchall()[0]
    n_customers = con.execute("select count(*) from core.customers").fetchall()[0][0]
    loads = con.execute("select load_id from core.loads order by load_id").fetchall()
    return History(
        lines[0], lines[1], lines[2], lines[3], n_customers, lines[4],
        tuple(number for (number,) in loads),
    )  # fmt: skip


def feature_views(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Names of the feature views, by name; also those that a workspace brings itself."""
    found = con.execute(
        """
        select distinct function_name
        from duckdb_functions()
        where
            schema_name = 'features' and function_type = 'table_macro' and len(parameters) = 1
            -- All of a workspace's own side by side: here each stands for itself.
            and function_name != 'custom'
        order by function_name
        """
    ).fetchall()
    return [name for (name,) in found]


def _numeric_columns(con: duckdb.DuckDBPyConnection, view: str) -> list[str]:
    """Columns of a feature view that a model can use; keys, dates and text are left out."""
    described = con.execute(f"describe from features.{view}(null::date)").fetchall()
    return [
        name for name, kind, *_ in described if name not in KEYS and kind.split("(")[0] in _NUMBERS
    ]


@dataclass(frozen=True)
class Features:
    """Every feature view side by side: a select list, and the joins that it reads from.

    ``beside`` are the joins for a statement that begins with ``features.customer_rfm``; ``views``
    are the select lists one by one.
    """

    columns: str
    joins: str
    beside: str
    views: Mapping[str, str]


def features(con: duckdb.DuckDBPyConnection) -> Features:
    """The features that the warehouse has; ask once, and pass them to every frame."""
    chosen, joins = {}, {}
    for view in feature_views(con):
        names = _numeric_columns(con, view)
        if names:
            chosen[view] = ", ".join(f'{view}."{name}"::double as "{name}"' for name in names)
        joins[view] = f"left join features.{view}($cutoff) as {view} using (customer_key)"
    beside = "\n".join(join for view, join in joins.items() if view != "customer_rfm")
    return Features(", ".join(chosen.values()), "\n".join(joins.values()), beside, chosen)


def key_ranges(con: duckdb.DuckDBPyConnection, most: int) -> list[Keys]:
    """Ranges of ``customer_key`` that hold everybody, at most ``most`` customers in each."""
    low, high = con.execute(
        "select min(customer_key), max(customer_key) from core.customers"
    ).fetchall()[0]
    if low is None:
        return []
    return [(first, min(first + most - 1, high)) for first in range(low, high + 1, most)]


def scoring_frame(
    con: duckdb.DuckDBPyConnection,
    as_of: date | None,
    known: Features | None = None,
    *,
    keys: Keys | None = None,
    among: str | None = None,
) -> pd.DataFrame:
    """Features of everybody with a transaction, as known at ``as_of``.

    Parameters
    ----------
    keys : only customers in this range of ``customer_key``, both ends included.
    among : only customers of this relation, see :func:`analytics.sample.draw`.

    Returns
    -------
    DataFrame, one row per customer with a purchase or refund by ``as_of``; frequency is 0 for
    those who only ever returned something.
    """
    known = known or features(con)
    return con.execute(
        f"""
        select customer_rfm.customer_key, customer_rfm.customer_id, {known.columns}
        from features.customer_rfm($cutoff) as customer_rfm
        {known.beside}
        {only("customer_rfm", keys, among)}
        order by customer_rfm.customer_key
        """,
        {"cutoff": as_of},
    ).df()


def only(relation: str, keys: Keys | None, among: str | None) -> str:
    """A WHERE for some of the customers of ``relation``."""
    tests = ["true"]
    if keys is not None:
        tests.append(f"{relation}.customer_key between {keys[0]:d} and {keys[1]:d}")
    if among is not None:
        tests.append(f"{relation}.customer_key in (select customer_key from {among})")
    return f"where {' and '.join(tests)}"


def customer_table_frame(
    con: duckdb.DuckDBPyConnection, *, keys: Keys | None = None, among: str | None = None
) -> pd.DataFrame:
    """Numeric attributes of everybody in a customers table, for one without transactions.

    What the workspace's own feature views tell of them stands beside these.

    Parameters
    ----------
    keys, among : only some of the customers, see :func:`scoring_frame`.

    Returns
    -------
    DataFrame, one row per customer of core.customers. Attributes that nobody has are left out,
    but not from a range of customers: the ranges have the same columns.
    """
    attributes = con.execute(
        "select attribute from core.attributes where data_type = 'DOUBLE' order by attribute"
    ).fetchall()
    names = [*FIXED_ATTRIBUTES, *(name for (name,) in attributes)]
    chosen = [f'customers."{name}"::double as "{name}"' for name in names]
    joins = []
    for view in feature_views(con):
        if view.startswith("custom_"):
            chosen += [f'{view}."{n}"::double as "{n}"' for n in _numeric_columns(con, view)]
            joins.append(f"left join features.{view}(null::date) as {view} using (customer_key)")
    frame = con.execute(
        f"""
        select customers.customer_key, customers.customer_id, {", ".join(chosen)}
        from core.customers as customers
        {" ".join(joins)}
        {only("customers", keys, among)}
        order by customers.customer_key
        """
    ).df()
    return frame if keys is not None else frame.dropna(axis="columns", how="all")


def attribute_titles(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Names for people of the further columns of a customers table."""
    return dict(con.execute("select attribute, title from core.attributes").fetchall())


def attribute_names(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Columns of the customers by every name that they go by, folded: also that of the file."""
    found = con.execute("select attribute, original_name from core.attributes").fetchall()
    names = {name.casefold(): name for name in FIXED_ATTRIBUTES}
    for attribute, original in found:
        names |= {str(name).casefold(): attribute for name in (attribute, original) if name}
    return names


def finite(frame: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """The named columns as float64; infinities count as not known."""
    values = frame[columns].to_numpy(dtype=float, na_value=np.nan)
    known = np.where(np.isinf(values), np.nan, values)
    return pd.DataFrame(known, index=frame.index, columns=columns, copy=False)
