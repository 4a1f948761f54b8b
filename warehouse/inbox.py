"""What is accepted and not yet loaded: one file an entry, on the disk before it is called accepted.

An entry has an id for ever and a revision that grows when it is edited; a generation says which
revisions it contains. Adding needs no lock: every entry is a file of its own that appears whole
under a name nobody else has. Editing and removing wait for a writer, who may be loading the entry.
"""

import os
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from warehouse.errors import UsageError, WorkspaceError
from warehouse.files import sync
from warehouse.lock import patient_lock

# Source of the rows of core.transactions that come from here; their ids are those of the entries.
SOURCE = "log-expense"
SET_ASIDE = "set-aside"
_ENTRY, _UNFINISHED = ".json", ".new"
# How long an edit waits for a writer, and a writer for an edit, which takes milliseconds.
_PATIENCE = 3.0  # [s]
_ABANDONED = 60.0  # [s] after which an unfinished file has nobody who still writes it


class Expense(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One logged transaction as text, in the canonical wording of loading.

    ``amount`` has two decimals, refunds are negative; ``purchased_at`` is local time of the
    workspace, a day without a time is midnight.
    """

    amount: str
    purchased_at: str
    customer_id: str
    kind: str
    currency: str
    category: str | None = None
    merchant: str | None = None
    payment_method: str | None = None
    city: str | None = None
    description: str | None = None


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An accepted expense: its id, how often it was edited, and when it was accepted (UTC)."""

    id: str
    revision: int
    accepted_at: datetime
    expense: Expense


class Inbox:
    """The entries in the inbox of a workspace; any number of processes may add at a time.

    Parameters
    ----------
    workspace : its folder; made with the first entry.
    """

    def __init__(self, workspace: Path) -> None:
        self.workspace = workspace
        self.folder = workspace / "inbox"
        self.lock = workspace / "inbox.lock"

    def entries(self) -> list[Entry]:
        """Every readable entry, the oldest first."""
        read = [_read(file) for file in self._files()]
        return [entry for entry in read if entry is not None]

    def waiting(self, contained: Mapping[str, int]) -> list[Entry]:
        """Entries that a generation does not contain, or not as they are now."""
        return [entry for entry in self.entries() if contained.get(entry.id) != entry.revision]

    def unreadable(self) -> int:
        """How many files are no entries: half-written ones, also those set aside already."""
        aside = self.folder / SET_ASIDE
        known = sum(1 for _ in aside.iterdir()) if aside.is_dir() else 0
        return known + sum(1 for file in self._files() if _read(file) is None)

    def add(self, expense: Expense) -> Entry:
        """Accept an expense; when this returns, it survives a power cut.

        Raises
        ------
        WorkspaceError : the folder cannot be written, or the disk is full; nothing is accepted.
        """
        now = datetime.now(UTC)
        with _writable(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            # Somebody else may have made them an instant ago, and not waited for the disk yet.
            sync(self.workspace)
            sync(self.workspace.parent)
            while True:
                entry_id = f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"
                entry = Entry(id=entry_id, revision=1, accepted_at=now, expense=expense)
                with suppress(FileExistsError):
                    self._place(entry, is_new=True)
                    return entry

    def edit(self, entry_id: str, expense: Expense, contained: Mapping[str, int]) -> Entry:
        """Put another expense in the place of one that still waits.

        Parameters
        ----------
        contained : the revisions that the served generation contains.

        Raises
        ------
        UsageError : nothing of this id waits.
        LockedError : a writer is at work, who may have read the entry already.
        WorkspaceError : the folder cannot be written.
        """
        with self._changing("log-expense --edit", entry_id, contained) as old:
            entry = msgspec.structs.replace(old, revision=old.revision + 1, expense=expense)
            self._place(entry, is_new=False)
            return entry

    def remove(self, entry_id: str, contained: Mapping[str, int]) -> Entry:
        """Take an entry that still waits out for good; raises as :meth:`edit` does."""
        with self._changing("log-expense --remove", entry_id, contained) as entry:
            self._file(entry.id).unlink()
            sync(self.folder)
            return entry

    @contextmanager
    def _changing(
        self, command: str, entry_id: str, contained: Mapping[str, int]
    ) -> Iterator[Entry]:
        """Hold an entry that still waits for the length of the block."""
        self.find(entry_id, contained)
        with _writable(self.folder), self.held(command):
            yield self.find(entry_id, contained)

    def find(self, entry_id: str, contained: Mapping[str, int]) -> Entry:
        """The entry of this id that still waits.

        Raises
        ------
        UsageError : it is loaded already, or there is none.
        """
        waiting = {entry.id: entry for entry in self.waiting(contained)}
        if entry_id in waiting:
            return waiting[entry_id]
        if entry_id in contained:
            raise UsageError(
                f"expense {entry_id} is loaded already; it can no longer be changed here",
                fix="log the same amount with --kind refund, or `spendboard rollback` first",
            )
        raise UsageError(
            f"no expense {entry_id} waits to be loaded",
            found=", ".join(list(waiting)[:5]) or "no expense waits",
            fix="`spendboard log-expense --list` shows those that wait",
        )

    @contextmanager
    def held(self, command: str, patience: float = _PATIENCE) -> Iterator[None]:
        """Let no entry change for the length of the block; new ones may still come.

        Raises
        ------
        LockedError : somebody else holds it for longer than ``patience`` seconds.
        """
        with patient_lock(self.lock, command, patience):
            yield

    def sweep(self) -> None:
        """Set aside what is no entry, so that nobody stumbles over it again; for a writer."""
        for file in self._files():
            if _read(file) is None:
                self._set_aside(file)
        with suppress(OSError):
            for file in self.folder.glob(f"*{_UNFINISHED}"):
                with suppress(OSError):
                    if time.time() - file.stat().st_mtime > _ABANDONED:
                        self._set_aside(file)

    def forget(self, kept: Sequence[Mapping[str, int]]) -> None:
        """Remove the entries that every kept generation contains as they are now; for a writer.

        Parameters
        ----------
        kept : what each generation on the disk contains; an unreadable one contains nothing.
        """
        for entry in self.entries():
            if kept and all(contained.get(entry.id) == entry.revision for contained in kept):
                with suppress(OSError):
                    self._file(entry.id).unlink()

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob(f"*{_ENTRY}"))

    def _file(self, entry_id: str) -> Path:
        return self.folder / f"{entry_id}{_ENTRY}"

    def _place(self, entry: Entry, *, is_new: bool) -> None:
        """Write an entry beside its place, wait for the disk, and only then give it its name.

        The unfinished file is opened exclusively, and then nobody else can take the name.
        """
        file = self._file(entry.id)
        unfinished = file.with_suffix(_UNFINISHED)
        if not is_new:
            unfinished.unlink(missing_ok=True)
        with unfinished.open("xb") as out:
            try:
                if is_new and file.exists():
                    raise FileExistsError(file)
                out.write(msgspec.json.encode(entry) + b"\n")
                out.flush()
                os.fsync(out.fileno())
                unfinished.replace(file)
            except BaseException:
                unfinished.unlink(missing_ok=True)
                raise
        sync(self.folder)

    def _set_aside(self, file: Path) -> None:
        aside = self.folder / SET_ASIDE
        with suppress(OSError):
            aside.mkdir(exist_ok=True)
            file.rename(aside / f"{file.name}-{secrets.token_hex(3)}")


def _read(file: Path) -> Entry | None:
    """The entry in a file; None if it is gone, torn, or of another name."""
    try:
        entry = msgspec.json.decode(file.read_bytes(), type=Entry)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None
    return entry if entry.id == file.stem else None


@contextmanager
def _writable(folder: Path) -> Iterator[None]:
    """Tell what keeps a file from being written as what it is."""
    try:
        yield
    except OSError as error:
        raise WorkspaceError(
            f"{folder}: nothing was changed, it cannot be written",
            found=str(error),
            fix="free some space, or name a workspace that you may write to (--workspace)",
        ) from error
