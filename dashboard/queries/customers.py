"""What the list of customers asks: rows in the total order, columns, who may be contacted."""

from collections.abc import Sequence
from typing import Any, Final

from dashboard.queries.held import few
from dashboard.queries.listing import listing
from dashboard.queries.selected import selected
from dashboard.reader import View
from dashboard.selection import Selection
from dashboard.vocabulary import Column, Vocabulary

Row = dict[str, Any]
MOST_ROWS: Final = 500  # of one page; the grid asks for 100
# What the grid shows when the address names no columns: the first that the data have.
USUAL: Final = (
    "persona", "risk_band", "churn_risk", "expected_spend", "spend_in_period", "orders_in_period",
    "recency_days", "consent",
)  # fmt: skip
ATTRIBUTES: Final = 5  # so many of a customers file's own columns stand beside the usual ones


def page(
    view: View, selection: Selection, columns: Sequence[str], start: int, stop: int
) -> list[Row]:
    """Rows ``start`` to ``stop`` (from 0, without ``stop``) of the list.

    Returns
    -------
    ``customer_id``, ``name`` and the values of ``columns`` as the warehouse holds them.
    """
    names = dict.fromkeys(["customer_id", "name", *columns])
    known = [name for name in names if name in view.vocabulary.columns]
    what = listing(view, selection, known, few(view, selection))
    first = max(0, start)
    return view.rows(
        f"{what.ctes}\nlimit $most offset $first",
        what.parameters | {"most": min(MOST_ROWS, max(0, stop - first)), "first": first},
    )


def reachable(view: View, selection: Selection) -> int | None:
    """How many of the selection may be contacted; ``None`` where consent is unknown."""
    key = view.vocabulary.keys.get("reachable")
    if key is None:
        return None

    def ask() -> int:
        what = selected(selection, view)
        rows: list[Row] = view.rows(
            f"""
            {what.ctes}
            select count(*) as n
            from {what.customers}
            join marts.customers as customers using (customer_key)
            where {key.column}
            """,
            what.parameters,
        )
        return int(rows[0]["n"])

    return view.cached(("reachable", selection.meaning()), ask)


def digits(view: View) -> dict[str, int]:
    """Decimals of a customers file's own numbers: none where every value is whole, else two.

    Asked once a generation, so that a column has the same decimals from top to bottom.
    """

    def ask() -> dict[str, int]:
        own = [
            column
            for column in view.vocabulary.columns.values()
            if column.is_attribute and column.data_type in ("DOUBLE", "FLOAT")
        ]
        if not own:
            return {}
        tests = ", ".join(
            f"coalesce(bool_and({c.expression} = round({c.expression})), true) as w_{place}"
            for place, c in enumerate(own)
        )
        rows: list[Row] = view.rows(f"select {tests} from marts.customers as customers")
        return {c.name: 0 if rows[0][f"w_{place}"] else 2 for place, c in enumerate(own)}

    return view.cached(("digits",), ask)


def offered(vocabulary: Vocabulary) -> list[Column]:
    """Columns that have a value for anybody, in the order of the warehouse."""
    return [
        column
        for column in vocabulary.columns.values()
        if column.name in vocabulary.keys or column.is_attribute
    ]


def shown(selection: Selection, vocabulary: Vocabulary) -> tuple[str, ...]:
    """The columns of the grid beside the customer: the address names them, or the usual ones."""
    if selection.columns:
        return selection.columns
    known = {column.name for column in offered(vocabulary)}
    usual = [name for name in USUAL if name in known]
    own = [column.name for column in offered(vocabulary) if column.is_attribute]
    return (*usual, *own[:ATTRIBUTES])
