"""Purchases one by one, to learn from: what a line says of itself, beside its amount.

Beside frames.py one of the few modules of this package with SQL.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

import duckdb
import pandas as pd

# What a line may say in words and in numbers. A unit price is not among them: with the quantity it
# is the amount.
WORDS: Final = ("category", "subcategory", "merchant", "city", "country", "payment_method",
                "channel", "is_promotion")  # fmt: skip
NUMBERS: Final = ("quantity", "n_products")
MOST_LINES: Final = 20_000
NOT_SAID: Final = "not said"
_PURCHASES: Final = """
    from core.transactions
    where
        kind = 'purchase' and amount > 0
        -- Without a purchase so far there is no as-of date, and days to come count as little.
        and (purchased_on is null or purchased_on <= coalesce($as_of::date, current_date + 1))
"""


@dataclass(frozen=True)
class Lines:
    """Purchases to learn from.

    Parameters
    ----------
    frame : one row per purchase: ``amount`` (float, currency, above 0), ``customer_key`` (NaN
        without a customer), ``account_id``, :data:`WORDS` as text and :data:`NUMBERS` as float.
    n_all : purchases that there are; more than rows where some were drawn.
    """

    frame: pd.DataFrame
    n_all: int

    @property
    def drawn(self) -> str:
        """What is said where not every purchase was learnt from; else empty."""
        n = len(self.frame)
        return "" if n == self.n_all else f" Learnt from {n:,} of {self.n_all:,}, drawn at random."

    def known(self, columns: tuple[str, ...]) -> list[str]:
        """Those columns that at least half of the lines fill in, and not all of them alike."""
        shown = self.frame[list(columns)]
        filled = shown.notna().mean()
        return [name for name in columns if filled[name] >= 0.5 and shown[name].nunique() > 1]


def read_lines(
    con: duckdb.DuckDBPyConnection, as_of: date | None, seed: int, most: int = MOST_LINES
) -> Lines:
    """Read at most ``most`` purchases up to ``as_of``; undated ones count always.

    The same purchases and seed give the same lines, in whichever order they were loaded.
    """
    given = {"as_of": as_of}
    n_all = int(con.execute(f"select count(*) {_PURCHASES}", given).fetchall()[0][0])
    words = ", ".join(f"{name}::varchar as {name}" for name in WORDS)
    numbers = ", ".join(f"{name}::double as {name}" for name in NUMBERS)
    frame = con.execute(
        f"""
        select
            customer_key::double as customer_key, account_id, amount::double as amount,
            {words}, {numbers}
        {_PURCHASES}
        order by md5_number_lower($seed || ':' || source || ':' || transaction_id), transaction_id
        limit $most
        """,
        {**given, "seed": str(seed), "most": most},
    ).df()
    return Lines(frame, n_all)


def amount_above(con: duckdb.DuckDBPyConnection, as_of: date | None, quantile: float) -> float:
    """The quantile of all purchases of customers, in currency, to the cent; 0 without one."""
    found = con.execute(
        f"""
        select round(quantile_cont(amount::double, $quantile), 2)
        {_PURCHASES} and customer_key is not null
        """,
        {"as_of": as_of, "quantile": quantile},
    ).fetchall()[0][0]
    return float(found or 0.0)
