"""A selection as SQL: the one place where filters become a WHERE. Values are always bound.

Every query of the dashboard begins with these steps, so that no two of them can disagree:

- ``who``: customer_key of everybody that the who half means.
- ``lines``: customer_key, order_key, purchased_on, revenue, has_purchase of the lines that count;
  is_whole where a line is all of its order.
- ``whole_orders``: customer_key, order_key, revenue, has_purchase of those lines, put together.
- ``selected``: customer_key, spend_in_period, orders_in_period of everybody in the selection.
- the same within the compared days, each name followed by ``_before``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Final

from dashboard.area import Box, Lasso
from dashboard.grammar import Condition, Edge, Span
from dashboard.period import Days, compared
from dashboard.selection import Selection
from dashboard.vocabulary import Key, Vocabulary
from warehouse.errors import SelectionError

if TYPE_CHECKING:
    from dashboard.reader import View

MONEY: Final = "decimal(38, 2)"
Bind = Callable[[object], str]


@dataclass(frozen=True)
class Statement:
    """The beginning of a query.

    Parameters
    ----------
    ctes : ``with who as (...), ..., selected as (...)``; a query goes on with ``select`` or with
        ``, more as (...)``.
    parameters : bound values by name; all of them occur in ``ctes``.
    has_before : whether the steps of the compared days are there.
    days, days_before : what the period and its comparison mean; ``None`` for all lines.
    customers : the step that names everybody in the selection at the least cost: ``who`` where
        purchases decide nothing, else ``selected``.
    """

    ctes: str
    parameters: dict[str, object] = field(default_factory=dict)
    has_before: bool = False
    days: Days | None = None
    days_before: Days | None = None
    customers: str = "selected"


def selected(selection: Selection, view: "View", dimensions: Sequence[str] = ()) -> Statement:
    """Compile ``selection`` for the generation of ``view``.

    Parameters
    ----------
    dimensions : purchase dimensions that ``lines`` carries too; its grain is then the purchase
        line, and its sums stay the same.
    """
    compiler = Compiler(selection, view.vocabulary, dimensions)
    who = f"who as (\n    {compiler.who()}\n)"
    return compiler.statement(who, compiler.customers_within)


def count(view: "View", selection: Selection) -> int:
    """How many customers the selection means."""
    return view.cached(("count", selection.meaning()), lambda: _counted(view, selection))


def _counted(view: "View", selection: Selection) -> int:
    statement = selected(selection, view)
    rows = view.rows(
        f"{statement.ctes}\nselect count(*) as n from {statement.customers}", statement.parameters
    )
    return int(str(rows[0]["n"]))


def without_customer(selection: Selection, view: "View") -> Statement:
    """``lines`` and ``lines_before`` that have no customer; only the lens narrows them."""
    compiler = Compiler(selection, view.vocabulary)
    nobody = "lines.customer_key is null"
    return compiler.statement(
        None, lambda days, suffix: [f"lines{suffix} as (\n{compiler.lines(days, nobody)}\n)"]
    )


class Compiler:
    """Turns one selection into SQL, handing out names for the values that it binds."""

    def __init__(
        self, selection: Selection, vocabulary: Vocabulary, dimensions: Sequence[str] = ()
    ) -> None:
        self.selection = selection
        self.vocabulary = vocabulary
        self.values: dict[str, object] = {}
        self.filters = self.all_of(selection.lens.filters)
        self.totals = self.all_of(selection.lens.totals)
        self.dimensions = [self.dimension(name) for name in dimensions]

    def bind(self, value: object) -> str:
        """The placeholder of a value."""
        name = f"s_{len(self.values)}"
        self.values[name] = value
        return f"${name}"

    def dimension(self, name: str) -> str:
        """A purchase dimension as a column of ``lines``; only one that the data have."""
        key = self.vocabulary.key(name)
        if key is None or key.half != "lens" or key.kind != "choice":
            raise SelectionError(f"selection: {name!r} is not a purchase dimension of these data")
        return key.column

    def statement(
        self, who: str | None, steps_within: Callable[[Days | None, str], list[str]]
    ) -> Statement:
        """All steps, for the period and for what it is compared with."""
        lens = self.selection.lens
        days = lens.period.days(self.vocabulary.about)
        before = compared(days, lens.compare) if days and lens.compare else None
        steps = [*([who] if who else []), *steps_within(days, "")]
        if before is not None:
            steps += steps_within(before, "_before")
        ctes = "with " + ",\n".join(steps)
        customers = "selected" if self.filters or self.totals else "who"
        return Statement(ctes, self.values, before is not None, days, before, customers)

    def all_of(self, conditions: Sequence[Condition]) -> list[str]:
        """Each condition as SQL."""
        tests = []
        for condition in conditions:
            key = self.vocabulary.key(condition.key)
            if key is None:
                raise SelectionError(f"selection: this generation has no {condition.key!r}")
            tests.append(_test(condition, key, self.bind))
        return tests

    def who(self) -> str:
        """Who is meant, whatever they bought."""
        selection = self.selection
        tests = self.all_of(selection.who)
        if selection.q:
            tests.append(_search(selection.q, self.bind))
        if selection.box:
            tests.append(_in_box(selection.box, self.bind))
        if selection.lasso:
            tests.append(_in_lasso(selection.lasso, self.bind))
        where = f"\n    where {_and(tests)}" if tests else ""
        return f"select customers.customer_key\n    from marts.customers as customers{where}"

    def customers_within(self, days: Days | None, suffix: str) -> list[str]:
        """``lines``, ``whole_orders`` and ``selected`` for one span of days."""
        whose = "lines.customer_key in (select who.customer_key from who)"
        if not self.selection.narrows_who:
            whose = "lines.customer_key is not null"  # the same, without the join
        lines = self.lines(days, whose)
        if not self.totals:
            return [
                f"lines{suffix} as (\n{lines}\n)",
                f"whole_orders{suffix} as ({_orders(f'lines{suffix}')}\n)",
                f"selected{suffix} as ({self._everybody(f'whole_orders{suffix}')}\n)",
            ]
        kept = f"customer_key in (select customer_key from selected{suffix})"
        return [
            f"counted{suffix} as (\n{lines}\n)",
            f"counted_orders{suffix} as ({_orders(f'counted{suffix}')}\n)",
            f"totals{suffix} as ({self._everybody(f'counted_orders{suffix}')}\n)",
            f"selected{suffix} as (\n    select * from totals{suffix} as totals"
            f"\n    where {_and(self.totals)}\n)",
            f"lines{suffix} as (\n    select * from counted{suffix} where {kept}\n)",
            f"whole_orders{suffix} as (\n    select * from counted_orders{suffix} where {kept}\n)",
        ]

    def lines(self, days: Days | None, whose: str) -> str:
        """Lines within the days; whole orders where no purchase filter looks inside them."""
        tests = [whose, *self.filters]
        if days is not None:
            first, last = self.bind(days.first), self.bind(days.last)
            tests.append(f"lines.purchased_on between {first} and {last}")
        relation = "marts.orders"
        measures = ["lines.revenue", "lines.has_purchase", "lines.is_whole"]
        if self.filters or self.dimensions:
            relation = "marts.purchases"
            measures = [
                "lines.amount as revenue", "lines.is_purchase as has_purchase", "false as is_whole",
            ]  # fmt: skip
        columns = ", ".join([*measures, *self.dimensions])
        return (
            f"    select lines.customer_key, lines.order_key, lines.purchased_on, {columns}\n"
            f"    from {relation} as lines\n    where {_and(tests)}"
        )

    def _everybody(self, orders: str) -> str:
        """What each customer's orders add up to; without a purchase filter 0 for who has none."""
        join = "inner" if self.filters else "left"
        return f"""
    select
        who.customer_key,
        cast(coalesce(sums.spend_in_period, 0) as {MONEY}) as spend_in_period,
        cast(coalesce(sums.orders_in_period, 0) as bigint) as orders_in_period
    from who
    {join} join (
        select
            customer_key,
            sum(revenue) as spend_in_period,
            count(*) filter (where has_purchase) as orders_in_period
        from {orders}
        group by customer_key
    ) as sums on who.customer_key = sums.customer_key"""


