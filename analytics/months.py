"""Monthly spend by category, from the first whole month to the last before the as-of day."""

from dataclasses import dataclass
from datetime import date

import duckdb
import pandas as pd

# Beyond so many, a category is too small to be read on its own: the smallest go together.
MOST_CATEGORIES = 30
# The first whole month, and the one that is not over on the as-of day.
_ENDS = """
    select
        (
            date_trunc('month', min(purchased_on))
            + if(day(min(purchased_on)) > 7, interval 1 month, interval 0 month)
        )::date as first_month,
        date_trunc('month', $as_of::date + 1)::date as end_month
    from core.transactions
    where kind in ('purchase', 'refund') and purchased_on <= $as_of
"""


@dataclass(frozen=True)
class Months:
    """Net spend of whole months.

    Parameters
    ----------
    values : currency; a row a month (its first day, without gaps), a column a series.
    names : ``(kind, category)`` of each column: kind is ``category`` or ``others``; category is
        None for spend without one, and for the others.
    """

    values: pd.DataFrame
    names: tuple[tuple[str, str | None], ...] = ()

    @property
    def total(self) -> pd.DataFrame:
        """All categories together, month by month: one column."""
        return self.values.sum(axis="columns").to_frame("total")

    def __len__(self) -> int:
        return len(self.values)


def read_months(con: duckdb.DuckDBPyConnection, as_of: date | None) -> Months:
    """Whole months up to ``as_of``: net of refunds, with and without a customer.

    The month of ``as_of`` counts only where that is its last day; the first month only where the
    first purchase is within its first seven days. Between them a month without a line is one of 0
    for every category, the last ones before ``as_of`` among them.
    """
    ends = con.execute(_ENDS, {"as_of": as_of}).fetchone()
    if not ends or ends[0] is None or ends[0] >= ends[1]:
        return Months(pd.DataFrame())
    first, end = ends
    every = pd.date_range(first, end, freq="MS", inclusive="left")
    rows = con.execute(
        """
        select
            date_trunc('month', purchased_on)::date as month, category, sum(amount)::double as net
        from core.transactions
        where kind in ('purchase', 'refund') and purchased_on >= $first and purchased_on < $end
        group by all
        order by all
        """,
        {"first": first, "end": end},
    ).df()
    if rows.empty:
        return Months(pd.DataFrame(index=every))
    kept = _largest(rows)
    found = rows["category"].astype(object)
    rows["series"] = [
        f"category {name}" if name in kept else "none" if pd.isna(name) else "others"
        for name in found
    ]
    names: dict[str, tuple[str, str | None]] = {
        f"category {name}": ("category", name) for name in kept
    }
    names |= {"none": ("category", None), "others": ("others", None)}
    table = rows.groupby(["month", "series"])["net"].sum().unstack().fillna(0.0)
    table = table.reindex(every, fill_value=0.0)
    order = [str(name) for name in table.sum().sort_values(ascending=False, kind="stable").index]
    return Months(table[order], tuple(names[name] for name in order))


def _largest(rows: pd.DataFrame) -> set[str]:
    """The named categories that stand on their own."""
    by = rows.dropna(subset=["category"]).groupby("category")["net"].sum()
    names = [str(name) for name in by.sort_values(ascending=False, kind="stable").index]
    return set(names if len(names) <= MOST_CATEGORIES else names[: MOST_CATEGORIES - 1])
