"""Where each customer stands in the arrays: keys have gaps where customers were taken out again."""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from dashboard.queries.held_calendar import Ints

if TYPE_CHECKING:
    from dashboard.reader import View


def places(view: "View", keys: Ints) -> Ints:
    """Places of some customer keys in the order of all of them, from 1; 0 is nobody."""
    (place,) = view.cached(("places of customers",), lambda: (_places(view),))
    return keys if place is None else place[keys]


def keys(view: "View", at: Ints) -> Ints:
    """The customer keys at some places, from 1."""
    (place,) = view.cached(("places of customers",), lambda: (_places(view),))
    return at if place is None else np.flatnonzero(place)[at - 1]


def _places(view: "View") -> npt.NDArray[np.int32] | None:
    """The place of each key; None where every key is its own."""
    last = view.rows("select max(customer_key) as last from marts.customers")[0]["last"]
    if last is None or last == view.vocabulary.about.n_customers:
        return None
    keys = view.arrays("select customer_key from marts.customers order by customer_key")
    found = np.zeros(int(str(last)) + 1, np.int32)
    found[keys["customer_key"]] = np.arange(1, len(keys["customer_key"]) + 1)
    return found
