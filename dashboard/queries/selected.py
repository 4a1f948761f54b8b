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
from typing import TYPE_CHECKING, Final

from dashboard.grammar import Condition
from dashboard.period import Days
from dashboard.queries.conditions import box_sql, condition_sql, lasso_sql, search_sql
from dashboard.selection import Selection
from dashboard.vocabulary import Vocabulary
from warehouse.errors import SelectionError

if TYPE_CHECKING:
    from dashboard.reader import View

MONEY: Final = "decimal(38, 2)"


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


def selected(
    selection: Selection,
    view: "View",
    dimensions: Sequence[str] = (),
    keys: Sequence[int] | None = None,
) -> Statement:
    """Compile ``selection`` for the generation of ``view``.

    Parameters
    ----------
    dimensions : purchase dimensions that ``lines`` carries too; its grain is then the purchase
        line, and its sums stay the same.
    keys : of whom the who half means, where they are known to be few.
    """
    compiler = Compiler(selection, view.vocabulary, dimensions)
    who = f"who as (\n    {compiler.who() if keys is None else compiler.those(keys)}\n)"
    return compiler.statement(who, compiler.customers_within)


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
        days, before = self.selection.spans()
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
            tests.append(condition_sql(condition, key, self.bind))
        return tests

    def who(self) -> str:
        """Who is meant, whatever they bought."""
        selection = self.selection
        tests = self.all_of(selection.who)
        if selection.q:
            tests.append(search_sql(selection.q, self.bind))
        if selection.box:
            tests.append(box_sql(selection.box, self.bind))
        if selection.lasso:
            tests.append(lasso_sql(selection.lasso, self.bind))
        where = f"\n    where {_and(tests)}" if tests else ""
        return f"select customers.customer_key\n    from marts.customers as customers{where}"

    def those(self, keys: Sequence[int]) -> str:
        """Customers by their keys."""
        return f"select unnest({self.bind(list(keys))}::integer[]) as customer_key"

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
        about = self.vocabulary.about
        if about.n_later:  # a line of the future is nobody's purchase yet
            last_day = self.bind(about.last_day)
            tests.append(f"(lines.purchased_on <= {last_day} or lines.purchased_on is null)")
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
