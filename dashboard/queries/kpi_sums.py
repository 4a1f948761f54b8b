"""What the KPIs are made of: every sum of a selection in one statement."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dashboard.period import Days, reaches_back
from dashboard.queries import held_sums
from dashboard.queries.held import known, known_of, tallied
from dashboard.queries.held_arrays import Held
from dashboard.queries.held_reading import RISK_DAYS
from dashboard.queries.kpi_steps import CUSTOMERS, at_risk, buckets, groups, purchases
from dashboard.queries.parts import is_inside, part_of
from dashboard.queries.selected import Statement, selected, without_customer
from dashboard.selection import Selection
from dashboard.vocabulary import About

if TYPE_CHECKING:
    from dashboard.reader import View

Row = dict[str, Any]
__all__ = ["RISK_DAYS", "Customers", "Purchases", "Sums", "measure"]


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
    """All of it.

    Parameters
    ----------
    buckets : in order, equal parts of the period, or months of all the data.
    groups : one row a persona: ``persona``, ``customers``, ``revenue``, ``buyers``, ``churn_risk``
        and ``before``, as :class:`dashboard.queries.segments.Share` has them.
    """

    now: Purchases
    before: Purchases | None
    customers: Customers
    buckets: tuple[Purchases | None, ...]
    days: Days | None
    days_before: Days | None
    unattributed: Decimal | None
    unattributed_before: Decimal | None
    groups: tuple[Row, ...] = ()


def measure(view: "View", selection: Selection) -> Sums:
    """Sums of ``selection``, asked once a generation."""

    def ask() -> Sums:
        held = known(view, selection)
        return _measured(view, selection) if held is None else _added(view, selection, held)

    return view.cached(("kpi sums", selection.meaning()), ask)


def _added(view: "View", selection: Selection, held: Held) -> Sums:
    """The sums from what the server holds."""
    about = view.vocabulary.about
    days, days_before = selection.spans()
    now = tallied(view, selection, held, days)
    before = None if days_before is None else tallied(view, selection, held, days_before)
    earlier = before if reaches_back(days, days_before, about) else None
    everyone, groups = known_of(view, selection, held)
    nobodys = _counts_nobody(view, selection)
    return Sums(
        now=Purchases(**now.whole),
        before=Purchases(**before.whole) if before else None,
        customers=Customers(**everyone | {"at_risk": _exact(everyone["at_risk"], about)}),
        buckets=tuple(
            Purchases(**part) if is_inside(place, len(now.parts), days, about) else None
            for place, part in enumerate(now.parts)
        ),
        days=days,
        days_before=days_before,
        unattributed=held_sums.unattributed(held, days) if nobodys else None,
        unattributed_before=held_sums.unattributed(held, days_before)
        if nobodys and days_before
        else None,
        groups=tuple(held_sums.personas(groups, now, earlier)),
    )


def _measured(view: "View", selection: Selection) -> Sums:
    statement = selected(selection, view)
    about = view.vocabulary.about
    index, n_buckets = part_of(statement.days, about)
    has_before = reaches_back(statement.days, statement.days_before, about)
    steps = [purchases(""), CUSTOMERS, at_risk(about), buckets(index), groups(has_before)]
    columns = [
        "(select now from now) as now",
        "(select known from known) as known",
        "(select paid from at_risk) as at_risk",
        "(select list(bucket order by place) from buckets) as buckets",
        "(select list(one) from groups) as groups",
    ]
    if statement.has_before:
        steps.append(purchases("_before"))
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
        groups=tuple(map(_struct, row["groups"] if isinstance(row["groups"], list) else ())),
    )


def _risk_days(about: About) -> dict[str, object]:
    if about.as_of is None:
        return {}
    after = date.fromordinal(max(1, about.as_of.toordinal() - RISK_DAYS))
    return {"risk_after": after, "risk_until": about.as_of}


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
    if not _counts_nobody(view, selection):
        return None, None
    statement = without_customer(selection, view)
    before = _revenue(view, statement, "lines_before") if statement.has_before else None
    return _revenue(view, statement, "lines"), before


def _counts_nobody(view: "View", selection: Selection) -> bool:
    """Whether there are lines without a customer, and nothing narrows who."""
    is_narrowed = selection.narrows_who or selection.lens.totals
    return bool(view.vocabulary.about.n_transactions_without_customer) and not is_narrowed


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