def _orders(lines: str) -> str:
    """Whole orders: few have lines on several days, and only these have to be put together."""
    return f"""
    select customer_key, order_key, revenue, has_purchase
    from {lines}
    where is_whole
    union all
    select
        customer_key,
        order_key,
        sum(revenue) as revenue,
        bool_or(has_purchase) as has_purchase
    from {lines}
    where not is_whole
    group by customer_key, order_key"""


def _and(tests: list[str]) -> str:
    return "\n        and ".join(tests)


def _test(condition: Condition, key: Key, bind: Bind) -> str:
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


def _search(words: str, bind: Bind) -> str:
    """Id or name begins with or contains the words; accents and case do not matter."""
    needle = f"strip_accents(lower({bind(words)}))"
    return (
        f"(contains(strip_accents(lower(customers.customer_id)), {needle})"
        f" or contains(strip_accents(lower(customers.name)), {needle}))"
    )


def _in_box(box: Box, bind: Bind) -> str:
    return (
        f"customers.pca_1 between {bind(float(box.left))} and {bind(float(box.right))}"
        f" and customers.pca_2 between {bind(float(box.bottom))} and {bind(float(box.top))}"
    )


def _in_lasso(lasso: Lasso, bind: Bind) -> str:
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
    return f"{_in_box(frame, bind)} and {odd}"
