"""Whom models learn from: everybody, or in a large shop a drawn part that looks like the whole.

A fit on 200,000 customers differs from one on millions by less than two fits on different months
do; what it would cost in memory grows with the shop. Scores are for everybody all the same.
"""

from dataclasses import dataclass
from typing import Final

import duckdb

from analytics.situation import Situation

RELATION: Final = "learners"
# Customers are drawn evenly from groups by how often and how recently they bought.
_BUYERS: Final = """
    select
        customer_key,
        coalesce(least(floor(log2(greatest(frequency, 1))), 6), 0) as often,
        coalesce(least(floor(log2(greatest(recency_days, 0) / 7 + 1)), 6), 7) as recently
    from features.customer_rfm($as_of)
"""
_PEOPLE: Final = "select customer_key, 0 as often, 0 as recently from core.customers"


@dataclass(frozen=True)
class Sample:
    """Customers that were drawn: ``n`` of ``n_all``."""

    n: int
    n_all: int

    @property
    def words(self) -> str:
        """What is said beside the models."""
        return f"Learnt from {self.n:,} of {self.n_all:,} customers, drawn at random."


def draw(
    con: duckdb.DuckDBPyConnection, situation: Situation, most: int, seed: int
) -> Sample | None:
    """Write the customers to learn from into the temporary relation ``learners``.

    The same customers and seed always give the same sample, in whichever order they were loaded
    and however many threads there are.

    Returns
    -------
    None where there are not more than ``most``: then everybody is learnt from.
    """
    everybody = _PEOPLE if situation.kind == "table" else _BUYERS
    given = {} if situation.kind == "table" else {"as_of": situation.as_of}
    con.execute(f"create or replace temp table known as {everybody}", given)
    n_all = int(con.execute("select count(*) from known").fetchall()[0][0])
    if n_all > most:
        con.execute(
            f"""
            create or replace temp table {RELATION} as
            with placed as (
                select
                    customer_key,
                    row_number() over (
                        partition by often, recently
                        order by md5_number_lower($seed || ':' || customer_key), customer_key
                    ) as place,
                    count(*) over (partition by often, recently) as size
                from known
            )

            select customer_key
            from placed
            where place <= greatest(1, round(size * $most / $n_all))
            order by customer_key
            """,
            {"seed": str(seed), "most": most, "n_all": n_all},
        )
    con.execute("drop table known")
    if n_all <= most:
        return None
    n = int(con.execute(f"select count(*) from {RELATION}").fetchall()[0][0])
    return Sample(n, n_all)
