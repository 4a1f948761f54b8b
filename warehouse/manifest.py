"""``manifest.json``: what one generation contains, and how to know that it is whole."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import msgspec

from warehouse.errors import CorruptGenerationError

FILE_NAME = "manifest.json"
DATABASE_NAME = "warehouse.duckdb"
MODELS_NAME = "models"
# Grows when an older build could no longer read a new workspace.
SCHEMA_NUMBER = 1


class ModelFile(msgspec.Struct, frozen=True):
    """One file in ``models/``: its name, its digest, and the digest signed by this installation."""

    name: str
    file: str
    sha256: str
    hmac: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a generation contains.

    ``as_of`` is None for an undated ledger or without transactions, ``scores_as_of`` before the
    first refresh. ``rows`` counts each relation, ``loads`` lists the ids in ``core.loads``,
    ``parent`` is the generation that was copied. ``database_bytes`` finds a truncated file without
    reading it. ``inbox`` gives the revision of every entry of the inbox that is contained.
    """

    generation: int
    created_at: Annotated[datetime, msgspec.Meta(tz=True)]
    build: str
    schema_number: int
    as_of: date | None
    scores_as_of: date | None
    horizon_days: int
    currency: str
    rows: dict[str, int]
    loads: list[int]
    models: list[ModelFile]
    parent: int | None
    database_bytes: int | None = None
    inbox: dict[str, int] = msgspec.field(default_factory=dict)


@dataclass(frozen=True)
class Generation:
    """One published, immutable state of warehouse and models."""

    number: int
    folder: Path
    manifest: Manifest

    @property
    def database(self) -> Path:
        """The DuckDB file; open it with :func:`warehouse.connection.open_reader`."""
        return self.folder / DATABASE_NAME

    @property
    def models(self) -> Path:
        """The folder of the models that wrote the scores in :attr:`database`."""
        return self.folder / MODELS_NAME


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write ``manifest.json`` into the folder of a generation, readable by people too."""
    text = msgspec.json.format(msgspec.json.encode(manifest), indent=2)
    (folder / FILE_NAME).write_bytes(text + b"\n")


def read_manifest(folder: Path, number: int) -> Manifest:
    """Read the manifest of generation ``number`` and check that its folder is whole.

    Checked is what costs nothing: the manifest itself, the size of the database, the presence of
    the models. Digests of models are checked when a model is loaded, blocks of the database by
    DuckDB when it reads them.

    Raises
    ------
    CorruptGenerationError : a file is missing, truncated or unreadable, or made by a newer build.
    """
    try:
        manifest = msgspec.json.decode((folder / FILE_NAME).read_bytes(), type=Manifest)
    except OSError as error:
        raise _damaged(number, f"{folder / FILE_NAME}: {error.strerror}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _damaged(number, f"{folder / FILE_NAME}: {error}") from error
    if manifest.schema_number > SCHEMA_NUMBER:
        raise CorruptGenerationError(
            f"generation {number} was written by a newer Spendboard ({manifest.build})",
            found=f"schema number {manifest.schema_number}, this build knows {SCHEMA_NUMBER}",
            fix="update Spendboard, or `spendboard rollback` to an older generation",
        )
    fault = _fault(folder, number, manifest)
    if fault:
        raise _damaged(number, fault)
    return manifest


def _fault(folder: Path, number: int, manifest: Manifest) -> str | None:
    """The first thing in the folder that contradicts its manifest."""
    if manifest.generation != number:
        return f"{folder / FILE_NAME} speaks of generation {manifest.generation}"
    database = folder / DATABASE_NAME
    if not database.is_file():
        return f"{database} is missing"
    found, expected = database.stat().st_size, manifest.database_bytes
    if expected is not None and found != expected:
        return f"{database} has {found:,} bytes, {expected:,} were written"
    for model in manifest.models:
        if not (folder / MODELS_NAME / model.file).is_file():
            return f"{folder / MODELS_NAME / model.file} is missing"
    return None


def _damaged(number: int, found: str) -> CorruptGenerationError:
    return CorruptGenerationError(
        f"generation {number} is damaged",
        found=found,
        fix="`spendboard rollback` serves the newest sound generation before it",
    )
