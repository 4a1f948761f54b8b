"""From text to values: the canonical reading of a cell, and what is wrong where there is none.

A value never passes through DOUBLE. The expressions are SQL over the text columns of a staged
table; all user-given text is bound, never written into them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import duckdb

from warehouse.dates import DateOrder, DateStyle, date_styles, instant
from warehouse.mapping import FileMapping
from warehouse.origins import Constant, Picked, Product
from warehouse.sources.staging import Staged
from warehouse.synonyms import (
    FALSE_WORDS,
    FIELDS,
    KINDS,
    MISSING,
    MISSING_UNLESS_TEXT,
    TRUE_WORDS,
    Role,
)

REASONS: dict[Role, str] = {
    "money": "not a number",
    "price": "not a number",
    "quantity": "not a number",
    "count": "not a whole number",
    "flag": "not a yes or no",
    "instant": "not a date",
    "kind": "not a known kind of transaction",
}
MISSING_REASON = "missing"
# Factors keep six decimals, so that their product is exact before it is rounded to cents. With 18
# digits DuckDB would multiply within 18 digits, and overflow above 999,999.
_FACTOR = "decimal(19, 6)"


@dataclass(frozen=True)
class Style:
    """What holds for all values of one file: ids that end in ``.0``, and how dates are written."""

    float_ids: frozenset[str]
    dates: DateStyle


@dataclass(frozen=True)
class Value:
    """SQL of one of our columns, and of what makes it a reject.

    ``faults`` are (condition, reason, position of the column that is to blame).
    """

    sql: str
    faults: tuple[tuple[str, str, int], ...] = ()


def words(values: Iterable[str]) -> str:
    """Fixed words of this program as a list in SQL."""
    return ", ".join("'" + value.replace("'", "''") + "'" for value in values)


def cell(position: int, role: Role) -> str:
    """SQL of a trimmed cell; NULL where it says that there is no value."""
    trimmed = f"trim(c{position})"
    missing = MISSING if role == "text" else MISSING_UNLESS_TEXT
    return f"if(lower({trimmed}) in ({words(missing)}), null, {trimmed})"


def file_styles(
    con: duckdb.DuckDBPyConnection,
    staged: Staged,
    mapping: FileMapping,
    labels: Mapping[int, str],
    date_order: DateOrder | None,
) -> dict[int, Style]:
    """Style of each file of a staged batch: a file reads the same whatever it is loaded with.

    Raises
    ------
    MappingError : the order of day and month is not clear.
    """
    fields = FIELDS[mapping.kind]
    picked = {
        ours: choice.origin.position
        for ours, choice in mapping.choices.items()
        if isinstance(choice.origin, Picked)
    }
    ids = [ours for ours in picked if fields[ours].role == "id"]
    whole = ", ".join(
        f"count(*) filter ({cell(picked[ours], 'id')} not like '%.0') = 0" for ours in ids
    )
    rows = con.execute(
        f"select file_no{', ' + whole if ids else ''} from {staged.table} group by file_no"
    ).fetchall()
    dates: dict[int, DateStyle] = {}
    if "purchased_at" in picked:
        text = cell(picked["purchased_at"], "instant")
        dates = date_styles(con, staged.table, text, labels, date_order)
    return {
        file_no: Style(
            frozenset(ours for ours, is_float in zip(ids, found, strict=True) if is_float),
            dates.get(file_no, DateStyle()),
        )
        for file_no, *found in rows
    }


def values(mapping: FileMapping, style: Style, constants: dict[str, str]) -> dict[str, Value]:
    """Our columns that the mapping fills, each as SQL.

    Parameters
    ----------
    constants : receives the texts that the SQL binds as ``$constant_<column>``.
    """
    fields = FIELDS[mapping.kind]
    found: dict[str, Value] = {}
    for ours, choice in mapping.choices.items():
        role = fields[ours].role
        if isinstance(choice.origin, Constant):
            constants[f"constant_{ours}"] = choice.origin.value
            found[ours] = _value(f"${'constant_' + ours}", role, style, is_float_id=False)
        elif isinstance(choice.origin, Product):
            found[ours] = _product(choice.origin)
        else:
            position = choice.origin.position
            text = cell(position, role)
            value = _value(text, role, style, is_float_id=ours in style.float_ids)
            needed = ours in {"amount", "purchased_at"} or (
                ours == "customer_id" and mapping.kind == "customers"
            )
            found[ours] = Value(value.sql, _faults(value.sql, text, role, position, needed))
    return found


def _faults(
    sql: str, text: str, role: Role, position: int, needed: bool
) -> tuple[tuple[str, str, int], ...]:
    """Conditions under which the cell rejects its row."""
    faults = [(f"{text} is null", MISSING_REASON, position)] if needed else []
    if role in REASONS:
        faults.append((f"{text} is not null and {sql} is null", REASONS[role], position))
    return tuple(faults)


def _product(origin: Product) -> Value:
    """Two columns multiplied, rounded half away from zero to cents."""
    faults: list[tuple[str, str, int]] = []
    factors = []
    for factor in (origin.left, origin.right):
        text = cell(factor.position, "money")
        sql = f"try_cast({text} as {_FACTOR})"
        factors.append(sql)
        faults += _faults(sql, text, "money", factor.position, needed=True)
    product = f"try_cast({factors[0]} * {factors[1]} as decimal(18, 2))"
    faults.append((f"{product} is null", "too large", origin.left.position))
    return Value(product, tuple(faults))


def _value(text: str, role: Role, style: Style, *, is_float_id: bool) -> Value:
    """A cell as the type of its role."""
    if role == "id":
        return Value(rf"regexp_replace({text}, '^(-?\d+)\.0$', '\1')" if is_float_id else text)
    if role == "count":
        number = f"try_cast({text} as decimal(18, 3))"
        return Value(f"if({number} = trunc({number}), try_cast({number} as integer), null)")
    if role == "kind":
        return Value(_kind(text))
    return Value(
        {
            "text": text,
            "currency": f"upper({text})",
            "money": f"try_cast({text} as decimal(18, 2))",
            "price": f"try_cast({text} as decimal(18, 6))",
            "quantity": f"try_cast({text} as decimal(18, 3))",
            "flag": flag(text),
            "instant": instant(text, style.dates),
        }[role]
    )


def flag(text: str) -> str:
    """SQL of a yes or no, NULL for anything else."""
    return (
        f"case when lower({text}) in ({words(TRUE_WORDS)}) then true"
        f" when lower({text}) in ({words(FALSE_WORDS)}) then false end"
    )


def _kind(text: str) -> str:
    """SQL of the kind that a wording means, NULL for an unknown one."""
    snake = f"trim(regexp_replace(lower({text}), '[^a-z0-9]+', '_', 'g'), '_')"
    cases = " ".join(
        f"when {snake} in ({words(word for word in KINDS if KINDS[word] == kind)}) then '{kind}'"
        for kind in dict.fromkeys(KINDS.values())
    )
    return f"case {cases} end"
