"""What was known of each customer at the end of each of her days, from what each day changed.

The arithmetic of ``marks.customer_days``, over arrays: forty running sums and maxima cost a third
of what as many window functions do. Columns are those of ``marks.changes``, in whole numbers.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from warehouse.running import (
    Groups,
    Masked,
    before,
    chosen,
    highest,
    is_above,
    lowest,
    sums,
    where_reached,
)

Columns = dict[str, npt.NDArray[Any]]
_SUMS = (
    "n_lines", "paid", "returned", "quantity", "n_lines_that_say", "n_promotion_lines",
    "n_orders", "n_dated", "n_weekend", "n_with_quantity", "n_valued", "order_value",
    "squares_low", "squares_middle", "squares_high", "n_with_products", "products", "n_days_bought",
    "n_timed", "n_night", "n_morning", "n_afternoon", "n_merchants", "n_products",
    "n_categories", "paid_in_categories",
)  # fmt: skip
_MAXIMA = ("top_hour", "top_weekday", "paid_at_top")
# Behind the last day: 9999-12-31, in days since 0001-01-01.
FOREVER = 3_652_058


def so_far(changes: Columns) -> Columns:
    """The numbers of each row and all before it of its customer.

    Parameters
    ----------
    changes : columns of ``marks.changes``, by customer and day.

    Returns
    -------
    Columns of ``marks.states``, masked where nothing is known; days are days since 0001-01-01.
    """
    groups = Groups.of(changes["customer_key"])
    states: Columns = {name: changes[name] for name in ("customer_key", "day")}
    states |= {name: sums(changes[name], groups) for name in _SUMS}
    states |= {name: highest(changes[name], groups) for name in _MAXIMA}
    states["until_day"] = np.append(changes["day"][1:], FOREVER)
    states["until_day"][groups.starts[1:] - 1] = FOREVER
    return states | _days(changes, groups) | _orders(changes, groups) | _leader(changes, states)


def unmasked(states: Columns) -> tuple[Columns, str]:
    """Plain arrays, and the select list that reads states from them: DuckDB 1.5 sees no masks."""
    arrays: Columns = {}
    columns = []
    for name, values in states.items():
        arrays[name] = np.ma.getdata(values)
        if np.ma.is_masked(values):
            arrays[f"{name}_known"] = ~np.ma.getmaskarray(values)
            columns.append(f"if({name}_known, {name}, null) as {name}")
        else:
            columns.append(name)
    return arrays, ", ".join(columns)


def _days(changes: Columns, groups: Groups) -> Columns:
    """First and last day with a purchase, and the squares of the gaps between such days."""
    bought = changes["last_bought"]
    last = highest(bought, groups)
    gaps = bought - before(last, groups)
    # What is marked already brings the squares of its gaps along.
    marked = changes["gap_squares"]
    squares = chosen(np.ma.getmaskarray(marked), gaps * gaps, marked)
    return {
        "first_bought": lowest(changes["first_bought"], groups),
        "last_bought": last,
        "gap_squares": sums(squares, groups),
    }


def _orders(changes: Columns, groups: Groups) -> Columns:
    """The largest, first and last order value, of orders that stay and of those that change."""
    largest, passing = highest(changes["largest"], groups), changes["passing_largest"]
    return {
        "largest": chosen(is_above(passing, largest), passing, largest),
        "first_value": _value_at(changes, groups, "first"),
        "last_value": _value_at(changes, groups, "last"),
    }


def _value_at(changes: Columns, groups: Groups, end: str) -> Masked:
    """The value of the order at one end of time."""
    sign = -1 if end == "first" else 1
    places = sign * changes[f"{end}_place"]
    reached = highest(places, groups)
    values = where_reached(reached, places, changes[f"{end}_value"])
    passing = sign * changes[f"passing_{end}_place"]
    return chosen(is_above(passing, reached), changes[f"passing_{end}_value"], values)


def _leader(changes: Columns, states: Columns) -> Columns:
    """The category with the most money; of equal ones the first by name."""
    top = states["paid_at_top"]
    # As long as the most stays the same, whoever reached it and comes first leads.
    stretches = Groups.of(changes["customer_key"], np.ma.getdata(top))
    is_top = ~np.ma.getmaskarray(changes["paid_at_top"]) & (
        np.ma.getdata(changes["paid_at_top"]) == np.ma.getdata(top)
    )
    places = np.ma.array(np.ma.getdata(changes["top_place"]), mask=~is_top)
    return {"top_place": lowest(places, stretches)}
