"""One file as it is going to be read."""

from dataclasses import dataclass
from pathlib import Path

from warehouse.sources.layout import Layout


@dataclass(frozen=True)
class Opened:
    """A file, or its copy where DuckDB cannot read what was asked for.

    ``layout`` is None where it holds no row. ``faults`` is a CSV file of the records that could not
    be copied, see :class:`warehouse.sources.layout.Batch`. ``notes`` say what was decided, in words
    that fit behind the name of the file.
    """

    path: Path
    layout: Layout | None
    faults: Path | None = None
    notes: tuple[str, ...] = ()
