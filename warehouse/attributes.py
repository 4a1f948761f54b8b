"""Further columns of customers files: their names in core.customers, and their types."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import duckdb

from warehouse.canonical import REASONS, flag
from warehouse.cells import cell, words
from warehouse.headers import SQL_FOLDER, read_sql_file
from warehouse.numbers import as_it_stands
from warehouse.row_steps import Part
from warehouse.synonyms import snake

SUFFIX = "_attribute"
# Keys of a selection that are no columns of marts.customers; an attribute must not hide them.
_SELECTION_KEYS = frozenset({
    "period", "compare", "box", "lasso", "q", "sort", "columns", "page", "category", "subcategory",
    "merchant", "product", "product_id", "payment_method", "city", "country", "channel",
    "is_promotion", "spend_in_period", "orders_in_period",
})  # fmt: skip
# Words that only a yes or no uses; 0 and 1 may be counts.
_YES_OR_NO = ("true", "false", "yes", "no", "y", "n")
# A number as it is shown, with a currency sign before it, or that or a percent sign behind. Letters
# beside digits are a code rather than a currency: R12.
_SIGN = r"[$\x{20a0}-\x{20cf}\x{a2}-\x{a5}\x{ffe1}\x{ffe5}]"
_SPACE = r"[ \x{a0}\x{202f}]?"
_SHOWN = rf"^({_SIGN}?){_SPACE}(-?\d+(?:\.\d+)?){_SPACE}({_SIGN}?|%)$"


@dataclass(frozen=True)
class Attribute:
    """One column of core.customers that only the data knows. ``data_type`` is a DuckDB type."""

    name: str
    original: str
    data_type: str

    @property
    def title(self) -> str:
        """Name for people: ``CASH_ADVANCE_TRX`` as ``Cash advance trx``."""
        return snake(self.original).replace("_", " ").capitalize() or self.name


@cache
def reserved() -> frozenset[str]:
    """Names that an attribute cannot have: columns of every workspace, and keys of selections."""
    fixed = [
        read_sql_file(SQL_FOLDER / schema / "customers.sql").header.columns
        for schema in ("core", "marts")
    ]
    return frozenset().union(*fixed) | _SELECTION_KEYS


def names(originals: Sequence[str]) -> dict[str, str]:
    """Name of each further column of a file: snake case, never one that has a meaning already."""
    given: dict[str, str] = {}
    for position, original in enumerate(originals, start=1):
        base = snake(original) or f"column_{position}"
        base = f"n_{base}" if base[0].isdigit() else base
        base = f"{base}{SUFFIX}" if base in reserved() else base
        name, count = base, 2
        while name in given.values():
            name, count = f"{base}_{count}", count + 1
        given[original] = name
    return given


def find(con: duckdb.DuckDBPyConnection, parts: Iterable[Part]) -> dict[str, Attribute]:
    """Attributes that the staged customers files bring, by name.

    An attribute that the workspace has already keeps its type; values that do not fit it are
    rejects. A new one is DOUBLE where all its values are numbers, or show the same currency sign or
    percent sign beside one (``12%`` is 12); BOOLEAN where all are a yes or no, else VARCHAR.
    Numbers with a comma stay text: whether it begins decimals, the next file may not tell.
    """
    known = {
        name: Attribute(name, original, data_type)
        for name, original, data_type in con.execute(
            "select attribute, original_name, data_type from core.attributes"
        ).fetchall()
    }
    seen: dict[str, Attribute] = {}
    for part in parts:
        given = names([one.name for one in part.mapping.unused])
        for one in part.mapping.unused:
            name = given[one.name]
            data_type = _type(con, part.staged.table, one.position)
            if name in seen and seen[name].data_type != data_type:
                data_type = "VARCHAR"
            seen[name] = known.get(name) or Attribute(name, one.name, data_type)
    return seen


def _type(con: duckdb.DuckDBPyConnection, table: str, position: int) -> str:
    """Type of one staged column, from all of its values."""
    value = cell(position, "quantity")
    filled, numbers, signs, codes, flags = con.execute(
        f"""
        select
            count(value),
            count(*) filter (isfinite({_number("value")})),
            -- Beside some of them, a sign tells that they are of two kinds.
            count(distinct case
                when value is null then null
                when ({as_it_stands("value", "double")}) is not null then ''
                else regexp_replace(value, '{_SHOWN}', '\\1\\3')
            end),
            -- 0041 is a code: as a number it would lose its zeros.
            count(*) filter (regexp_matches(value, '^[+-]?0[0-9]')),
            count(*) filter (lower(value) in ({words(_YES_OR_NO)}))
        from (select {value} as value from {table})
        """
    ).fetchall()[0]
    if filled and filled == numbers and not codes and signs == 1:
        return "DOUBLE"
    return "BOOLEAN" if filled and filled == flags else "VARCHAR"


def _number(text: str) -> str:
    """SQL of the number that a text shows."""
    shown = f"regexp_extract({text}, '{_SHOWN}', 2)"
    return f"coalesce({as_it_stands(text, 'double')}, try_cast({shown} as double))"


def value(data_type: str, text: str) -> tuple[str, str | None]:
    """SQL of an attribute's value from its text, and why a row without one is rejected."""
    if data_type == "BOOLEAN":
        return flag(text), REASONS["flag"]
    if data_type == "DOUBLE":
        number = _number(text)
        return f"if(isfinite({number}), {number}, null)", REASONS["quantity"]
    return text, None


def add_columns(con: duckdb.DuckDBPyConnection, attributes: Iterable[Attribute]) -> None:
    """Give core.customers and core.customer_records the columns that they do not have yet."""
    known = {row[0] for row in con.execute("select attribute from core.attributes").fetchall()}
    for one in attributes:
        if one.name in known:
            continue
        for table in ("core.customers", "core.customer_records"):
            con.execute(
                f'alter table {table} add column if not exists "{one.name}" {one.data_type}'
            )
        con.execute(
            "insert into core.attributes values (?, ?, ?, ?)",
            [one.name, one.original, one.data_type, one.title],
        )


def drop_empty_columns(con: duckdb.DuckDBPyConnection) -> None:
    """Take out the attributes that no record fills any more."""
    for (name,) in con.execute("select attribute from core.attributes").fetchall():
        filled = con.execute(f'select count("{name}") from core.customer_records').fetchall()[0][0]
        if filled:
            continue
        for table in ("core.customers", "core.customer_records"):
            con.execute(f'alter table {table} drop column "{name}"')
        con.execute("delete from core.attributes where attribute = ?", [name])
