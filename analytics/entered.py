"""Customers that are typed in or sent by a machine: raw inputs become a frame, doubts are said.

An input is a column that the models see, by its name, or by the name that the customers file gave
it. What is not given takes the typical value of the customers that the models learnt from. Nothing
is silently bent: what cannot be used is said and replaced, what is merely unusual is said and used.
"""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

import msgspec
import numpy as np
import pandas as pd
from rapidfuzz import fuzz, process
from rapidfuzz.utils import default_process

from analytics.explain import made, remade
from analytics.frames import KEYS
from analytics.plausible import WINDOWS, worked_out
from analytics.reasons import unit_of
from analytics.reference import Numbers, Reference, Texts

Row = Mapping[str, Any]
_COUNTED: Final = frozenset(
    {"days", "orders", "units", "products", "merchants", "categories", "years", "tickets"}
)
# How like a known name a given one has to be, of 100, to be perhaps that one.
_ALIKE: Final = 60
_CENT: Final = 0.01
_DIGITS: Final = 0.001
# Ratios that are no part of a whole.
_LIMITS: Final = {"spend_trend": (-1.0, 1.0), "refund_ratio": (0.0, math.inf)}


class Warned(msgspec.Struct, frozen=True):
    """A doubt about one input: its column, what was found there, and what was made of it."""

    column: str
    found: Any
    what: str


class Unusable(Warned, frozen=True):
    """What was given is not used at all: no such input, or no value that it can have."""


def frame_of(
    rows: Sequence[Row], reference: Reference, aliases: Mapping[str, str] | None = None
) -> tuple[pd.DataFrame, list[list[Warned]]]:
    """The rows as models see them, and the doubts about each.

    Parameters
    ----------
    rows : inputs by column, and perhaps ``customer_id``; numbers may be text.
    aliases : columns of the customers, by further names that they go by. One that is no column of
        ``reference`` is known, but no model looks at it.

    Returns
    -------
    One row each with every column of ``reference``, rates included; the doubts, row by row.
    """
    names = inputs(reference)
    read, doubts = [], []
    for given in rows:
        row = _named(given, names, aliases or {})
        values, warned = _read(row, names, reference, set((aliases or {}).values()))
        read.append(values)
        doubts.append(warned)
    kinds = {
        name: float if isinstance(reference.columns[name], Numbers) else object for name in names
    }
    # Nobody who is typed in is one of those that the models learnt from.
    keys = {"customer_key": np.full(len(rows), -1)}
    ids = {"customer_id": np.array([customer_id(row) or "" for row in rows], dtype=object)}
    columns = {
        name: np.array([values[name] for values in read], dtype=kind)
        for name, kind in kinds.items()
    }
    return remade(pd.DataFrame({**keys, **ids, **columns}), reference), doubts


def changed_row(
    frame: pd.DataFrame,
    changes: Row,
    reference: Reference,
    aliases: Mapping[str, str] | None = None,
) -> tuple[pd.DataFrame, list[Warned]]:
    """One row with some of its inputs changed, rates made anew; and the doubts about the changes.

    What cannot be used stays as it was. ``aliases`` as in :func:`frame_of`.
    """
    names = inputs(reference)
    wanted = _named(changes, names, aliases or {})
    warned = _unknown(wanted, names, made(reference), set((aliases or {}).values()))
    warned += [Unusable(key, wanted[key], "no such input") for key in KEYS if key in wanted]
    used = {}
    for name in [name for name in names if name in wanted]:
        value, doubt = _one(name, wanted[name], reference.columns[name])
        if value is None:
            warned.append(Unusable(name, wanted[name], f"{doubt}; it stays as it is"))
            continue
        used[name] = value
        if doubt:
            warned.append(Warned(name, wanted[name], doubt))
    other = remade(frame.assign(**used), reference)
    return other, [*warned, *contradictions(dict(other.iloc[0]), used)]


def inputs(reference: Reference) -> list[str]:
    """Columns that can be given: those that do not follow from others."""
    derived = made(reference)
    return [name for name in reference.columns if name not in derived]


def _named(given: Row, names: Collection[str], aliases: Mapping[str, str]) -> dict[str, Any]:
    """What is given under the names of the inputs, where it is one of them by any name."""
    meant = {**aliases, **{name.casefold(): name for name in names}}
    return {
        key if key in names else meant.get(str(key).strip().casefold(), str(key)): value
        for key, value in given.items()
    }


def customer_id(row: Row) -> str | None:
    """Whose inputs they are; None where the row does not say."""
    given = row.get("customer_id")
    return str(given).strip() or None if given is not None else None


def _read(
    row: Row, names: Sequence[str], reference: Reference, ignored: Collection[str]
) -> tuple[dict[str, Any], list[Warned]]:
    """One row: every input, and what there is to say about it."""
    values: dict[str, Any] = reference.typical(names)
    given = [name for name in names if row.get(name) is not None and str(row[name]).strip()]
    derived = made(reference)
    warned = _unknown(row, names, derived, ignored)
    read = {name: _one(name, row[name], reference.columns[name]) for name in given}
    used = {name: value for name, (value, _) in read.items() if value is not None}
    values |= used
    # A table of customers has no orders, and so nothing that follows from them.
    follows = worked_out(values, used) if derived else {}

    def instead(name: str) -> str:
        how = "worked out from the others" if name in follows else "the typical value is used"
        return f"; {how}: {_shown(values[name])}"

    for name, (_, doubt) in read.items():
        if name not in used:
            warned.append(Unusable(name, row[name], doubt + instead(name)))
        elif doubt:
            warned.append(Warned(name, row[name], doubt))
    missing = [
        Warned(name, None, "not given" + instead(name)) for name in names if name not in given
    ]
    return values, [*warned, *contradictions(values, used), *missing]


