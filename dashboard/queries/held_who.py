"""Who is meant, from columns in memory: ranges, days, flags, groups and boxes of the map.

A comparison of half a million numbers takes less time than the warehouse needs to plan one. Only
what is compared exactly as the warehouse does is compared here; the rest is asked.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from dashboard.area import Box
from dashboard.grammar import Condition, Edge, Span
from dashboard.queries.held_arrays import GROUPS, Held
from dashboard.queries.held_calendar import Flags, ordinal
from dashboard.selection import Selection
from dashboard.vocabulary import Key

if TYPE_CHECKING:
    from dashboard.reader import View

_MAP: Final = ("pca_1", "pca_2")
_WHOLE: Final = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT")
_MOST_DIGITS: Final = 15  # so many a double holds


@dataclass(frozen=True)
class Values:
    """One column, one item a customer at her key.

    Parameters
    ----------
    items : numbers, days since 1970, or truths; of decimals the digits without the point.
    known : whether she has one.
    scale : digits behind the point of decimals; None for doubles.
    """

    items: npt.NDArray[Any]
    known: Flags
    scale: int | None = 0


def flags_of(view: "View", who: Selection, held: Held) -> Flags | None:
    """Of each customer key whether ``who`` means it; None where the warehouse must say."""
    if who.q or who.lasso:
        return None
    tests = [_test(view, condition, held) for condition in who.who]
    if who.box is not None:
        tests.append(_inside(view, who.box, held))
    found = np.ones(len(held.customers.expected), np.bool_)
    found[0] = False
    for test in tests:
        if test is None:
            return None
        found &= test
    return found


def _test(view: "View", condition: Condition, held: Held) -> Flags | None:
    """Whether each customer meets a condition; who is unknown passes an exclusion."""
    key = view.vocabulary.key(condition.key)
    if key is None or key.half != "who":
        return None
    if key.name in GROUPS and key.kind == "choice":
        return _grouped(key, condition, held)
    values = _column(view, key, held) if key.kind in ("range", "date", "flag") else None
    if values is None or not all(map(_is_exact, condition.spans)):
        return None
    tests = [values.known & _within(values, span) for span in condition.spans]
    tests += [values.known & (values.items == (value == "yes")) for value in condition.values]
    if condition.missing:
        tests.append(~values.known)
    return _any_of(tests, len(values.known)) ^ condition.excluded


def _any_of(tests: Iterable[Flags], size: int) -> Flags:
    found = np.zeros(size, np.bool_)
    for test in tests:
        found |= test
    return found


def _grouped(key: Key, condition: Condition, held: Held) -> Flags:
    names, place = held.customers.groups[key.name]
    wanted = {key.by_slug[slug].value for slug in condition.values}
    is_wanted = [name in wanted if name is not None else condition.missing for name in names]
    return _any_of((place == at for at, yes in enumerate(is_wanted) if yes), len(place)) ^ (
        condition.excluded
    )


def _within(values: Values, span: Span) -> Flags:
    found = np.ones(len(values.items), np.bool_)
    if span.low is not None:
        found &= values.items >= _placed(span.low, values.scale, ROUND_CEILING)
    if span.high is not None:
        found &= values.items <= _placed(span.high, values.scale, ROUND_FLOOR)
    return found


def _placed(edge: date | Decimal, scale: int | None, rounding: str) -> int | float:
    """An edge as the items of a column are written."""
    if isinstance(edge, date):
        return ordinal(edge)
    if scale is None:
        return float(edge)
    whole = int(edge.scaleb(scale).to_integral_value(rounding))
    most = np.iinfo(np.int64).max
    return max(-most, min(most, whole))


def _is_exact(span: Span) -> bool:
    return all(_is_short(edge) for edge in (span.low, span.high))


def _is_short(edge: Edge) -> bool:
    return not isinstance(edge, Decimal) or len(edge.as_tuple().digits) <= _MOST_DIGITS


def _inside(view: "View", box: Box, held: Held) -> Flags | None:
    keys = [view.vocabulary.key(name) for name in _MAP]
    columns = [_column(view, key, held) if key else None for key in keys]
    found = np.ones(len(held.customers.expected), np.bool_)
    for values, span in zip(
        columns, (Span(box.left, box.right), Span(box.bottom, box.top)), strict=True
    ):
        if values is None:
            return None
        found &= values.known & _within(values, span)
    return found


def _column(view: "View", key: Key, held: Held) -> Values | None:
    """A column of the customers, read when it is first asked for; None where it is not exact."""
    data_type = next(
        (c.data_type for c in view.vocabulary.columns.values() if c.expression == key.column), ""
    )
    return held.columns.get(key.column, lambda: _read(view, key, data_type))


def _read(view: "View", key: Key, data_type: str) -> Values | None:
    written = _written(key, data_type)
    if written is None:
        return None
    expression, scale = written
    found = view.arrays(
        f"""
        select coalesce({expression}, {"0" if key.kind != "flag" else "false"}) as items,
            {key.column} is not null as known
        from marts.customers as customers
        order by customers.customer_key
        """
    )
    items, known = (np.insert(found[name], 0, 0) for name in ("items", "known"))
    if scale is None and np.isnan(items).any():
        return None  # the warehouse holds it to be larger than every number
    if scale == 0 and items.dtype == np.int64:
        items = _narrow(items)
    return Values(items, known, scale)


def _narrow(items: npt.NDArray[Any]) -> npt.NDArray[Any]:
    # By both ends: the size of the smallest number of all is no number that an int64 holds.
    fits = items.min(initial=0) >= -(2**31) and items.max(initial=0) < 2**31
    return items.astype(np.int32) if fits else items


def _written(key: Key, data_type: str) -> tuple[str, int | None] | None:
    """SQL of a column's items, and their digits behind the point."""
    if key.kind == "flag":
        return key.column, 0
    if data_type == "DATE":
        return f"({key.column} - date '1970-01-01')::bigint", 0
    if data_type == "DOUBLE":
        return key.column, None
    if data_type in _WHOLE:
        return f"{key.column}::bigint", 0
    if data_type == "DECIMAL(18,2)":
        return f"cast({key.column} * 100 as bigint)", 2
    return None
