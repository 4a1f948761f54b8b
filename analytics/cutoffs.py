"""Frames of several cutoffs from one statement: what a backtest and its training read.

Each cutoff costs a look-up of one row a customer in ``core.customer_days``, not a pass over the
lines, so six cost little more than one. Memory: a frame of 40 features takes about 350 bytes a
customer and cutoff, and all of them are there at once; ``among`` bounds it.
"""

import re
from collections.abc import Sequence
from datetime import date

import duckdb
import pandas as pd

from analytics.frames import Features, features

_CUTOFF = re.compile(r"\$cutoff\b")


def training_frame(
    con: duckdb.DuckDBPyConnection,
    cutoff: date,
    horizon_days: int,
    known: Features | None = None,
    *,
    among: str | None = None,
) -> pd.DataFrame:
    """Features known at ``cutoff`` beside what each customer did afterwards.

    Features use transactions up to and including ``cutoff``, labels those in
    ``(cutoff, cutoff + horizon_days]``. The two windows never overlap. Parameters are those of
    :func:`training_frames`.

    Returns
    -------
    DataFrame, one row per customer with a positive purchase by ``cutoff``. Beside the features:
    ``future_spend`` (float, currency, net, refunds beyond the purchases count as 0) and
    ``purchased_again`` (bool).
    """
    return training_frames(con, [cutoff], horizon_days, known, among=among)[cutoff]


def training_frames(
    con: duckdb.DuckDBPyConnection,
    cutoffs: Sequence[date],
    horizon_days: int,
    known: Features | None = None,
    *,
    among: str | None = None,
) -> dict[date, pd.DataFrame]:
    """Features known at each cutoff beside what each customer did in the days after it.

    Parameters
    ----------
    cutoffs : last days that features may see; repetitions count once.
    horizon_days : length of the labels' window in days, at least 1.
    known : the features; asked for where they are not given.
    among : relation with a column ``customer_key``: only these customers.

    Returns
    -------
    By cutoff what :func:`training_frame` returns for it.

    Raises
    ------
    ValueError : ``horizon_days`` is below 1.
    """
    if horizon_days < 1:
        raise ValueError(f"horizon_days must be at least 1, got {horizon_days}")
    days = sorted(set(cutoffs))
    if not days:
        return {}
    branch = _branch(known or features(con), among)
    selects = [
        _CUTOFF.sub(f"$cutoff_{place}", f"select {place} as place, * from ({branch})")
        for place in range(len(days))
    ]
    values = {f"cutoff_{place}": day for place, day in enumerate(days)}
    rows = con.execute(
        f"{' union all '.join(selects)} order by place, customer_key",
        {**values, "horizon_days": horizon_days},
    ).df()
    by_place = dict(iter(rows.groupby("place")))
    return {
        day: by_place.get(place, rows.iloc[:0]).drop(columns="place").reset_index(drop=True)
        for place, day in enumerate(days)
    }


def _branch(known: Features, among: str | None) -> str:
    """The SELECT of one cutoff."""
    only = "true" if among is None else f"customer_key in (select customer_key from {among})"
    return f"""
        select
            spent.customer_key,
            spent.customer_id,
            {known.columns},
            greatest(spent.future_spend, 0)::double as future_spend,
            again.purchased_again
        from labels.future_spend($cutoff, $horizon_days) as spent
        join labels.purchased_again($cutoff, $horizon_days) as again using (customer_key)
        {known.joins}
        where customer_rfm.frequency > 0 and {only}
    """
