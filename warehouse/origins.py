"""Where a value of ours comes from: a column, a product of two, a constant, or nowhere."""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from warehouse.errors import MappingError, UsageError

NOTHING = "none"
_CONSTANT = re.compile(r"'([^']*)'")


@dataclass(frozen=True)
class Picked:
    """One column of the file; ``position`` counts from 1."""

    position: int
    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Product:
    """Two columns multiplied, line by line."""

    left: Picked
    right: Picked

    def __str__(self) -> str:
        return f"{self.left} * {self.right}"


@dataclass(frozen=True)
class Constant:
    """The same text in every row."""

    value: str

    def __str__(self) -> str:
        return f"'{self.value}'"


Origin = Picked | Product | Constant


def parse_origin(ours: str, theirs: str, names: Sequence[str], where: str) -> Origin | None:
    """Read the right side of ``ours=theirs``.

    Parameters
    ----------
    ours : our column, for messages.
    theirs : a column's name, its 1-based position, ``A*B``, ``'a constant'``, or ``none``.
    names : columns of the file, in order.
    where : the file, for messages.

    Returns
    -------
    the origin; None for ``none``.

    Raises
    ------
    MappingError : there is no such column.
    UsageError : a product for another column than ``amount``, or of more than two columns.
    """
    wanted = theirs.strip()
    picked = _picked(wanted, names)
    if picked is not None:
        return picked
    if wanted.lower() == NOTHING:
        return None
    constant = _CONSTANT.fullmatch(wanted)
    if constant:
        return Constant(constant.group(1))
    if "*" not in wanted:
        raise _no_such_column(ours, wanted, names, where)
    return _product(ours, wanted, names, where)


def _product(ours: str, wanted: str, names: Sequence[str], where: str) -> Product:
    """``A*B``: exactly two columns, and for the amount only."""
    if ours != "amount":
        raise UsageError(f"--map {ours}={wanted}: only amount can be a product of two columns")
    parts = [part.strip() for part in wanted.split("*")]
    if len(parts) != 2:
        raise UsageError(
            f"--map {ours}={wanted}: a product has two columns", fix="write amount=Quantity*Price"
        )
    left, right = (_picked(part, names) for part in parts)
    if left is None or right is None:
        raise _no_such_column(ours, parts[0 if left is None else 1], names, where)
    return Product(left, right)


def _picked(wanted: str, names: Sequence[str]) -> Picked | None:
    """The column of that name, or of that name in other case, or at that position."""
    if wanted in names:
        return Picked(names.index(wanted) + 1, wanted)
    folded = [name.casefold() for name in names]
    if folded.count(wanted.casefold()) == 1:
        position = folded.index(wanted.casefold()) + 1
        return Picked(position, names[position - 1])
    if wanted.isascii() and wanted.isdigit() and 1 <= int(wanted) <= len(names):
        return Picked(int(wanted), names[int(wanted) - 1])
    return None


def _no_such_column(ours: str, wanted: str, names: Sequence[str], where: str) -> MappingError:
    near = difflib.get_close_matches(wanted, names, n=1, cutoff=0.5)
    return MappingError(
        f"{where}: no column {wanted!r}, which --map {ours}={wanted} asks for",
        found=", ".join(names),
        fix=f"did you mean {near[0]!r}?" if near else f"name one, or a position 1 to {len(names)}",
    )
