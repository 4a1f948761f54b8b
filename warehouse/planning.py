"""What a load is going to read and how: decided before the workspace is locked and copied."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import duckdb

from warehouse.detection import describe
from warehouse.errors import MappingError
from warehouse.mapping import FileMapping, MappingTable, Wishes, decide, table
from warehouse.sources.layout import Batch, Sources
from warehouse.sources.registry import open_sources
from warehouse.sources.staging import stage_sample
from warehouse.synonyms import Kind

_SAMPLE_ROWS = 10_000
_OFFLINE: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}


@dataclass(frozen=True)
class Plan:
    """Sources, the mapping of each of their batches, and the kind that they share."""

    sources: Sources
    mappings: tuple[FileMapping, ...]

    @property
    def kind(self) -> Kind:
        """What the rows are."""
        return self.mappings[0].kind

    @property
    def id_name(self) -> str:
        """Our column that identifies a row."""
        return "customer_id" if self.kind == "customers" else "transaction_id"

    def columns_of(self, ours: str) -> list[str | None]:
        """For each file the column that ours comes from."""
        columns: list[str | None] = [None] * len(self.sources.files)
        for batch, mapping in zip(self.sources.batches, self.mappings, strict=True):
            for number in batch.numbers:
                choice = mapping.choices.get(ours)
                columns[number] = str(choice.origin) if choice else None
        return columns

    def mapping_as_json(self) -> dict[str, str]:
        """Our columns to theirs; where layouts differ, all of theirs."""
        merged: dict[str, list[str]] = {}
        for mapping in self.mappings:
            for ours, theirs in mapping.as_json().items():
                if theirs not in merged.setdefault(ours, []):
                    merged[ours].append(theirs)
        return {ours: "; ".join(theirs) for ours, theirs in merged.items()}

    def unused(self) -> tuple[str, ...]:
        """Columns of the files that are left out. A customers file leaves none out."""
        if self.kind == "customers":
            return ()
        names = [one.name for mapping in self.mappings for one in mapping.unused]
        return tuple(dict.fromkeys(names))


def make_plan(
    arguments: Sequence[str], wishes: Wishes, announce: Callable[[MappingTable], None] | None
) -> Plan:
    """Find the files, look at a sample of each layout and map its columns.

    Parameters
    ----------
    arguments : paths and globs.
    wishes : what the user decided already.
    announce : told the mapping of each layout, to be printed.

    Raises
    ------
    SourceError : a file is missing, empty, or not what its name says.
    MappingError : the mapping needs a decision, or the files are of different kinds.
    """
    with duckdb.connect(config=_OFFLINE) as con:
        sources = open_sources(con, arguments)
        mappings = [
            _mapping(con, batch, sources, wishes, announce) for batch in sources.batches
        ]  # fmt: skip
    if len({mapping.kind for mapping in mappings}) > 1:
        by_kind = {
            mapping.kind: batch.files[0].name
            for mapping, batch in zip(mappings, sources.batches, strict=True)
        }
        raise MappingError(
            "transactions and customers cannot be loaded together",
            found="; ".join(f"{file}: {kind}" for kind, file in sorted(by_kind.items())),
            fix="load one after the other, or say --as",
        )
    return Plan(sources, tuple(mappings))


def _mapping(
    con: duckdb.DuckDBPyConnection,
    batch: Batch,
    sources: Sources,
    wishes: Wishes,
    announce: Callable[[MappingTable], None] | None,
) -> FileMapping:
    """Mapping of one batch, from a sample of its rows."""
    columns = describe(con, stage_sample(con, batch, "sample", _SAMPLE_ROWS))
    labels = sources.labels()
    files = [labels[number] for number in batch.numbers]
    mapping = decide(columns, wishes, has_header=batch.layout.has_header, where=files[0])
    if announce is not None:
        announce(table(mapping, columns, files))
    return mapping
