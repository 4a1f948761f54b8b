"""How many customers each value of a filter would leave, and how far each range reaches."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from dashboard.queries.held import known, meant
from dashboard.queries.held_sums import banded
from dashboard.queries.selected import selected
from dashboard.reader import View
from dashboard.selection import Selection
from dashboard.slugs import NONE, Choice
from dashboard.vocabulary import Key, More

FEW: Final = 12
SHOWN: Final = 50  # values of a key with very many that are counted at a time


@dataclass(frozen=True)
class Facet:
    """One value of a choice, and the customers that have it under the other filters."""

    slug: str
    title: str
    customers: int


def facets(view: View, selection: Selection, key: Key, find: str = "") -> list[Facet]:
    """Values of ``key`` with their customers, the selection's own condition on ``key`` aside.

    In the order of the vocabulary; a value that the other filters leave nobody of counts 0.
    ``none`` comes last, if somebody has no value. Of a key with more values than are at hand only
    some: those that the selection names, and the first that hold ``find``.
    """
    if key.more is not None:
        return _some(view, selection, key, key.more, find)
    ask = _by_value(view, selection, key)
    if key.kind == "flag":
        found = [Facet("yes", "Yes", ask.get("true", 0)), Facet("no", "No", ask.get("false", 0))]
    else:
        found = [Facet(c.slug, c.title, ask.get(c.value, 0)) for c in _offered(selection, key)]
    if ask.get(None):
        found.append(Facet(NONE, "Not known", ask[None]))
    return found


def _offered(selection: Selection, key: Key) -> list[Choice]:
    """What a menu of ``key`` shows: an unlisted value only as long as the selection names it."""
    named = selection.pairs().get(key.name, "").removeprefix("!").split(",")
    return [*key.choices, *(choice for choice in key.unlisted if choice.slug in named)]


def _by_value(view: View, selection: Selection, key: Key) -> dict[str | None, int]:
    """Customers by stored value, from wherever it is the least work."""
    is_open = key.name not in selection.pairs()
    others = selection if is_open else selection.replacing(**{key.name: None})
    held = known(view, others)
    if held is not None and key.name in held.customers.groups:
        return banded(held, meant(view, others), key.name)
    if is_open and _is_small(key):
        return _together(view, selection)[key.name]
    cache_key = ("facet", key.name, others.meaning())
    return view.cached(cache_key, lambda: _counted(view, others, key))


def _some(view: View, selection: Selection, key: Key, more: More, find: str) -> list[Facet]:
    """Facets of few values of a key that has very many."""
    named = selection.pairs().get(key.name, "").removeprefix("!").split(",")
    known = [key.by_slug[slug] for slug in named if slug in key.by_slug]
    chosen = tuple(dict.fromkeys([*known, *more.like(find, SHOWN)]))
    others = selection.replacing(**{key.name: None})
    values = tuple(choice.value for choice in chosen)
    ask = view.cached(
        ("facet", key.name, values, others.meaning()), lambda: _counted(view, others, key, values)
    )
    return [Facet(c.slug, c.title, ask.get(c.value, 0)) for c in chosen]


def _is_small(key: Key) -> bool:
    """Whether ``key`` asks of the customer and has few values: such keys are counted together."""
    return key.half == "who" and (
        key.kind == "flag" or (key.kind == "choice" and len(key.choices) <= FEW)
    )


def _together(view: View, selection: Selection) -> dict[str, dict[str | None, int]]:
    """Customers by value of every small key that ``selection`` leaves open, in one pass."""
    taken = selection.pairs()
    keys = [k for k in view.vocabulary.keys.values() if _is_small(k) and k.name not in taken]

    def ask() -> dict[str, dict[str | None, int]]:
        statement = selected(selection, view)
        columns = ", ".join(f"cast({key.column} as varchar) as v_{n}" for n, key in enumerate(keys))
        sets = ", ".join(f"(v_{n})" for n, _ in enumerate(keys))
        which = ", ".join(f"grouping(v_{n}) as g_{n}, v_{n}" for n, _ in enumerate(keys))
        rows = view.rows(
            f"""{statement.ctes},
            known as (
                select {columns}
                from {statement.customers} as meant
                inner join marts.customers as customers
                    on meant.customer_key = customers.customer_key
            )
            select {which}, count(*) as customers
            from known
            group by grouping sets ({sets})
            """,
            statement.parameters,
        )
        found: dict[str, dict[str | None, int]] = {key.name: {} for key in keys}
        for row in rows:
            n = next(n for n, _ in enumerate(keys) if row[f"g_{n}"] == 0)
            value = row[f"v_{n}"]
            found[keys[n].name][None if value is None else str(value)] = int(str(row["customers"]))
        return found

    return view.cached(("facets", selection.meaning()), ask)


def _counted(
    view: View, others: Selection, key: Key, values: Sequence[str] | None = None
) -> dict[str | None, int]:
    """Customers by stored value; purchase dimensions count whoever has a matching line.

    Parameters
    ----------
    values : count these alone; only of a purchase dimension.
    """
    bound: dict[str, object] = {}
    if key.half == "lens":
        statement = selected(others, view, (key.name,))
        body = f"""
            select cast({key.name} as varchar) as value, count(distinct customer_key) as customers
            from lines
            where {key.name} is not null {"" if values is None else f"and {key.name} in $among"}
            group by 1"""
        bound = {} if values is None else {"among": list(values)}
    else:
        statement = selected(others, view)
        body = f"""
            select cast({key.column} as varchar) as value, count(*) as customers
            from {statement.customers} as meant
            inner join marts.customers as customers
                on meant.customer_key = customers.customer_key
            group by 1"""
    rows = view.rows(statement.ctes + body, statement.parameters | bound)
    return {
        None if row["value"] is None else str(row["value"]): int(str(row["customers"]))
        for row in rows
    }


def extents(view: View) -> dict[str, tuple[object, object]]:
    """Smallest and largest value of every range on the customer, over everybody."""

    def ask() -> dict[str, tuple[object, object]]:
        keys = [
            key
            for key in view.vocabulary.keys.values()
            if key.half == "who" and key.kind in ("range", "date")
        ]
        if not keys:
            return {}
        columns = ", ".join(
            f"min({key.column}) as low_{n}, max({key.column}) as high_{n}"
            for n, key in enumerate(keys)
        )
        row = view.rows(f"select {columns} from marts.customers as customers")[0]
        return {key.name: (row[f"low_{n}"], row[f"high_{n}"]) for n, key in enumerate(keys)}

    return view.fact("extents", ask)
