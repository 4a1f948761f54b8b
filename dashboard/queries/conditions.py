"""Conditions of a selection as SQL. Values are always bound, columns come from the vocabulary."""

from collections.abc import Callable
from datetime import date

from dashboard.area import Box, Lasso
from dashboard.grammar import Condition, Edge, Span
from dashboard.vocabulary import Key

Bind = Callable[[object], str]


def condition_sql(condition: Condition, key: Key, bind: Bind) -> str:
    """One condition as SQL. NULL passes an exclusion: who is unknown is not one of those."""
    column = key.column
    tests = [_span(column, span, bind) for span in condition.spans]
    if condition.values:
        stored = [_stored(key, value) for value in condition.values]
        tests.append(f"{column} in ({', '.join(bind(value) for value in stored)})")
    if condition.missing:
        tests.append(f"{column} is null")
    any_of = " or ".join(tests)
    if condition.excluded:
        return f"not coalesce({any_of}, false)"
    return f"({any_of})"


def _stored(key: Key, value: str) -> object:
    """What the warehouse holds for a value of the URL."""
    if key.kind == "flag":
        return value == "yes"
    return key.by_slug[value].value if key.kind == "choice" else value


def _span(column: str, span: Span, bind: Bind) -> str:
    if span.low is not None and span.low == span.high:
        return f"{column} = {bind(_edge(span.low))}"
    tests = []
    if span.low is not None:
        tests.append(f"{column} >= {bind(_edge(span.low))}")
    if span.high is not None:
        tests.append(f"{column} <= {bind(_edge(span.high))}")
    return f"({' and '.join(tests)})"


def _edge(edge: Edge) -> object:
    """Whole numbers are bound as such, so that they compare as the column's own type."""
    if edge is None or isinstance(edge, date):
        return edge
    return int(edge) if edge == edge.to_integral_value() else edge


def search_sql(words: str, bind: Bind) -> str:
    """Id or name begins with or contains the words; accents and case do not matter."""
    needle = f"strip_accents(lower({bind(words)}))"
    return (
        f"(contains(strip_accents(lower(customers.customer_id)), {needle})"
        f" or contains(strip_accents(lower(customers.name)), {needle}))"
    )


def box_sql(box: Box, bind: Bind) -> str:
    """Whether a customer lies in the rectangle."""
    return (
        f"customers.pca_1 between {bind(float(box.left))} and {bind(float(box.right))}"
        f" and customers.pca_2 between {bind(float(box.bottom))} and {bind(float(box.top))}"
    )


def lasso_sql(lasso: Lasso, bind: Bind) -> str:
    """Even-odd rule: a ray to the right crosses the outline an odd number of times."""
    corners = [(bind(float(x)), bind(float(y))) for x, y in lasso.corners]
    crossings = []
    for (x1, y1), (x2, y2) in zip(corners, corners[1:] + corners[:1], strict=True):
        straddles = f"(({y1} > customers.pca_2) != ({y2} > customers.pca_2))"
        # nullif: a level edge straddles nothing, and must not divide by zero either.
        at = f"({x2} - {x1}) * (customers.pca_2 - {y1}) / nullif({y2} - {y1}, 0) + {x1}"
        crossings.append(f"cast({straddles} and customers.pca_1 < {at} as integer)")
    xs, ys = zip(*lasso.corners, strict=True)
    frame = Box(min(xs), min(ys), max(xs), max(ys))
    odd = f"coalesce(({' + '.join(crossings)}) % 2 = 1, false)"
    return f"{box_sql(frame, bind)} and {odd}"
