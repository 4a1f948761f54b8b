"""What a load is going to read and how: decided before the workspace is locked and copied."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import duckdb

from warehouse.configuration import Preset, Source
from warehouse.detection import Column, describe
from warehouse.errors import MappingError, UsageError
from warehouse.mapping import FileMapping, MappingTable, Wishes, decide, table
from warehouse.presets import Learned, fingerprint
from warehouse.sources.layout import Batch, Sources
from warehouse.sources.named_encodings import known
from warehouse.sources.registry import open_sources
from warehouse.sources.staging import stage_sample
from warehouse.sources.tables import Databases
from warehouse.synonyms import Kind

_SAMPLE_ROWS = 10_000
DEFAULT_SOURCE = "default"
_OFFLINE: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}


@dataclass(frozen=True)
class Plan:
    """Sources, the mapping of each of their batches, and the kind that they share.

    ``source`` is whose ids these are; ``learned`` is for each batch what a preset could keep of
    it, None where nobody confirmed it. ``notes`` are sentences for people.
    """

    sources: Sources
    mappings: tuple[FileMapping, ...]
    source: str = DEFAULT_SOURCE
    learned: tuple[Learned | None, ...] = ()
    notes: tuple[str, ...] = ()

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


@dataclass(frozen=True)
class Memory:
    """What ``spendboard.toml`` knows of files: mappings by fingerprint, and by name of a source.

    ``source`` is the one that the user named.
    """

    presets: Mapping[str, Preset] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)
    source: str | None = None


@dataclass(frozen=True)
class _Look:
    """One batch, its columns, its files' names, and the preset that it is known by."""

    batch: Batch
    columns: list[Column]
    files: list[str]
    fingerprint: str
    preset: Preset | None

    @property
    def note(self) -> str:
        """That a preset is used, and how to have it otherwise."""
        return f"mapping: preset {self.fingerprint} of spendboard.toml; --map changes it"


def make_plan(
    arguments: Sequence[str],
    wishes: Wishes,
    announce: Callable[[MappingTable], None] | None,
    memory: Memory | None = None,
    databases: Databases | None = None,
) -> Plan:
    """Find the files, look at a sample of each layout and map its columns.

    Parameters
    ----------
    arguments : paths and globs, and addresses of tables in databases.
    wishes : what the user decided already.
    announce : told the mapping of each layout, to be printed.
    memory : what was decided for files like these before.
    databases : what reading tables needs; the caller lets it finish, and closes it.

    Raises
    ------
    SourceError : a file or table is missing, empty, or not what its name says.
    UsageError, SettingsError : the encoding that is named is none.
    MappingError : the mapping needs a decision, or the files are of different kinds.
    """
    memory = memory or Memory(source=DEFAULT_SOURCE)
    with duckdb.connect(config=_OFFLINE) as con:
        sources = open_sources(con, arguments, databases, _codec(wishes, memory))
        labels = sources.labels()
        looks = [_look(con, batch, labels, wishes, memory) for batch in sources.batches]
    source = memory.source or _source(looks)
    if source in memory.sources:
        wishes = replace(wishes, preset=memory.sources[source].map)
    decided = [_decided(look, wishes) for look in looks]
    if announce is not None:
        for look, (mapping, note) in zip(looks, decided, strict=True):
            preset = look.fingerprint if note == look.note else None
            announce(replace(table(mapping, look.columns, look.files), preset=preset))
    mappings = tuple(mapping for mapping, _ in decided)
    _refuse_mixed(mappings, sources)
    return Plan(
        sources,
        mappings,
        source,
        tuple(
            _learned(look, mapping, source) for look, mapping in zip(looks, mappings, strict=True)
        ),
        tuple(dict.fromkeys(note for _, note in decided if note)),
    )


def _codec(wishes: Wishes, memory: Memory) -> str | None:
    """The codec that the user names for files of text, else the settings of their source."""
    if wishes.encoding:
        return known(wishes.encoding)
    source = memory.source or DEFAULT_SOURCE
    named = memory.sources.get(source)
    return known(named.encoding, source) if named and named.encoding else None


def _look(
    con: duckdb.DuckDBPyConnection,
    batch: Batch,
    labels: Sequence[str],
    wishes: Wishes,
    memory: Memory,
) -> _Look:
    """See what stands in a sample of one batch, and whether a preset is kept for it."""
    columns = describe(con, stage_sample(con, batch, "sample", _SAMPLE_ROWS))
    mark = fingerprint(columns, has_header=batch.layout.has_header)
    preset = memory.presets.get(mark)
    if preset and wishes.kind not in (None, preset.kind):
        preset = None
    return _Look(batch, columns, [labels[number] for number in batch.numbers], mark, preset)


def _source(looks: Sequence[_Look]) -> str:
    """The source that the presets name, where the user names none.

    Raises
    ------
    MappingError : they name several.
    """
    named = {look.preset.source: look.files[0] for look in looks if look.preset}
    if len(named) > 1:
        raise MappingError(
            "the presets of these files name several sources",
            found="; ".join(f"{file}: {source}" for source, file in named.items()),
            fix="load them one after the other, or say --source",
        )
    return next(iter(named), DEFAULT_SOURCE)


def _decided(look: _Look, wishes: Wishes) -> tuple[FileMapping, str]:
    """Mapping of one batch, and what to say about its preset."""
    layout = look.batch.layout

    def mapped(said: Wishes) -> FileMapping:
        return decide(
            look.columns, said, has_header=layout.has_header, where=look.files[0],
            titles=layout.titles,
        )  # fmt: skip

    if look.preset is None:
        return mapped(wishes), ""
    try:
        known = replace(wishes, kind=look.preset.kind, learned=look.preset.map)
        mapping = mapped(known)
        mapping = replace(mapping, date_order=look.preset.date_order, signs=look.preset.signs)
        return mapping, look.note
    except (MappingError, UsageError) as error:
        mapping = mapped(wishes)
        return mapping, f"preset {look.fingerprint} is ignored: {error.what}"


def _learned(look: _Look, mapping: FileMapping, source: str) -> Learned | None:
    """What a preset would keep of one batch; positions are kept where the user gave them."""
    if not look.batch.layout.has_header and not mapping.is_confirmed:
        return None
    owner = look.preset.source if look.preset else source
    return Learned(
        look.fingerprint,
        Preset(mapping.as_wishes(), mapping.kind, owner, mapping.date_order, mapping.signs),
        look.files[0],
        tuple(column.name for column in look.columns) if look.batch.layout.has_header else (),
    )


def _refuse_mixed(mappings: Sequence[FileMapping], sources: Sources) -> None:
    """Raise where the files are of different kinds."""
    if len({mapping.kind for mapping in mappings}) > 1:
        by_kind = {
            mapping.kind: (batch.asked or batch.files)[0]
            for mapping, batch in zip(mappings, sources.batches, strict=True)
        }
        raise MappingError(
            "transactions and customers cannot be loaded together",
            found="; ".join(f"{file}: {kind}" for kind, file in sorted(by_kind.items())),
            fix="load one after the other, or say --as",
        )
