"""Score tables: read, replaced, and filled for everybody at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import duckdb
import pandas as pd

# What each table takes from the predictions, and whose rows have it; ``bands`` is made from cuts.
_SCORED: Final = {
    "spend": (
        "expected_spend",
        "expected_spend, if(isnan(upper_95), null, upper_95) as upper_95, {bands} as value_band",
    ),
    "churn": ("churn_risk", "churn_risk, {bands} as churn_band"),
    "risk": ("monetary", "{bands} as risk_band"),
    "clusters": ("cluster", "cluster, {bands} as persona, pca_1, pca_2"),
}


_SAID: Final = "said_of_everybody"


@dataclass(frozen=True)
class Bands:
    """How the numbers of one table become names.

    Parameters
    ----------
    names : in ascending order of what they stand for.
    cuts : upper ends of all but the last one.
    inclusive : whether a cut point belongs to the band below it.
    """

    names: Sequence[str]
    cuts: Sequence[float]
    inclusive: bool = True

    def sql(self, column: str) -> str:
        """A CASE with its values written out: they are numbers and names of ours."""
        less = "<=" if self.inclusive else "<"
        whens = [
            f"when {column} {less} '{float(cut)!r}'::double then '{name}'"
            for name, cut in zip(self.names, self.cuts, strict=False)
        ]
        return f"case {' '.join(whens)} else '{self.names[-1]}' end"


def read_scores(
    con: duckdb.DuckDBPyConnection, table: str, columns: str = "*", among: str | None = None
) -> pd.DataFrame:
    """A score table such as ``backtests``, or some of its columns.

    Parameters
    ----------
    among : only customers of this relation, see :func:`analytics.sample.draw`.
    """
    only = f"where customer_key in (select customer_key from {among})" if among else ""
    return con.execute(f"select {columns} from scores.{table} {only} order by all").df()


def write_scores(con: duckdb.DuckDBPyConnection, table: str, rows: pd.DataFrame) -> None:
    """Replace the rows of a score table.

    Columns are cast to the table's types (a categorical would arrive as an ENUM), NaN becomes
    NULL, and a column that ``rows`` lacks is NULL.
    """
    con.execute(f"delete from scores.{table}")
    _insert(con, table, rows)


def add_scores(
    con: duckdb.DuckDBPyConnection, table: str, of: Mapping[str, object], rows: pd.DataFrame
) -> None:
    """Replace only those rows of a score table that have these values; the others stay.

    Parameters
    ----------
    of : column to value, such as ``{"question": "forecast"}``.
    """
    same = " and ".join(f'"{column}" is not distinct from ${column}' for column in of)
    con.execute(f"delete from scores.{table} where {same}", dict(of))
    _insert(con, table, rows)


def _insert(con: duckdb.DuckDBPyConnection, table: str, rows: pd.DataFrame) -> None:
    """Append rows, cast to the table's types."""
    described = con.execute(f"describe scores.{table}").fetchall()
    if rows.empty:
        return
    unknown = set(rows.columns) - {name for name, *_ in described}
    if unknown:
        raise ValueError(f"scores.{table} has no column {sorted(unknown)}")
    casts = ", ".join(
        f'"{name}"::{kind} as "{name}"' if name in rows else f'null::{kind} as "{name}"'
        for name, kind, *_ in described
    )
    plain = rows.astype(object).where(rows.notna(), None) if rows.isna().any(axis=None) else rows
    con.register("new_scores", plain)
    try:
        con.execute(f"insert into scores.{table} by name select {casts} from new_scores")
    finally:
        con.unregister("new_scores")


def write_predictions(
    con: duckdb.DuckDBPyConnection,
    predictions: pd.DataFrame,
    bands: Mapping[str, str],
    model_ids: Mapping[str, str],
    as_of: date | None,
) -> None:
    """Replace the scores of everybody.

    Parameters
    ----------
    predictions : one row per customer: ``customer_key`` and numbers, NaN where there is none, see
        :func:`analytics.scoring.predicted`.
    bands : SQL of each table's names; a table that is missing here is left empty.
    model_ids : by table.
    """
    con.register("predictions", predictions)
    try:
        # Their ids are looked up once for all tables.
        con.execute(
            f"""
            create or replace temp table {_SAID} as
            select customers.customer_id, predictions.*
            from predictions
            join core.customers as customers using (customer_key)
            order by customers.customer_key
            """
        )
    finally:
        con.unregister("predictions")
    for table, (column, shown) in _SCORED.items():
        con.execute(f"delete from scores.{table}")
        if table in bands:
            con.execute(
                f"""
                insert into scores.{table} by name
                select
                    customer_key, customer_id, {shown.format(bands=bands[table])},
                    $model_id as model_id, $as_of::date as as_of
                from {_SAID}
                where {column} is not null and not isnan({column})
                """,
                {"model_id": model_ids[table], "as_of": as_of},
            )
    con.execute(f"drop table {_SAID}")
