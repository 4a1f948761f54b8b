"""A customers file without purchases: the means of its own columns, over a selection."""

from dataclasses import dataclass
from typing import Final

from dashboard.queries.selected import selected
from dashboard.reader import View
from dashboard.selection import Selection
from dashboard.vocabulary import Key

# Written by models: they are not what the file says.
SCORES: Final = frozenset({"expected_spend", "churn_risk", "cluster", "pca_1", "pca_2"})


@dataclass(frozen=True)
class Average:
    """Mean and median of one column over whoever has a value; None where nobody has one.

    Of a column that knows only 0 and 1 the mean is the share that has a 1, ``is_share``.
    """

    key: Key
    mean: float | None
    median: float | None
    is_share: bool = False


def measured(view: View) -> list[Key]:
    """Numeric columns of the customers, in the order of their file."""
    return [
        key
        for key in view.vocabulary.keys.values()
        if key.half == "who" and key.kind == "range" and key.name not in SCORES
    ]


def averages(view: View, selection: Selection, most: int = 6) -> list[Average]:
    """The first ``most`` numeric columns, averaged over ``selection``."""
    keys = measured(view)[:most]

    def ask() -> list[Average]:
        if not keys:
            return []
        statement = selected(selection, view)
        flags = _flags(view, keys)
        columns = ", ".join(
            f"fsum({key.column}::double) / nullif(count({key.column}), 0) as mean_{n},"
            f" median({key.column}::double) as median_{n}"
            for n, key in enumerate(keys)
        )
        row = view.rows(
            f"""{statement.ctes}
            select {columns}
            from selected
            inner join marts.customers as customers
                on selected.customer_key = customers.customer_key""",
            statement.parameters,
        )[0]
        return [
            Average(key, _number(row[f"mean_{n}"]), _number(row[f"median_{n}"]), key.name in flags)
            for n, key in enumerate(keys)
        ]

    return view.cached(("averages", most, selection.meaning()), ask)


def _flags(view: View, keys: list[Key]) -> frozenset[str]:
    """Columns of the file's own that hold 0 and 1 and nothing else, whoever is selected."""

    def ask() -> frozenset[str]:
        asked = ", ".join(
            f"bool_and({key.column}::double in (0, 1))"
            f" and count(distinct {key.column}::double) = 2 as flag_{n}"
            for n, key in enumerate(keys)
        )
        row = view.rows(f"select {asked} from marts.customers as customers")[0]
        return frozenset(
            key.name for n, key in enumerate(keys) if row[f"flag_{n}"] and not key.unit
        )

    return view.fact(f"flags among {len(keys)}", ask)


def _number(value: object) -> float | None:
    return None if value is None else float(str(value))
