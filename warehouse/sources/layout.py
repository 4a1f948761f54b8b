"""How files are read: one layout for all files of the same kind with the same columns.

What is not plain text in UTF-8 is copied into a spool first. Messages and reports name what the
user asked for, never the copy.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from warehouse.sources.spool import Spool

Reader = Literal["csv", "lines", "parquet"]


@dataclass(frozen=True)
class Layout:
    """Everything that is needed to read a file as text columns ``c1`` to ``cN``.

    ``columns`` are the names in the file; a file without a header has ``column 1`` and so on. Where
    a header repeats a name, ``titles`` are the names as it writes them, and those in ``columns``
    tell the repeated ones apart: ``amount``, ``amount_2``.
    ``options`` are arguments of DuckDB's reader, values that its own sniffer found. ``types`` are
    those of the columns of Parquet: read together, files would all take the types of the first.
    ``day_zero``, an ISO date: a date may be a number of days since it, as in workbooks; else None.
    """

    reader: Reader
    columns: tuple[str, ...]
    has_header: bool = True
    options: tuple[tuple[str, str], ...] = ()
    day_zero: str | None = None
    types: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """Names under which the columns stand in the staging table."""
        return [f"c{position}" for position in range(1, len(self.columns) + 1)]

    @property
    def lines_above(self) -> int:
        """How many lines of a text stand before its first record: blank ones and the header."""
        return int(dict(self.options).get("skip", "0")) + self.has_header


@dataclass(frozen=True)
class Batch:
    """Files of one layout, in the order in which they are read. Numbers count over a whole load.

    ``files`` are what DuckDB reads, maybe copies in the spool; ``asked`` is for each what the user
    asked for, a path or an address without its password. ``faults`` are, by file number, CSV files
    of records that could not be copied: record, rows before it, value, reason.
    """

    layout: Layout
    files: tuple[Path, ...]
    numbers: tuple[int, ...]
    asked: tuple[str, ...] = ()
    faults: tuple[tuple[int, Path], ...] = ()

    def name(self, file: Path | str) -> str:
        """What the user asked for where DuckDB names one of its files."""
        known = dict(zip(map(str, self.files), self.asked, strict=False))
        return known.get(str(file), str(file))


@dataclass(frozen=True)
class Sources:
    """What the arguments of a load came down to: batches to read, and files that hold no row.

    ``files`` are paths, or addresses such as ``mysql://host/shop orders`` without a password.
    ``notes`` are sentences about how they were read. The copies vanish with ``spool``.
    """

    files: tuple[str, ...]
    batches: tuple[Batch, ...]
    without_rows: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()
    spool: Spool | None = None

    def labels(self) -> list[str]:
        """How the files are called in reports: by name; where two share one, by path."""
        names = [short_name(file) for file in self.files]
        return [
            file if names.count(name) > 1 else name
            for file, name in zip(self.files, names, strict=True)
        ]  # fmt: skip


def listed(names: Sequence[str]) -> str:
    """The first few names, and how many more there are."""
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more


def short_name(file: str) -> str:
    """Name of a file without its folder; an address stays whole."""
    return file if "://" in file else Path(file).name
