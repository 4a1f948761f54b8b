"""Which sign means spending: decided for each file from its whole column of amounts.

A ledger writes spending as positive amounts, or, like most bank accounts, as negative ones. Rows of
``incoming`` are read as if it were positive, and turned here where the column says otherwise.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from warehouse.content import content_hash
from warehouse.deduction import OF_A_SHOP
from warehouse.incoming import TABLE
from warehouse.mapping import FileMapping
from warehouse.origins import Constant
from warehouse.row_steps import Part
from warehouse.synonyms import Signs

# Fewer amounts than these say less than what was learned from an earlier file.
_MANY = 10


@dataclass(frozen=True)
class Found:
    """The sign of each part's spending, None where it did not matter; and what to say of it."""

    signs: tuple[Signs | None, ...]
    notes: tuple[str, ...]


def is_ledger(mapping: FileMapping) -> bool:
    """Amounts of one account or person, with no column that says what is spent and what comes in.

    There a negative amount is no refund: nothing speaks of a shop that takes something back.
    """
    customer = mapping.choices.get("customer_id")
    nobody = customer is None or isinstance(customer.origin, Constant)
    return nobody and "kind" not in mapping.choices and not OF_A_SHOP & mapping.choices.keys()


def turn(con: duckdb.DuckDBPyConnection, parts: Sequence[Part]) -> Found:
    """Give rows of ``incoming`` the kind and the sign that the whole column says.

    Spending is positive, a refund negative, income positive afterwards. Files that are turned are
    hashed anew, since kind and amount are part of what a row is known by.
    """
    signs: list[Signs | None] = []
    notes: list[str] = []
    for part in parts:
        if not _has_types(part) and not is_ledger(part.mapping):
            signs.append(None)
            continue
        told = _told(_counted(con, part), part.mapping.signs)
        signs.append(next(iter(told.values())) if len(set(told.values())) == 1 else None)
        negative = [number for number, sign in told.items() if sign == "negative"]
        if negative:
            _turn(con, part, negative)
            notes.append(_note(part, negative))
    return Found(tuple(signs), tuple(notes))


def _counted(con: duckdb.DuckDBPyConnection, part: Part) -> dict[int, tuple[int, int]]:
    """Spending below and above zero, by file: what the type calls so, or everything without one."""
    counted = con.execute(
        f"""
        select file_no, count(*) filter ({_against(part)}), count(*) filter (kind = 'purchase')
        from {TABLE}
        where reason is null and amount <> 0 and list_contains($numbers, file_no)
        group by file_no
        """,
        {"numbers": list(part.labels)},
    ).fetchall()
    return {number: (below, above) for number, below, above in counted}


def _against(part: Part) -> str:
    """SQL: spending that is written with a minus sign, and was taken for a refund."""
    return "coalesce(is_against, false)" if _has_types(part) else "kind = 'refund'"


def _has_types(part: Part) -> bool:
    return "kind" in part.mapping.choices


def _told(
    counted: Mapping[int, tuple[int, int]], learned: Signs | None
) -> dict[int, Signs]:  # fmt: skip
    """The sign that most of a file's spending has; few amounts give way to what was learned."""
    told: dict[int, Signs] = {}
    for number, (below, above) in counted.items():
        if below + above < _MANY and learned:
            told[number] = learned
        elif below != above:
            told[number] = "negative" if below > above else "positive"
        elif below:
            told[number] = learned or "positive"
    return told


def _turn(con: duckdb.DuckDBPyConnection, part: Part, numbers: Sequence[int]) -> None:
    """Turn the files in which spending is negative."""
    against, has_types = _against(part), _has_types(part)
    # With a type, spending of the other sign was taken back; without one it came in.
    con.execute(
        f"""
        update {TABLE} set
            kind = if({against}, 'purchase', '{"refund" if has_types else "income"}'),
            amount = if({against} or {has_types}, -amount, amount)
        where reason is null and amount <> 0 and list_contains($numbers, file_no)
            and ({against} or kind = 'purchase')
        """,
        {"numbers": list(numbers)},
    )
    filled = {*part.mapping.choices, "kind", "currency"}
    con.execute(
        f"update {TABLE} set content_hash = {content_hash(filled=filled)}"
        " where content_hash is not null and list_contains($numbers, file_no)",
        {"numbers": list(numbers)},
    )


def _note(part: Part, negative: Sequence[int]) -> str:
    names = [part.labels[number] for number in negative]
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    rest = "positive ones of that type are refunds" if _has_types(part) else "the others are income"
    return (
        f"{', '.join(names[:3])}{more}: most spending is written with a minus sign,"
        f" so negative amounts are spend and {rest}"
    )
