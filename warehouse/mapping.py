"""Source columns to our columns: what the user says, else names, else contents.

What is ambiguous is an error that lists the choices: a column that is guessed wrongly is worse than
a question.
"""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from warehouse import deduction, detection
from warehouse.dates import DateOrder
from warehouse.detection import Column
from warehouse.errors import MappingError, UsageError
from warehouse.origins import NOTHING, Constant, Origin, Picked, Product, parse_origin
from warehouse.synonyms import FIELDS, OWN_COLUMNS, Kind, Signs

BY_USER = "as you said"
BY_SETTINGS = "as spendboard.toml says"
BY_PRESET = "as in the preset"
BY_NAME = "by name"


@dataclass(frozen=True)
class Choice:
    """Where one of our columns comes from, and how that was decided."""

    origin: Origin
    how: str


@dataclass(frozen=True)
class FileMapping:
    """The mapping of one layout: ours to a :class:`Choice`, in the order of our columns.

    ``unused`` are the columns of the file that no choice uses. In a customers file they become
    attributes. ``empty`` are ours that the user wants to stay empty. ``date_order`` and
    ``signs`` are how dates were read, and which sign spending had, in earlier files.
    """

    kind: Kind
    choices: dict[str, Choice]
    unused: tuple[Picked, ...]
    empty: tuple[str, ...] = ()
    date_order: DateOrder | None = None
    signs: Signs | None = None

    def as_json(self) -> dict[str, str]:
        """Our column to theirs, as the load report prints it."""
        return {ours: str(choice.origin) for ours, choice in self.choices.items()}

    def as_wishes(self) -> dict[str, str]:
        """The whole mapping as ``ours=theirs``, which gives it again for the same columns."""
        return self.as_json() | dict.fromkeys(self.empty, NOTHING)

    @property
    def is_confirmed(self) -> bool:
        """The user, and nobody else, said which column is which."""
        return any(choice.how in (BY_USER, BY_SETTINGS) for choice in self.choices.values())


@dataclass(frozen=True)
class MappingRow:
    """One line of the printed mapping."""

    ours: str
    theirs: str
    how: str
    example: str


@dataclass(frozen=True)
class MappingTable:
    """What the command line prints before it loads: one table for all files of a layout."""

    kind: Kind
    files: tuple[str, ...]
    rows: tuple[MappingRow, ...]
    unused: tuple[str, ...]
    preset: str | None = None


@dataclass(frozen=True)
class Wishes:
    """What the user said: the kind of file, and ``ours=theirs``, each with who said so.

    ``columns`` come from the call, ``preset`` from the named source in the settings, ``learned``
    from an earlier file with this header: then nothing else is taken by name. ``encoding`` is
    that of the files of text.
    """

    kind: Kind | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    preset: Mapping[str, str] = field(default_factory=dict)
    learned: Mapping[str, str] = field(default_factory=dict)
    encoding: str | None = None

    def all(self) -> dict[str, tuple[str, str]]:
        """Ours to (theirs, how); the call wins over the settings, these over what was learned."""
        said = {ours: (theirs, BY_PRESET) for ours, theirs in self.learned.items()}
        said |= {ours: (theirs, BY_SETTINGS) for ours, theirs in self.preset.items()}
        return said | {ours: (theirs, BY_USER) for ours, theirs in self.columns.items()}


def decide(
    columns: Sequence[Column],
    wishes: Wishes,
    *,
    has_header: bool,
    where: str,
    titles: Sequence[str] = (),
) -> FileMapping:
    """Map the columns of one layout.

    Parameters
    ----------
    columns : the columns of the file, see :func:`warehouse.detection.describe`.
    wishes : what the user decided already.
    has_header : whether the names come from the file; without them only positions map.
    where : the file, for messages.
    titles : the names as the file writes them where it repeats one: the columns that share a name
        could each be meant.

    Raises
    ------
    MappingError : a needed column is missing, two columns could be meant, or the kind is unclear.
    UsageError : the wish itself cannot be.
    """
    said = wishes.all()
    kind = wishes.kind or deduction.kind_of(columns, set(said), has_header=has_header, where=where)
    choices, nothing = _wished(said, kind, columns, where)
    by_name = has_header and not wishes.learned
    if by_name:
        _add_by_name(choices, nothing, kind, columns, titles=titles, where=where)
    if kind == "transactions":
        _complete(choices, nothing, columns, by_name=by_name, where=where)
    elif "customer_id" not in choices:
        raise deduction.missing("customer_id", columns, where)
    order = list(FIELDS[kind])
    choices = dict(sorted(choices.items(), key=lambda item: order.index(item[0])))
    used = {position for choice in choices.values() for position in _positions(choice.origin)}
    unused = [
        column
        for column in columns
        if column.position not in used and column.name not in OWN_COLUMNS
    ]
    return FileMapping(
        kind,
        choices,
        tuple(Picked(column.position, column.name) for column in unused),
        tuple(sorted(nothing)),
    )


