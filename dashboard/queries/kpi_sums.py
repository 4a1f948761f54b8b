"""What the KPIs are made of: every sum of a selection in one statement."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from dashboard.period import Days
from dashboard.queries.parts import is_inside, part_of
from dashboard.queries.selected import Statement, selected, without_customer
from dashboard.selection import Selection
from dashboard.vocabulary import About

if TYPE_CHECKING:
    from dashboard.reader import View

RISK_DAYS: Final = 365  # whose spend is at risk: what a year would miss


@dataclass(frozen=True)
class Purchases:
    """What was bought within some days.

    Parameters
    ----------
    revenue : net sum, currency, exact.
    n_active : customers with at least one order that has a positive purchase.
    n_repeat : customers with at least two of them.
    n_orders : orders with a positive total.
    paid : sum of those totals, currency.
    """

    revenue: Decimal
    n_active: int
    n_repeat: int
    n_orders: int
    paid: Decimal

    @property
    def average_order(self) -> float | None:
        """Mean of positive order totals; ``None`` without one."""
        return float(self.paid / self.n_orders) if self.n_orders else None

    @property
    def repeat_rate(self) -> float | None:
        """Share of active customers with at least two orders; ``None`` without one."""
        return self.n_repeat / self.n_active if self.n_active else None


@dataclass(frozen=True)
class Customers:
    """What is known of the selected customers as of the generation, whatever the lens.

    Parameters
    ----------
    n_scored, expected : customers with an expected spend, and its sum.
    n_rated, n_leaving : customers with a churn band, and in the high one.
    at_risk : what those spent in the 365 days up to the as-of day; ``None`` without dates.
    n_asked, n_consenting, n_reachable : consent known, given, and given with an address.
    """

    n_customers: int
    n_scored: int
    expected: Decimal
    n_rated: int
    n_leaving: int
    at_risk: Decimal | None
    n_asked: int
    n_consenting: int
    n_reachable: int


@dataclass(frozen=True)
class Sums:
    """All of it; ``buckets`` in order are equal parts of the period, or months of all the data."""

    now: Purchases
    before: Purchases | None
    customers: Customers
    buckets: tuple[Purchases | None, ...]
    days: Days | None
    days_before: Days | None
    unattributed: Decimal | None
    unattributed_before: Decimal | None


def measure(view: "View", selection: Selection) -> Sums:
    """Sums of ``selection``, asked once a generation."""
    return view.cached(("kpi sums", selection.meaning()), lambda: _measured(view, selection))


def _measured(view: "View", selection: Selection) -> Sums:
    statement = selected(selection, view)
    about = view.vocabulary.about
    index, n_buckets = part_of(statement.days, about)
    steps = [_purchases(""), _customers(statement), _at_risk(about), _buckets(index)]
    columns = [
        "(select now from now) as now",
        "(select known from known) as known",
        "(select paid from at_risk) as at_risk",
        "(select list(bucket order by place) from buckets) as buckets",
    ]
    if statement.has_before:
        steps.append(_purchases("_before"))
        columns.append("(select now_before from now_before) as before")
    shown = ",\n    ".join(columns)
    parameters = statement.parameters | _risk_days(about)
    row = view.rows(",\n".join([statement.ctes, *steps]) + f"\nselect\n    {shown}", parameters)[0]
    without, without_before = _unattributed(view, selection)
    return Sums(
        now=_read(row["now"]),
        before=_read(row["before"]) if statement.has_before else None,
        customers=Customers(**_struct(row["known"]), at_risk=_exact(row["at_risk"], about)),
        buckets=_placed(row["buckets"], n_buckets, statement.days, about),
        days=statement.days,
        days_before=statement.days_before,
        unattributed=without,
        unattributed_before=without_before,
    )


def _purchases(suffix: str) -> str:
    """``now``: one struct."""
    return f"""paid{suffix} as (
    select
        count(*) filter (where revenue > 0) as n_orders,
        coalesce(sum(revenue) filter (where revenue > 0), 0) as paid
    from whole_orders{suffix}
),
bought{suffix} as (
    select
        coalesce(sum(spend_in_period), 0) as revenue,
        count(*) filter (where orders_in_period > 0) as n_active,
        count(*) filter (where orders_in_period > 1) as n_repeat
    from selected{suffix}
),
now{suffix} as (
    select {{
        'revenue': bought.revenue, 'n_active': bought.n_active, 'n_repeat': bought.n_repeat,
        'n_orders': paid.n_orders, 'paid': paid.paid
    }} as now{suffix}
    from bought{suffix} as bought
    cross join paid{suffix} as paid
)"""


def _customers(statement: Statement) -> str:
    """``known``: one struct of what is known of the customers, and ``chosen``."""
    return f"""chosen as (
    select
        customers.customer_key,
        customers.expected_spend,
        customers.churn_band,
        customers.consent,
        coalesce(customers.suppressed, false) as is_suppressed,
        customers.email is not null or customers.phone is not null as has_address
    from {statement.customers} as meant
    inner join marts.customers as customers on meant.customer_key = customers.customer_key
),
known as (
    select {{
        'n_customers': count(*),
        'n_scored': count(expected_spend),
        'expected': coalesce(sum(expected_spend), 0),
        'n_rated': count(churn_band),
        'n_leaving': count(*) filter (where churn_band = 'high'),
        'n_asked': count(consent),
        'n_consenting': count(*) filter (where consent),
        'n_reachable': count(*) filter (where consent and has_address and not is_suppressed)
    }} as known
    from chosen
)"""


def _at_risk(about: About) -> str:
    """Spend of a year by those who are likely to leave: all their orders, whatever the lens."""
    within = "purchased_on > $risk_after and purchased_on <= $risk_until"
    if about.as_of is None:
        within = "false"
    return f"""at_risk as (
    select coalesce(sum(revenue), 0) as paid
    from marts.orders
    where {within}
        and customer_key in (select customer_key from chosen where churn_band = 'high')
)"""


def _risk_days(about: About) -> dict[str, object]:
    if about.as_of is None:
        return {}
    after = date.fromordinal(max(1, about.as_of.toordinal() - RISK_DAYS))
    return {"risk_after": after, "risk_until": about.as_of}


def _buckets(index: str) -> str:
    """The same measures by equal parts of the period."""
    return f"""orders_placed as (
    select {index} as place, customer_key, revenue as total, has_purchase as bought
    from lines
    where is_whole and purchased_on is not null
    union all
    select place, customer_key, total, bought
    from (
        select
            {index} as place,
            customer_key,
            order_key,
            sum(revenue) as total,
            bool_or(has_purchase) as bought
        from lines
        where not is_whole and purchased_on is not null
        group by all
    )
),
sums_placed as (
    select
        place,
        sum(total) as revenue,
        count(*) filter (where total > 0) as n_orders,
        coalesce(sum(total) filter (where total > 0), 0) as paid
    from orders_placed
    group by place
),
buyers_placed as (
    -- Nothing but a count: there are nearly as many groups here as orders.
    select place, count(*) as n_bought
    from orders_placed
    where bought
    group by place, customer_key
),
counts_placed as (
    select place, count(*) as n_active, count(*) filter (where n_bought > 1) as n_repeat
    from buyers_placed
    group by place
),
buckets as (
    select
        sums.place,
        {{
            'place': sums.place,
            'revenue': sums.revenue,
            'n_active': coalesce(counts.n_active, 0),
            'n_repeat': coalesce(counts.n_repeat, 0),
            'n_orders': sums.n_orders,
            'paid': sums.paid
        }} as bucket
    from sums_placed as sums
    left join counts_placed as counts on sums.place = counts.place
)"""


def _placed(found: object, n: int, days: Days | None, about: About) -> tuple[Purchases | None, ...]:
    """Buckets in order: nothing bought is 0, a part that lies outside the data is ``None``."""
    listed = found if isinstance(found, list) else []
    by_place = {int(bucket.pop("place")): _read(bucket) for bucket in listed}
    nothing = Purchases(Decimal(0), 0, 0, 0, Decimal(0))
    return tuple(
        by_place.get(place, nothing) if is_inside(place, n, days, about) else None
        for place in range(n)
    )


def _unattributed(view: "View", selection: Selection) -> tuple[Decimal | None, Decimal | None]:
    """Revenue of lines without a customer, while nothing narrows who; else nothing."""
    if selection.narrows_who or selection.lens.totals:
        return None, None
    if not view.vocabulary.about.n_transactions_without_customer:
        return None, None
    statement = without_customer(selection, view)
    before = _revenue(view, statement, "lines_before") if statement.has_before else None
    return _revenue(view, statement, "lines"), before


def _revenue(view: "View", statement: Statement, lines: str) -> Decimal:
    sql = f"{statement.ctes}\nselect coalesce(sum(revenue), 0) as revenue from {lines}"
    return Decimal(str(view.rows(sql, statement.parameters)[0]["revenue"]))


def _exact(value: object, about: About) -> Decimal | None:
    return None if about.as_of is None or not about.has_dates else Decimal(str(value))


def _struct(value: object) -> dict[str, Any]:
    assert isinstance(value, dict)
    return value


def _read(value: object) -> Purchases:
    return Purchases(**_struct(value))
