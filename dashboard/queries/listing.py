"""A list of customers: which columns, in which order. The grid and the export share it, so that
the rows on the screen are the rows of the file.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from dashboard.queries.selected import Statement, selected
from dashboard.queries.vocabulary import quoted
from dashboard.selection import Selection
from dashboard.vocabulary import Vocabulary

if TYPE_CHECKING:
    from dashboard.reader import View

DEFAULT_COLUMNS: Final = (
    "customer_id", "persona", "cluster", "risk_band", "churn_band", "value_band", "recency_days",
    "frequency", "monetary", "spend_in_period", "orders_in_period", "expected_spend",
    "churn_risk", "pca_1", "pca_2",
)  # fmt: skip


def columns_of(selection: Selection, vocabulary: Vocabulary) -> tuple[str, ...]:
    """The columns that the selection names, else the default ones that the data have."""
    if selection.columns:
        return selection.columns
    return tuple(name for name in DEFAULT_COLUMNS if name in vocabulary.columns)


def sort_of(selection: Selection, vocabulary: Vocabulary) -> tuple[str, ...]:
    """The sort keys that apply, a leading ``-`` for descending; never empty."""
    return selection.sort or vocabulary.usual_order


def order_by(selection: Selection, vocabulary: Vocabulary) -> str:
    """The total order as SQL: the sort keys, missing values last, then ``customer_id``."""
    terms = []
    for key in sort_of(selection, vocabulary):
        column = vocabulary.columns[key.removeprefix("-")]
        way = "desc" if key.startswith("-") else "asc"
        terms.append(f"{column.expression} {way} nulls last")
    return ", ".join([*terms, f"{vocabulary.columns['customer_id'].expression} asc"])


def listing(
    view: "View", selection: Selection, columns: Sequence[str], keys: Sequence[int] | None = None
) -> Statement:
    """``select`` of ``columns``, one row a customer of the selection, in the total order.

    Parameters
    ----------
    columns : names in the vocabulary's ``columns``; each becomes a column of that name.
    keys : of whom the who half means, where they are known to be few.

    Returns
    -------
    A statement whose ``ctes`` are the whole query; ``limit`` and ``offset`` may be appended.
    """
    names = [view.vocabulary.columns[name] for name in columns]
    return ordered(view, selection, [f"{c.expression} as {quoted(c.name)}" for c in names], keys)


def ordered(
    view: "View",
    selection: Selection,
    expressions: Sequence[str],
    keys: Sequence[int] | None = None,
) -> Statement:
    """Like :func:`listing` for SQL expressions on ``selected`` and ``customers``.

    The expressions are made here from whitelisted columns, never from a request.
    """
    what = selected(selection, view, keys=keys)
    shown = ",\n    ".join(expressions)
    return Statement(
        f"""{what.ctes}
select
    {shown}
from selected
inner join marts.customers as customers on selected.customer_key = customers.customer_key
order by {order_by(selection, view.vocabulary)}""",
        what.parameters,
        what.has_before,
        what.days,
        what.days_before,
    )
