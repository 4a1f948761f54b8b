"""How files are read: one layout for all files of the same kind with the same columns."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Reader = Literal["csv", "lines", "parquet"]


@dataclass(frozen=True)
class Layout:
    """Everything that is needed to read a file as text columns ``c1`` to ``cN``.

    ``columns`` are the names in the file; a file without a header has ``column 1`` and so on.
    ``options`` are arguments of DuckDB's reader, values that its own sniffer found.
    """

    reader: Reader
    columns: tuple[str, ...]
    has_header: bool = True
    options: tuple[tuple[str, str], ...] = ()

    @property
    def names(self) -> list[str]:
        """Names under which the columns stand in the staging table."""
        return [f"c{position}" for position in range(1, len(self.columns) + 1)]


@dataclass(frozen=True)
class Batch:
    """Files of one layout, in the order in which they are read. Numbers count over a whole load."""

    layout: Layout
    files: tuple[Path, ...]
    numbers: tuple[int, ...]


@dataclass(frozen=True)
class Sources:
    """What the arguments of a load came down to: batches to read, and files that hold no row."""

    files: tuple[Path, ...]
    batches: tuple[Batch, ...]
    without_rows: tuple[Path, ...] = field(default=())

    def labels(self) -> list[str]:
        """How the files are called in reports: by name; where two share one, by path."""
        names = [file.name for file in self.files]
        return [
            str(file) if names.count(file.name) > 1 else file.name for file in self.files
        ]  # fmt: skip
