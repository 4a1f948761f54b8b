"""A generation in the making: a copy of the current one, which becomes the next or vanishes."""

import shutil
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from warehouse.configuration import Settings
from warehouse.errors import WorkspaceError
from warehouse.files import copy_file, copy_folder, size, sync_tree
from warehouse.manifest import (
    DATABASE_NAME,
    MODELS_NAME,
    SCHEMA_NUMBER,
    Generation,
    Manifest,
    ModelFile,
    write_manifest,
)
from warehouse.shelf import Shelf
from warehouse.version import build_name

if TYPE_CHECKING:
    import duckdb

    from warehouse.custom_views import CustomView

# What a small workspace may need beyond its copy.
_ROOM_TO_WORK = 64 * 1024**2


def room_needed(copied: int) -> int:
    """Bytes that a writer needs to make the next generation from one of that size."""
    return copied + copied // 2 + _ROOM_TO_WORK


class Draft:
    """The next generation while a writer works on it.

    Made by :meth:`warehouse.generations.Workspace.writing`.

    Attributes
    ----------
    number : the number that it will have; no other generation ever gets it.
    folder : where it is made; renamed on publication.
    con : connection for writing to a copy of the parent's database, or to an empty one.
    models : folder of model files, a copy of the parent's.
    parent : the generation that was copied; None in an empty workspace.
    custom_views : the feature views that the workspace brings itself, looked through.
    is_proven : whether they have been proven on these data.
    inbox : revision of each entry of the inbox that the draft contains; the parent's at first.
    """

    def __init__(self, shelf: Shelf, parent: Generation | None, settings: Settings) -> None:
        self.parent = parent
        self.inbox: dict[str, int] = dict(parent.manifest.inbox) if parent else {}
        self._shelf = shelf
        from warehouse.custom_views import read_custom_views

        # Looked through before anything else is done: a mistake in them is told at once.
        self.custom_views: tuple[CustomView, ...] = read_custom_views(shelf.folder.parent)
        self.is_proven = False
        self._need_space()
        self.number = shelf.claim()
        self.folder = shelf.partial(self.number)
        self.models = self.folder / MODELS_NAME
        self._temporary = self.folder / "temporary"
        shelf.on_step("claimed")
        try:
            self._copy()
            self.con: duckdb.DuckDBPyConnection = self._open(settings)
            self._continue_loads()
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise
        shelf.on_step("opened")

    def _need_space(self) -> None:
        """Refuse to begin what the disk cannot hold: the copy, and half as much again to work."""
        copied = size(self.parent.folder) if self.parent else 0
        needed = room_needed(copied)
        free = shutil.disk_usage(self._shelf.folder).free
        if free < needed:
            raise WorkspaceError(
                f"{self._shelf.folder}: not enough space to make the next generation",
                found=f"{free / 1e6:,.0f} MB free, {needed / 1e6:,.0f} MB needed",
                fix="free some space, or keep fewer generations (keep_generations)",
            )

    def _copy(self) -> None:
        self.folder.mkdir()
        if self.parent is None:
            self.models.mkdir()
        else:
            copy_file(self.parent.database, self.folder / DATABASE_NAME)
            copy_folder(self.parent.models, self.models)
        self._shelf.on_step("copied")

    def _open(self, settings: Settings) -> "duckdb.DuckDBPyConnection":
        from warehouse.connection import open_writer

        return open_writer(
            self.folder / DATABASE_NAME,
            threads=settings.threads,
            memory_limit=settings.memory_limit,
            temp_directory=self._temporary,
        )

    def _continue_loads(self) -> None:
        """Let loads be numbered behind the last one that was published, also after a rollback."""
        known = self.con.execute(
            "select coalesce(max(last_value), 0) from duckdb_sequences()"
            " where schema_name = 'core' and sequence_name = 'load_ids'"
        ).fetchall()[0][0]
        last = self._shelf.last_load()
        if last > known:
            self.con.execute("create schema if not exists core")
            self.con.execute(f"create or replace sequence core.load_ids start {last + 1}")

    def publish(
        self,
        *,
        as_of: date | None,
        scores_as_of: date | None,
        horizon_days: int,
        currency: str,
        rows: Mapping[str, int],
        loads: Sequence[int],
        models: Sequence[ModelFile],
    ) -> Generation:
        """Close the database, make the draft durable and serve it; nothing else may be done then.

        A crash at any instant leaves either the parent or this generation served, and each whole.

        Parameters
        ----------
        as_of, scores_as_of : last day that features, that scores see; None without one.
        rows : number of rows by relation.
        loads : every load id that the generation contains.
        models : the files in :attr:`models`.
        """
        self._close()
        manifest = Manifest(
            generation=self.number,
            created_at=datetime.now(UTC),
            build=build_name(),
            schema_number=SCHEMA_NUMBER,
            as_of=as_of,
            scores_as_of=scores_as_of,
            horizon_days=horizon_days,
            currency=currency,
            rows=dict(rows),
            loads=list(loads),
            models=list(models),
            parent=self.parent.number if self.parent else None,
            database_bytes=size(self.folder / DATABASE_NAME),
            inbox=self.inbox,
        )
        return self._place(manifest)

    def _close(self) -> None:
        """Bring everything into the one file, let go of it, and see that it opens."""
        from warehouse.connection import probe

        self.con.execute("checkpoint")
        self.con.close()
        shutil.rmtree(self._temporary, ignore_errors=True)
        probe(self.folder / DATABASE_NAME)
        self._shelf.on_step("closed")

    def _place(self, manifest: Manifest) -> Generation:
        """From a closed draft to the served generation, in the only safe order."""
        self._shelf.remember_load(max(manifest.loads, default=0))
        write_manifest(self.folder, manifest)
        self._shelf.on_step("written")
        sync_tree(self.folder)
        self._shelf.on_step("synced")
        folder = self._shelf.place(self.number)
        self._shelf.serve(self.number)
        self._shelf.prune(self.number, self.parent.number if self.parent else self.number)
        return Generation(self.number, folder, manifest)

    def discard(self) -> None:
        """Remove the draft; does nothing once it is published."""
        if self.folder.exists():
            self.con.close()
            shutil.rmtree(self.folder, ignore_errors=True)
