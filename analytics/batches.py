"""Features of some customers at a time, to score everybody: as cheaply as they can be read.

Each view comes by itself and as arrays, and rows are put side by side here: to join five views in
SQL and to make one table of them cost as much as the features themselves.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.frames import Features, Keys, only
from analytics.label_frames import KEY
from analytics.metrics import Array

_FIRST = "customer_rfm"
_Keys = NDArray[np.integer[Any]]


def scoring_batch(
    con: duckdb.DuckDBPyConnection, as_of: date | None, known: Features, keys: Keys
) -> pd.DataFrame:
    """What :func:`analytics.frames.scoring_frame` gives of a range of customers, without ids."""
    customers, first = _read(con, as_of, known, _FIRST, keys)
    if np.any(customers[1:] < customers[:-1]):
        order = np.argsort(customers)
        first = {name: values[order] for name, values in first.items()}
        customers = customers[order]
    columns: dict[str, NDArray[Any]] = {KEY: customers}
    for view in known.views:
        if view == _FIRST:
            columns |= first
            continue
        others, values = _read(con, as_of, known, view, keys)
        columns |= _beside(customers, others, values)
    return pd.DataFrame(columns, copy=False)


def _read(
    con: duckdb.DuckDBPyConnection, as_of: date | None, known: Features, view: str, keys: Keys
) -> tuple[_Keys, dict[str, Array]]:
    """The customers of one view, and its columns; NaN where the warehouse says NULL."""
    found = con.execute(
        f"""
        select {view}.customer_key, {known.views[view]}
        from features.{view}($cutoff) as {view}
        {only(view, keys, None)}
        """,
        {"cutoff": as_of},
    ).fetchnumpy()
    customers = np.asarray(found.pop(KEY))
    return customers, {name: np.ma.filled(values, np.nan) for name, values in found.items()}


def _beside(customers: _Keys, others: _Keys, values: Mapping[str, Array]) -> Mapping[str, Array]:
    """Columns of ``others`` in the order of ``customers``, NaN for those who are not there.

    Nearly always both are the same, in the same order.
    """
    if np.array_equal(customers, others):
        return values
    places = pd.Index(others).get_indexer(pd.Index(customers))
    # Who is not there has the place -1, behind the last.
    return {name: np.append(each, np.nan)[places] for name, each in values.items()}
