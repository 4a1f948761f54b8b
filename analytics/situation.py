"""What a workspace holds, which questions it can answer, and as of which day."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

import duckdb

from analytics.frames import History, history
from warehouse import label_columns
from warehouse.configuration import Settings
from warehouse.errors import NoDataError, UsageError
from warehouse.label_columns import LabelColumns
from warehouse.publishing import as_of_today

Kind = Literal["dated", "undated", "table", "nobody"]
QUESTIONS = ("spend", "churn", "risk", "clusters")
LONGEST_HORIZON_DAYS = 3650

ANSWERS: dict[Kind, tuple[str, ...]] = {
    "dated": QUESTIONS,
    "undated": ("risk", "clusters"),
    "table": ("clusters",),
    "nobody": (),
}
# Where nothing happens in time, a table of customers may say what became of them.
LABELLED: tuple[Kind, ...] = ("undated", "table")
_MISSING: dict[Kind, str] = {
    "dated": "",
    "undated": "No transaction has a date, so nothing can be said about the days to come.",
    "table": "There are no transactions of these customers, only a table of them.",
    "nobody": "No transaction names a customer.",
}


@dataclass(frozen=True)
class Situation:
    """Parameters
    ----------
    kind : ``dated`` transactions; an ``undated`` ledger; a ``table`` of customers without
        transactions; or transactions of ``nobody``.
    as_of : last day that counts, inclusive; None without dates.
    horizon_days : how far the scores look ahead.
    history : what there is up to ``as_of``.
    own_views : digest of the feature views that the workspace brings itself; empty without any.
    labels : what a table of customers says of the outcome; empty beside purchases with dates.
    """

    kind: Kind
    as_of: date | None
    horizon_days: int
    history: History
    own_views: str = ""
    labels: LabelColumns = field(default_factory=LabelColumns)

    def answers(self, question: str) -> bool:
        """Whether the data can answer the question at all."""
        return question in ANSWERS[self.kind] or question in self.labels.labels

    def lacks(self, question: str) -> str:
        """Why the question cannot be answered, in a sentence or two."""
        if self.kind not in LABELLED or question not in label_columns.QUESTIONS:
            return self.missing
        whose = "its columns" if self.kind == "table" else "the columns of the customers"
        return f"{self.missing} None of {whose} is known as a label of {question}."

    @property
    def missing(self) -> str:
        """Why some questions cannot be answered, in a sentence; empty if all can."""
        return _MISSING[self.kind]


def horizon(settings: Settings, wanted: int | None) -> int:
    """The horizon that is meant, in days.

    Raises
    ------
    UsageError : ``wanted`` is not between 1 and 3,650.
    """
    days = settings.horizon_days if wanted is None else wanted
    if not 1 <= days <= LONGEST_HORIZON_DAYS:
        raise UsageError(
            "the horizon must be a number of days ahead",
            found=f"{days} days",
            fix=f"name a horizon between 1 and {LONGEST_HORIZON_DAYS} days, such as 30",
        )
    return days


def look(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    as_of: date | None,
    horizon_days: int,
    own_views: str = "",
) -> Situation:
    """See what there is.

    Parameters
    ----------
    as_of : the day that the user asks for; None: the last day with a purchase.

    Raises
    ------
    NoDataError : the workspace holds neither transactions nor customers.
    UsageError : ``as_of`` lies in the future, before the first purchase, or means nothing here.
    """
    default = as_of_today(con, settings)
    if as_of is not None:
        _check(con, settings, as_of, default)
    day = as_of or default
    found = history(con, day)
    if not found.n_customers and not found.n_without_customer and not found.n_lines:
        raise NoDataError(
            "there is nothing to refresh: no transactions and no customers",
            fix="load some first: spendboard load FILE",
        )
    kind = _kind(found)
    labels = label_columns.find(con, settings.labels) if kind in LABELLED else LabelColumns()
    return Situation(kind, day, horizon_days, found, own_views, labels)


def _kind(found: History) -> Kind:
    if found.n_buyers:
        return "dated"
    if found.n_lines:
        return "undated"
    return "table" if found.n_customers else "nobody"


def _check(
    con: duckdb.DuckDBPyConnection, settings: Settings, as_of: date, default: date | None
) -> None:
    """Refuse a day at which nothing can be known."""
    if default is None:
        raise UsageError(
            f"as of {as_of} means nothing here: no purchase has a date",
            fix="leave --as-of out",
        )
    today = datetime.now(settings.zone).date()
    if as_of > today:
        raise UsageError(
            f"as of {as_of} lies in the future",
            found=f"today is {today}, the last purchase is of {default}",
            fix=f"leave --as-of out, or name a day up to {today}",
        )
    if not history(con, as_of).n_buyers:
        first = history(con, default).first_day
        raise UsageError(
            f"as of {as_of} no customer has bought anything yet",
            found=f"the first purchase of a customer is of {first}" if first else None,
            fix=f"name a day from {first} to {default}" if first else "leave --as-of out",
        )
