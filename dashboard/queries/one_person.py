"""The ledger of one person: what its months come to, what is forecast, what is paid again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dashboard.formatting import Formatter
from dashboard.queries.kpi import Kpi, against, valued, without_value
from dashboard.queries.kpi_sums import measure
from dashboard.queries.trend import trend
from dashboard.selection import Selection

if TYPE_CHECKING:
    from dashboard.reader import View

Row = dict[str, Any]


def figures(view: "View", selection: Selection, board: Sequence[Kpi]) -> list[Kpi]:
    """The key figures of a ledger, what was spent first.

    Parameters
    ----------
    board : those of a shop with the same selection; what both have is taken from there.
    """
    known = {kpi.name: kpi for kpi in board}
    ledger = _Ledger(view, selection)
    # Whether more was spent is no judgement of ours, and no list of customers is behind it.
    spent = replace(known["revenue"], title="Spent", judgement=None, query=selection.query())
    purchase = replace(known["average_order"], title="Average purchase", judgement=None,
                       note=ledger.purchases(), query=selection.query())  # fmt: skip
    if not view.vocabulary.about.has_dates:
        return [spent, purchase]
    return [
        spent, ledger.latest_month(), ledger.average_month(), ledger.year(),
        ledger.forecast(), purchase, ledger.recurring(),
    ]  # fmt: skip


def forecasts(view: "View") -> list[Row]:
    """The forecast that holds, of months that the data do not know the whole of.

    ``series``, ``category``, ``month``, ``expected``, both bounds, ``as_of`` and ``model``.
    """
    rows: list[Row] = view.cached(("ledger", "forecasts"), lambda: view.rows(
        "select series, category, month, expected, lower, upper, as_of, model"
        " from marts.forecasts"
        " where as_of = (select max(as_of) from marts.forecasts)"
        " and last_day(month) > $last_day order by month, expected desc, category",
        {"last_day": view.vocabulary.about.last_day},
    ))  # fmt: skip
    return rows


def age(view: "View", rows: Sequence[Row], formatter: Formatter) -> str:
    """``as of 30 Sep 2019``, where purchases have come since a forecast was made; else empty."""
    last = view.vocabulary.about.last_day
    made = rows[0]["as_of"]
    return "" if last is None or made >= last else f"as of {formatter.date(made)}"


def recurring(view: "View") -> list[Row]:
    """Payments that are still made, the next one first, as marts.recurring_payments has them."""
    rows: list[Row] = view.cached(("ledger", "recurring"), lambda: view.rows(
        "select payee, category, period, typical_amount, yearly_amount, next_due_on, status"
        " from marts.recurring_payments where status in ('active', 'overdue')"
        " order by next_due_on, payee"
    ))  # fmt: skip
    return rows


@dataclass(frozen=True)
class _Ledger:
    """Measures and words the figures of one selection."""

    view: "View"
    selection: Selection

    @property
    def formatter(self) -> Formatter:
        return Formatter(self.view.vocabulary.about.currency)

    def purchases(self) -> str:
        """How many there were."""
        number = measure(self.view, self.selection).now.n_orders
        return f"of {self.formatter.count(number)} purchase{'' if number == 1 else 's'}"

    def latest_month(self) -> Kpi:
        """The month in which the data end, against as many days of the month before."""
        about = self.view.vocabulary.about
        assert about.last_day is not None
        first, last = about.last_day.replace(day=1), about.last_day
        is_whole = (last + timedelta(days=1)).day == 1
        kpi = self._of_days(f"{first:%b %Y}" if is_whole else f"{first:%b %Y} so far", first, last)
        before = first - timedelta(days=1)
        until = before if is_whole else min(before.replace(day=1) + (last - first), before)
        if about.first_day is None or about.first_day > before.replace(day=1):
            return kpi
        kpi = against(kpi, float(self._spent(before.replace(day=1), until)), self.formatter)
        then = "in" if is_whole else "by then in"
        return replace(kpi, judgement=None, previous_text=f"{kpi.previous_text} {then} {before:%B}")

    def average_month(self) -> Kpi:
        """Mean of the whole months of the selection."""
        kpi = Kpi("average_month", "Average month", "currency", query=self.selection.query())
        # The trend ends where the data do: what nobody has written down is no month of 0.
        months = trend(self.view, self.selection, "month").buckets
        whole = [month for month in months if month.is_whole]
        if not whole:
            return without_value(kpi, "no whole month in this period", "not enough history")
        mean = float(sum((b.revenue for b in whole), Decimal(0))) / len(whole)
        note = f"of {len(whole)} whole month{'' if len(whole) == 1 else 's'}"
        return replace(valued(kpi, mean, self.formatter), note=note)

    def year(self) -> Kpi:
        """The last 365 days against those before."""
        about = self.view.vocabulary.about
        assert about.last_day is not None
        last = about.last_day
        first = last - timedelta(days=364)
        kpi = replace(self._of_days("Last 365 days", first, last), name="year")
        earlier = first - timedelta(days=365)
        if about.first_day is None or about.first_day > earlier:
            return kpi
        before = self._spent(earlier, first - timedelta(days=1))
        return replace(against(kpi, float(before), self.formatter), judgement=None)

    def forecast(self) -> Kpi:
        """What the next month, or the one that has begun, is expected to come to, in all."""
        kpi = Kpi("forecast", "Forecast", "currency", query=self.selection.query())
        rows = forecasts(self.view)
        total = next((row for row in rows if row["series"] == "total"), None)
        if total is None:
            return without_value(kpi, "no month to come is forecast: run spendboard refresh")
        kpi = replace(kpi, title=f"Forecast, {total['month']:%b %Y}")
        note = "no interval: that takes tests in nine months, and it has fewer"
        if total["upper"] is not None:
            note = f"{interval(total, self.formatter)} with 90 % probability"
        since = age(self.view, rows, self.formatter)
        note = self._of_all(f"{note}, {since}" if since else note) + self._so_far(total)
        return replace(valued(kpi, total["expected"], self.formatter), note=note)

    def _so_far(self, total: Row) -> str:
        """What the month that is forecast has come to already; empty where it has not begun.

        The forecast is made from whole months, so it does not know of these days.
        """
        last = self.view.vocabulary.about.last_day
        if last is None or total["month"] > last:
            return ""
        whole = self.selection.everybody().replacing(period=f"{total['month']}..{last}")
        spent = measure(self.view, whole).now.revenue
        said = f"{self.formatter.money(spent)} spent so far"
        return f"; exceeded already: {said}" if spent > total["expected"] else f"; {said}"

    def recurring(self) -> Kpi:
        """What payments that come again cost in a month."""
        kpi = Kpi("recurring", "Recurring, a month", "currency", query=self.selection.query())
        rows = recurring(self.view)
        note = "no payment comes again and again"
        if rows:
            note = f"{len(rows)} payment{'' if len(rows) == 1 else 's'}"
            due = [row["next_due_on"] for row in rows if row["status"] == "active"]
            note += f", next due {self.formatter.date(due[0])}" if due else ""
            note += f", {len(rows) - len(due)} overdue" if len(due) < len(rows) else ""
        monthly = float(sum((row["yearly_amount"] for row in rows), Decimal(0)) / 12)
        return replace(valued(kpi, monthly, self.formatter), note=self._of_all(note))

    def _of_all(self, note: str) -> str:
        """A note on what knows of no filters, which says so where some narrow the purchases."""
        everything = self.selection.replacing(period=None, compare=None)
        is_narrowed = everything.lens.filters or everything.lens.totals
        return f"of the whole ledger, {note}" if is_narrowed else note

    def _of_days(self, title: str, first: date, last: date) -> Kpi:
        kpi = Kpi("latest_month", title, "currency", query=self._in(first, last).query())
        return valued(kpi, float(self._spent(first, last)), self.formatter)

    def _spent(self, first: date, last: date) -> Decimal:
        return measure(self.view, self._in(first, last)).now.revenue

    def _in(self, first: date, last: date) -> Selection:
        """The same purchases in other days."""
        return self.selection.replacing(period=f"{first}..{last}", compare=None)


def interval(row: Row, formatter: Formatter) -> str:
    """``₹3,909 to ₹8,685``; empty where none was tested."""
    if row["upper"] is None:
        return ""
    return f"{formatter.money(row['lower'])} to {formatter.money(row['upper'])}"