def _unknown(
    row: Row, names: Sequence[str], derived: Collection[str], ignored: Collection[str]
) -> list[Warned]:
    """What is said of names that are no inputs."""
    found = []
    for given, value in row.items():
        if given in names or given in KEYS:
            continue
        if given in derived:
            what = "made from other inputs; the given value is not used"
        elif given in ignored:
            what = "known, but these models do not look at it"
            found.append(Warned(str(given), value, what))
            continue
        else:
            what = f"no such input{_meant(str(given), names)}"
        found.append(Unusable(str(given), value, what))
    return found


def _one(name: str, given: Any, column: Numbers | Texts) -> tuple[float | str | None, str]:  # noqa: ANN401
    """The value, None where it cannot be used; and what is doubtful about it, empty if nothing."""
    return _category(given, column) if isinstance(column, Texts) else _number(name, given, column)


def _number(name: str, given: Any, column: Numbers) -> tuple[float | None, str]:  # noqa: ANN401
    value = _parsed(given)
    if value is None:
        return None, "not a number"
    low, high = _possible(name)
    if not low <= value <= high:
        bounds = f"is {low:g} or more" if math.isinf(high) else f"lies between {low:g} and {high:g}"
        return None, f"impossible: it {bounds}"
    if column.low is None or column.high is None:
        return value, "not known of anybody when the models learnt"
    if not column.low <= value <= column.high:
        seen = f"{column.low:,.6g} to {column.high:,.6g}"
        return value, f"beyond what the models have seen ({seen}): less to be trusted"
    return value, ""


def _parsed(given: Any) -> float | None:  # noqa: ANN401
    """A finite number; yes and no count as 1 and 0."""
    text = str(given).strip().lower()
    flags = {"true": 1.0, "yes": 1.0, "false": 0.0, "no": 0.0}
    try:
        value = flags[text] if text in flags else float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _possible(name: str) -> tuple[float, float]:
    """Between what a value has to lie, whatever the data say."""
    unit = unit_of(name)
    if name in _LIMITS:
        return _LIMITS[name]
    if unit == "ratio":
        return 0.0, 1.0
    return (0.0 if unit in _COUNTED else -math.inf), math.inf


def _category(given: Any, column: Texts) -> tuple[str, str]:  # noqa: ANN401
    value = str(given).strip()
    if value in column.shares:
        return value, ""
    folded = {known.casefold(): known for known in column.shares}
    if value.casefold() in folded:
        return folded[value.casefold()], ""
    return value, f"a value that the models have not seen{_meant(value, column.shares)}"


def _meant(given: str, known: Iterable[str]) -> str:
    """The name that was perhaps meant, as a question; empty where none is near."""
    near = process.extractOne(
        given, list(known), scorer=fuzz.WRatio, processor=default_process, score_cutoff=_ALIKE
    )
    return f"; did you mean {near[0]}?" if near else ""


def contradictions(values: Row, given: Collection[str]) -> list[Warned]:
    """Inputs that cannot both be true; only those of which one was given.

    A typical value beside a given one may contradict it too: then the other had better be given.
    """
    found: list[Warned] = []
    # A customer table may have words under one of these names.
    values = {name: value for name, value in values.items() if isinstance(value, float)}

    def hold(low: str, high: str, what: str) -> None:
        asked = {low, high} & set(given) and {low, high} <= set(values)
        if asked and values[low] > values[high]:
            both = f"{low} {_shown(values[low])}, {high} {_shown(values[high])}"
            found.append(Warned(low if low in given else high, both, what))

    hold("recency_days", "customer_lifetime_days", "the last order lies before the first one")
    for short, long in pairwise(WINDOWS):
        hold(f"orders_{short}d", f"orders_{long}d", "more orders in fewer days")
    hold("orders_180d", "frequency", "more orders in 180 days than ever")
    return [*found, *_recent(values, given), *_worth(values, given)]


def _worth(values: Row, given: Collection[str]) -> list[Warned]:
    """Orders, their average and their sum, where all of them are given and disagree."""
    names = ("frequency", "avg_order_value", "monetary")
    if not set(names) <= set(given) & set(values):
        return []
    orders, average, total = (float(values[name]) for name in names)
    beyond = total - orders * average
    # The sum is net of refunds, the average is not.
    came_back = "refund_ratio" in given and values.get("refund_ratio", 0.0) > 0
    # The average may be rounded to the cent, or the sum to a few digits.
    if abs(beyond) <= max(_CENT * orders, _DIGITS * abs(total)) or (beyond < 0 and came_back):
        return []
    both = ", ".join(f"{name} {_shown(values[name])}" for name in names)
    what = "more than frequency times avg_order_value"
    if beyond < 0:
        what = "less than frequency times avg_order_value, and no refunds are given"
    return [Warned("monetary", both, what)]


def _recent(values: Row, given: Collection[str]) -> list[Warned]:
    """Windows that disagree with the days since the last order."""
    found = []
    recency = values.get("recency_days", math.nan)
    for days in () if math.isnan(recency) else WINDOWS:
        name = f"orders_{days}d"
        asked = name in values and {name, "recency_days"} & set(given)
        if asked and (recency < days) != (values[name] > 0):
            both = f"recency_days {_shown(recency)}, {name} {_shown(values[name])}"
            at = name if name in given else "recency_days"
            found.append(Warned(at, both, "they disagree on an order in these days"))
    return found


def _shown(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, float):
        return "not known" if math.isnan(value) else f"{value:,.6g}"
    return "not known" if value is None else str(value)