def table(mapping: FileMapping, columns: Sequence[Column], files: Sequence[str]) -> MappingTable:
    """The mapping as rows of text, with an example of each column."""
    examples = {column.position: column.example for column in columns}
    rows = [
        MappingRow(
            ours,
            str(choice.origin),
            choice.how,
            " * ".join(examples[position] for position in _positions(choice.origin)),
        )
        for ours, choice in mapping.choices.items()
    ]
    if mapping.kind == "customers":
        rows += [
            MappingRow("attribute", one.name, "under its own name", examples[one.position])
            for one in mapping.unused
        ]
    unused = () if mapping.kind == "customers" else tuple(one.name for one in mapping.unused)
    return MappingTable(mapping.kind, tuple(files), tuple(rows), unused)


def _positions(origin: Origin) -> list[int]:
    if isinstance(origin, Product):
        return [origin.left.position, origin.right.position]
    return [origin.position] if isinstance(origin, Picked) else []


def _wished(
    said: Mapping[str, tuple[str, str]], kind: Kind, columns: Sequence[Column], where: str
) -> tuple[dict[str, Choice], set[str]]:
    """Choices that the user made, and our columns that shall stay empty."""
    names = [column.name for column in columns]
    choices: dict[str, Choice] = {}
    nothing: set[str] = set()
    for ours, (theirs, how) in said.items():
        if ours not in FIELDS[kind]:
            near = difflib.get_close_matches(ours, FIELDS[kind], n=1)
            raise UsageError(
                f"--map {ours}={theirs}: {kind} have no column {ours!r}",
                found=", ".join(FIELDS[kind]),
                fix=f"did you mean {near[0]!r}?" if near else "name one of these",
            )
        origin = parse_origin(ours, theirs, names, where)
        if origin is None:
            nothing.add(ours)
        elif isinstance(origin, Constant) and FIELDS[kind][ours].role not in _MAY_BE_CONSTANT:
            raise UsageError(f"--map {ours}={theirs}: {ours} cannot be the same in every row")
        else:
            choices[ours] = Choice(origin, how)
    return choices, nothing


_MAY_BE_CONSTANT = frozenset({"id", "text", "kind", "currency"})


def _add_by_name(
    choices: dict[str, Choice],
    nothing: set[str],
    kind: Kind,
    columns: Sequence[Column],
    *,
    titles: Sequence[str],
    where: str,
) -> None:
    """Add what the names of the columns say; two columns for one of ours are a question."""
    wanted = {
        name: one for name, one in FIELDS[kind].items() if name not in choices.keys() | nothing
    }
    taken = {
        choice.origin.position for choice in choices.values() if isinstance(choice.origin, Picked)
    }
    written = columns
    if titles:
        written = [replace(one, name=title) for one, title in zip(columns, titles, strict=True)]
    for ours, named in detection.by_name(wanted, written, taken).items():
        found = [columns[column.position - 1] for column in named]
        if len(found) > 1:
            raise MappingError(
                f"{where}: {len(found)} columns could be {ours}",
                found="; ".join(column.label for column in found),
                fix=f"choose with --map {ours}={found[0].name}, or --map {ours}=none for neither",
            )
        choices[ours] = Choice(Picked(found[0].position, found[0].name), BY_NAME)


def _complete(
    choices: dict[str, Choice],
    nothing: set[str],
    columns: Sequence[Column],
    *,
    by_name: bool,
    where: str,
) -> None:
    """What transactions need beyond names: amount, date and customer; in place.

    Raises
    ------
    MappingError : there is no amount, several dates could be meant, or nobody pays.
    """
    origins = {ours: choice.origin for ours, choice in choices.items()}
    for ours, origin, how in deduction.products(origins) if by_name else ():
        choices[ours] = Choice(origin, how)
    if choices.get("product") and choices["product"].origin == origins.get("description"):
        del choices["description"]
    origins = {ours: choice.origin for ours, choice in choices.items()}
    free = [
        column
        for column in columns
        if column.position not in {p for origin in origins.values() for p in _positions(origin)}
    ]
    if "amount" not in choices:
        origin, how = deduction.amount(origins, free, columns, has_header=by_name, where=where)
        choices["amount"] = Choice(origin, how)
        if origin == origins.get("unit_price"):
            del choices["unit_price"]
    if by_name and "purchased_at" not in choices.keys() | nothing:
        found = deduction.dated(free, where)
        if found:
            choices["purchased_at"] = Choice(*found)
    if "customer_id" not in choices.keys() | nothing:
        origins = {ours: choice.origin for ours, choice in choices.items()}
        choices["customer_id"] = Choice(*deduction.owner(origins, columns, where))
