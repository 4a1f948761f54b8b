"""What holds for all values of one file, decided from whole columns: ids, dates and numbers.

A file reads the same whatever it is loaded with.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import duckdb

from warehouse.cells import cell
from warehouse.dates import date_styles
from warehouse.instants import DateOrder, DateStyle
from warehouse.mapping import FileMapping
from warehouse.numbers import NumberStyle, number_styles
from warehouse.origins import Picked, Product
from warehouse.sources.staging import Staged
from warehouse.synonyms import FIELDS, Role

NUMBERS: frozenset[Role] = frozenset({"money", "price", "quantity", "count"})


@dataclass(frozen=True)
class Style:
    """What holds for all values of one file: ids that end in ``.0``, how dates and numbers look.

    ``numbers`` are (position of the column, style) where numbers are not plain.
    """

    float_ids: frozenset[str] = frozenset()
    dates: DateStyle = field(default_factory=DateStyle)
    numbers: tuple[tuple[int, NumberStyle], ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether dates and numbers are what DuckDB's casts read."""
        return self.dates.is_plain and not self.numbers

    def number(self, position: int) -> NumberStyle:
        """How a column writes its numbers."""
        return dict(self.numbers).get(position, NumberStyle())


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
    whole = ", ".join(is_float_column(cell(picked[ours], "id")) for ours in ids)
    rows = con.execute(
        f"select file_no{', ' + whole if ids else ''} from {staged.table} group by file_no"
    ).fetchall()
    dates: dict[int, DateStyle] = {}
    if "purchased_at" in picked:
        text = cell(picked["purchased_at"], "instant")
        dates = date_styles(
            con,
            staged.table,
            text,
            labels,
            date_order,
            usual=mapping.date_order,
            day_zero=staged.batch.layout.day_zero,
        )
    numbers = number_styles(con, staged.table, _number_texts(mapping))
    # A file may hold records that cannot be read, and no row.
    plain = dict.fromkeys(staged.batch.numbers, Style())
    return plain | {
        file_no: Style(
            frozenset(ours for ours, is_float in zip(ids, found, strict=True) if is_float),
            dates.get(file_no, DateStyle()),
            tuple((n, one) for n, one in numbers.get(file_no, {}).items() if not one.is_plain),
        )
        for file_no, *found in rows
    }


def _number_texts(mapping: FileMapping) -> dict[int, str]:
    """SQL of the text of each column of numbers, by position."""
    positions = set()
    for ours, choice in mapping.choices.items():
        if isinstance(choice.origin, Product):
            positions |= {choice.origin.left.position, choice.origin.right.position}
        elif isinstance(choice.origin, Picked) and FIELDS[mapping.kind][ours].role in NUMBERS:
            positions.add(choice.origin.position)
    return {position: cell(position, "money") for position in sorted(positions)}


def is_float_column(text: str) -> str:
    """SQL of an aggregate: whether the numbers among these ids were written as ``17850.0``.

    Ids that are no numbers say nothing about it: ``A12`` may stand beside ``17850.0``.
    """
    return (
        f"count(*) filter (ends_with({text}, '.0')) > 0 and count(*) filter"
        rf" (not ends_with({text}, '.0') and regexp_full_match({text}, '-?\d+(\.\d*)?')) = 0"
    )


def whole_id(text: str) -> str:
    """SQL of an id from a column for which :func:`is_float_column` holds."""
    return rf"regexp_replace({text}, '^(-?\d+)\.0$', '\1')"
