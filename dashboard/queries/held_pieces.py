"""In what pieces rows are read into memory: whole days, some millions of rows at a time.

So what reading needs beside the arrays themselves does not grow with the shop.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np

from dashboard.queries.held_arrays import Columns, in_order
from dashboard.queries.held_places import places
from warehouse.connection import available_memory

if TYPE_CHECKING:
    from dashboard.reader import View

ROOM: Final = 1 / 16  # of the memory, for each: orders, and lines
READ_AT_A_TIME: Final = 1 << 21  # rows; a day with more is read at once
NOTHING: Final[Mapping[str, object]] = MappingProxyType({})
# A line of the future is nobody's purchase yet.
SO_FAR: Final = "($last_day::date is null or purchased_on is null or purchased_on <= $last_day)"


def room() -> int:
    """Bytes that the arrays of one kind may take; of more, statements answer.

    Two kinds in two generations are a quarter of the memory; DuckDB takes up to 30 % of it twice.
    """
    return int(ROOM * available_memory())


@dataclass(frozen=True)
class Pieces:
    """The rows of a relation that count, by day.

    Parameters
    ----------
    relation, where : its name, and which of its rows count.
    spans : first and last day of each piece in order; the undated rows are a last one without days.
    n_days, n_rows : of all pieces.
    most, total : cents of the largest amount, and of all of them without their signs.
    """

    relation: str
    where: str
    spans: tuple[tuple[date | None, date | None], ...]
    n_days: int
    n_rows: int
    most: int
    total: int

    @classmethod
    def of(cls, view: "View", relation: str, amount: str, where: str = SO_FAR) -> "Pieces":
        """Count the rows of each day."""
        rows = view.rows(
            f"""
            select purchased_on as day, count(*) as n, max(abs({amount})) as most,
                sum(abs({amount})) as total
            from {relation}
            where {where}
            group by purchased_on
            order by purchased_on nulls last
            """,
            {"last_day": view.vocabulary.about.last_day},
        )
        days = [row["day"] for row in rows]
        counts = [int(str(row["n"])) for row in rows]
        cents = [[int(100 * Decimal(str(row[name]))) for row in rows] for name in ("most", "total")]
        return cls(
            relation,
            where,
            tuple(_spans([day if isinstance(day, date) else None for day in days], counts)),
            len(days),
            sum(counts),
            max(cents[0], default=0),
            sum(cents[1]),
        )

    @property
    def cents_type(self) -> type[np.int32] | type[np.int64]:
        """As few bytes as hold every amount."""
        return np.int32 if self.most < np.iinfo(np.int32).max else np.int64

    def read(
        self, view: "View", columns: str, joins: str = "", values: Mapping[str, object] = NOTHING
    ) -> Iterator[Columns]:
        """The rows of each piece in the order of their days; ``day`` is one of the columns.

        Parameters
        ----------
        columns : SQL, of rows called ``lines``.
        joins : what else they are made of.
        values : bound values of both.
        """
        for first, last in self.spans:
            days = {"first": first, "last": last, "last_day": view.vocabulary.about.last_day}
            within = "purchased_on between $first and $last"
            if first is None:
                within = "purchased_on is null and $first::date is null and $last::date is null"
            rows = view.arrays(
                f"""
                select
                    coalesce(purchased_on - date '1970-01-01', 2147483647)::integer as day,
                    {columns}
                from (from {self.relation} where {self.where} and {within}) as lines
                {joins}
                """,
                {**values, **days},
            )
            yield in_order({**rows, "customer": places(view, rows["customer"])})


def _spans(days: list[date | None], counts: list[int]) -> Iterator[tuple[date | None, date | None]]:
    first: date | None = None
    last: date | None = None
    n = 0
    for day, of_day in zip(days, counts, strict=True):
        if n and (day is None or n + of_day > READ_AT_A_TIME):
            yield first, last
            n = 0
        if day is None:
            yield None, None
            return
        first, last, n = day if not n else first, day, n + of_day
    if n:
        yield first, last
