"""The board of key figures; Overview and the wall show the same objects.

Definitions, within the selection:

- revenue: net sum of purchases and refunds in the period; the sum of ``spend_in_period``.
- active customers: at least one order with a positive purchase in the period.
- average order: mean of positive order totals in the period.
- repeat rate: active customers with at least two such orders, over active customers.
- expected spend: sum of ``expected_spend`` over the horizon.
- revenue at risk: what customers in churn band high spent in the 365 days up to the as-of day.
- at high churn risk: customers in churn band high; only where no purchases are loaded.
- reachable: consent given, not suppressed, e-mail or phone known.

The last three speak of customers as of the generation, never of the period. A target is the whole
business's, so it is shown only while no filter narrows the customers, and, where the setting names
a period, only for that period.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from dashboard.formatting import Formatter
from dashboard.period import is_outside
from dashboard.queries.kpi import Kpi, against, aimed, valued, without_value
from dashboard.queries.kpi_sums import RISK_DAYS, Purchases, Sums, measure
from dashboard.queries.vocabulary import SCORES
from dashboard.selection import Selection
from dashboard.vocabulary import About
from warehouse.configuration import KpiName, Settings

if TYPE_CHECKING:
    from dashboard.reader import View

__all__ = ["Kpi", "board"]

SUMMED = "sum of customers' scores"


def board(view: "View", selection: Selection, settings: Settings) -> list[Kpi]:
    """The key figures of ``selection``, revenue first.

    Revenue without a customer stands last, while nothing narrows who and there is any.
    """
    maker = _Board(view, selection, settings, measure(view, selection))
    made = [*maker.purchases(), maker.expected(), maker.at_risk(), maker.reachable()]
    if not maker.about.has_transactions:
        made.append(maker.leaving())
    made += maker.unattributed()
    return [maker.aimed(kpi) for kpi in made]


def of_scores(view: "View", selection: Selection, settings: Settings) -> list[Kpi]:
    """The figures of ``board`` that rest on scores alone, as far as there are any."""
    maker = _Board(view, selection, settings, measure(view, selection))
    made = [maker.expected(), maker.leaving()]
    return [maker.aimed(kpi) for kpi in made if kpi.value is not None]


def short_of(note: str) -> str:
    """Why a figure has no value, from the note of a model that has too little."""
    short = note.removeprefix("Not enough history to judge: ")
    # A note that is a sentence of its own gives another reason than too little history.
    return note if short == note and note.endswith(".") else f"not enough history: {short}"


def without_score(n_customers: int, formatter: Formatter) -> str:
    """How many of the customers have no score, as the notes of figures say it."""
    return f"{formatter.count(n_customers)} without a score"


class _Board:
    """Words the sums of one selection."""

    def __init__(self, view: "View", selection: Selection, settings: Settings, sums: Sums) -> None:
        self.view = view
        self.selection = selection
        self.settings = settings
        self.sums = sums
        self.about: About = view.vocabulary.about
        self.formatter = Formatter(self.about.currency)

    def purchases(self) -> list[Kpi]:
        """The figures that follow the lens."""
        active = self._behind(orders_in_period="1..", sort="-spend_in_period")
        of_selected = f"of {self.formatter.count(self.sums.customers.n_customers)} selected"
        figures: list[tuple[Kpi, Callable[[Purchases], float | None]]] = [
            (Kpi("revenue", "Revenue", "currency",
                 query=self._behind(sort="-spend_in_period")), lambda p: float(p.revenue)),
            (Kpi("active_customers", "Active customers", "count", note=of_selected, query=active),
             lambda p: p.n_active),
            (Kpi("average_order", "Average order", "currency", query=active),
             lambda p: p.average_order),
            (Kpi("repeat_rate", "Repeat rate", "ratio", note="with two orders or more",
                 query=self._behind(orders_in_period="2..", sort="-orders_in_period")),
             lambda p: p.repeat_rate),
        ]  # fmt: skip
        return [self._followed(kpi, of) for kpi, of in figures]

    def _followed(self, kpi: Kpi, of: Callable[[Purchases], float | None]) -> Kpi:
        """One figure of the lens, with its comparison and its sparkline."""
        if not self.about.has_transactions:
            return without_value(kpi, "no transactions are loaded")
        if is_outside(self.sums.days, self.about):
            return without_value(kpi, f"no data in these days, only {self._data_days()}")
        value = of(self.sums.now)
        if value is None:
            # Who got all of it back has ordered all the same, and is counted beside this figure.
            has_orders = self.sums.now.n_active > 0
            none = f"no order above {self.formatter.money(0)} after refunds"
            return without_value(kpi, none if has_orders else "no orders in the period")
        spark = tuple(None if bucket is None else of(bucket) for bucket in self.sums.buckets)
        kpi = replace(valued(kpi, value, self.formatter), spark=spark)
        return self._compared(kpi, of(self.sums.before) if self.sums.before else None)

    def _data_days(self) -> str:
        """The days of the data, in words."""
        assert self.about.first_day is not None
        assert self.about.last_day is not None
        return self.formatter.span(self.about.first_day, self.about.last_day)

    def expected(self) -> Kpi:
        """Sum of expected spend over the horizon."""
        customers = self.sums.customers
        title = "Expected spend"
        if self.about.has_dates:
            title = f"Expected, next {self.formatter.days(self.about.horizon_days)}"
        query = self._behind(sort="-expected_spend")
        kpi = Kpi("expected_spend", title, "currency", query=query)
        # Said, because such a sum is no forecast: who is not a customer yet is not in it.
        kpi = replace(valued(kpi, float(customers.expected), self.formatter), note=SUMMED)
        return self._scored(kpi, customers.n_scored, "spend")

    def at_risk(self) -> Kpi:
        """A year's spend of those who are likely to leave."""
        customers = self.sums.customers
        leaving = self.formatter.count(customers.n_leaving)
        note = f"{leaving} at high churn risk, their spend of {RISK_DAYS} days"
        query = self._behind(churn_band="high", sort="-churn_risk")
        kpi = Kpi("revenue_at_risk", "Revenue at risk", "currency", note=note, query=query)
        if not self.about.has_transactions:
            return without_value(kpi, "no transactions are loaded")
        if customers.at_risk is None:
            return without_value(kpi, "the data have no dates")
        kpi = valued(kpi, float(customers.at_risk), self.formatter)
        return self._scored(kpi, customers.n_rated, "churn")

    def leaving(self) -> Kpi:
        """How many are likely to leave: of a table that knows no spend of theirs."""
        customers = self.sums.customers
        query = self._behind(churn_band="high", sort="-churn_risk")
        of_selected = f"of {self.formatter.count(customers.n_customers)} selected"
        kpi = Kpi("leaving_customers", "At high churn risk", "count", note=of_selected, query=query)
        kpi = valued(kpi, customers.n_leaving, self.formatter)
        return self._scored(kpi, customers.n_rated, "churn")

    def reachable(self) -> Kpi:
        """Who may be written to, and can be."""
        customers = self.sums.customers
        kpi = Kpi("reachable", "Reachable", "count", query=self._behind(reachable="yes"))
        if customers.n_customers and not customers.n_asked:
            return without_value(kpi, "no consent data")
        notes = []
        if customers.n_asked:
            share = customers.n_consenting / customers.n_asked
            notes.append(f"{self.formatter.percent(share)} consented")
        unknown = customers.n_customers - customers.n_asked
        if unknown:
            notes.append(f"{self.formatter.count(unknown)} never asked")
        kpi = replace(kpi, note=", ".join(notes))
        return valued(kpi, customers.n_reachable, self.formatter)

    def unattributed(self) -> list[Kpi]:
        """Revenue of lines that no customer can be given to, as a line of its own."""
        value, before = self.sums.unattributed, self.sums.unattributed_before
        if value is None or is_outside(self.sums.days, self.about):
            return []
        kpi = Kpi(
            "revenue_without_customer",
            "Revenue without a customer",
            "currency",
            note="in no customer's number",
            query=self.selection.query(),
        )
        kpi = valued(kpi, float(value), self.formatter)
        return [self._compared(kpi, None if before is None else float(before))]

    def aimed(self, kpi: Kpi) -> Kpi:
        """The same with its target, where one applies."""
        aim = self.settings.kpis.get(cast("KpiName", kpi.name))
        if aim is None or not self.selection.is_everybody:
            return kpi
        if aim.period is not None and aim.period != self.selection.lens.period.text():
            return kpi
        return aimed(kpi, aim, self.formatter)

    def _scored(self, kpi: Kpi, n_scored: int, question: str) -> Kpi:
        """A figure that rests on scores: none of them, too little history, or some missing."""
        # First what the model says: a refresh may have run and found nothing to learn from.
        short_of = self._short_history(question)
        if short_of is not None:
            return without_value(kpi, short_of, "not enough history")
        # Scores of a table without dates are as of no day.
        if self.about.scores_as_of is None and not self._serves(question):
            return without_value(kpi, "not scored yet: run spendboard refresh")
        n_customers = self.sums.customers.n_customers
        if n_customers and not n_scored:
            return without_value(kpi, "none of these customers has a score")
        missing = n_customers - n_scored
        if missing:
            without = without_score(missing, self.formatter)
            kpi = replace(kpi, note=f"{kpi.note}, {without}" if kpi.note else without)
        as_of, scores_as_of = self.about.as_of, self.about.scores_as_of
        if as_of is not None and scores_as_of is not None and scores_as_of < as_of:
            age = f"scored on {self.formatter.date(scores_as_of)}"
            kpi = replace(kpi, note=f"{kpi.note}, {age}" if kpi.note else age)
        return kpi

    def _serves(self, question: str) -> bool:
        """Whether a model answers the question."""

        def ask() -> bool:
            found = self.view.rows(
                "select champion from marts.model_runs"
                " where question = $question and champion is not null",
                {"question": question},
            )
            return bool(found)

        return self.view.fact(("serves", question), ask)

    def _short_history(self, question: str) -> str | None:
        """What the model says it lacks; ``None`` where it has enough."""
        note = self.view.vocabulary.withheld.get(SCORES[question][0])
        return None if note is None else short_of(note)

    def _compared(self, kpi: Kpi, previous: float | None) -> Kpi:
        """The same against the compared days; those before the first day of data say nothing."""
        days, first = self.sums.days_before, self.about.first_day
        if days is None or first is None:
            return kpi
        if days.first < first:
            return replace(kpi, reason=f"no data before {self.formatter.date(first)}")
        return against(kpi, previous, self.formatter)

    def _behind(self, **keys: str) -> str:
        """Query of the customers behind a figure; conditions of the selection itself stay."""
        mine = {condition.key for condition in (*self.selection.who, *self.selection.lens.totals)}
        wanted: dict[str, str | None] = {k: v for k, v in keys.items() if k not in mine}
        return self.selection.query_with(**wanted, page=None)
