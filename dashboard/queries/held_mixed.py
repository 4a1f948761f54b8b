"""What rows of orders there are, and those of customers one of whose orders has several rows.

All rows of such a customer are kept as they are, so that her orders can be put together within
whatever days are asked for; they take more memory than those of customers who only have orders of
one row. So they are counted before anything is read, and written where they stay.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from dashboard.queries.held_arrays import Columns, Rows
from dashboard.queries.held_calendar import Ints
from dashboard.queries.held_pieces import SO_FAR
from dashboard.queries.held_places import places

if TYPE_CHECKING:
    from dashboard.reader import View

# Bytes, as the fields of Orders and Rows say.
_A_WHOLE: Final = 8  # and the cents
_AN_ODD: Final = 16
_A_MIXED: Final = 17
_A_SPLIT: Final = 12
_COLUMNS: Final = ("customer", "day", "cents", "bought")


@dataclass(frozen=True)
class Kinds:
    """How many rows are held in which way; those without a customer are held as sums only.

    Parameters
    ----------
    mixed : places of the customers one of whose orders has several rows.
    n_whole : rows of all others.
    n_odd : those among them without a purchase, and those of 0 cents or less; many are both.
    n_mixed, n_split : rows of the mixed ones, and those among them whose order has other rows.
    """

    mixed: Ints
    n_whole: int
    n_odd: int
    n_mixed: int
    n_split: int

    @classmethod
    def of(cls, view: "View") -> "Kinds":
        """Count the rows of each customer."""
        found = view.arrays(
            f"""
            select
                customer_key as customer,
                count(*)::integer as n_rows,
                count_if(not is_whole)::integer as n_split,
                (count_if(not has_purchase) + count_if(revenue <= 0))::integer as n_odd
            from marts.orders
            where customer_key is not null and {SO_FAR}
            group by customer_key
            """,
            {"last_day": view.vocabulary.about.last_day},
        )
        is_mixed = found["n_split"] > 0
        return cls(
            places(view, found["customer"][is_mixed]),
            int(found["n_rows"][~is_mixed].sum()),
            int(found["n_odd"][~is_mixed].sum()),
            int(found["n_rows"][is_mixed].sum()),
            int(found["n_split"].sum()),
        )

    def n_bytes(self, cents_type: npt.DTypeLike) -> int:
        """What their arrays take."""
        return (
            self.n_whole * (_A_WHOLE + np.dtype(cents_type).itemsize)
            + self.n_odd * _AN_ODD
            + self.n_mixed * _A_MIXED
            + self.n_split * _A_SPLIT
        )


class Mixed:
    """The rows of mixed customers, as they are read."""

    def __init__(self, kinds: Kinds) -> None:
        n_rows, n_split = kinds.n_mixed, kinds.n_split
        self.rows = Rows(
            customer=np.empty(n_rows, np.int32),
            day=np.empty(n_rows, np.int32),
            cents=np.empty(n_rows),
            bought=np.empty(n_rows, np.bool_),
            split=np.empty(n_split, np.int64),
            order=np.empty(n_split, np.int32),
        )
        self._n = self._n_split = 0

    def add(self, rows: Columns) -> None:
        """Go on with those of some later days; ``order`` is 0 where it has no other rows."""
        first, self._n = self._n, self._n + len(rows["day"])
        for name in _COLUMNS:
            getattr(self.rows, name)[first : self._n] = rows[name]
        at = np.flatnonzero(rows["order"])
        split = slice(self._n_split, self._n_split + len(at))
        self.rows.split[split], self.rows.order[split] = at + first, rows["order"][at]
        self._n_split = split.stop
