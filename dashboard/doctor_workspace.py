"""What the doctor sees of a workspace: its disk, its settings, what is served, and the key."""

import difflib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dashboard.calls import NOT_A_FOLDER
from dashboard.doctor import Line
from dashboard.status import as_of_words, currency_fault
from warehouse.configuration import Settings, read_settings
from warehouse.connection import available_memory, default_threads, probe, reading
from warehouse.custom_views import read_custom_views
from warehouse.drafts import room_needed
from warehouse.errors import NoGenerationError, SettingsError, SpendboardError
from warehouse.files import size
from warehouse.generations import Generation, Workspace
from warehouse.headers import sql_files

# Locks and renames are not what they should be there.
_NETWORK = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "afs", "ceph"})
_UNITS = {"MB": 10**6, "GB": 10**9, "MiB": 2**20, "GiB": 2**30}
_KEY_BYTES = 32
# What the models make of the features for themselves.
RATES = frozenset({"gaps_since_last", "orders_per_30d", "spend_per_30d"})


def workspace_lines(folder: Path, key_file: Path) -> Iterator[Line]:
    """Everything about one workspace and the key of its models."""
    settings = Settings()
    try:
        settings = read_settings(folder)
        yield Line("settings", "ok", _about_settings(folder))
        yield from _currency(folder, settings)
        yield from _clusters(folder, settings)
    except SettingsError as error:
        what = f"{error.what}, found {error.found}" if error.found else error.what
        yield Line("settings", "fail", what, error.fix or "")
    yield from _against_machine(settings)
    if folder.exists() and not folder.is_dir():
        yield Line("workspace", "fail", f"{folder}: not a folder", NOT_A_FOLDER)
        yield _key(key_file)
        return
    yield from _folder(folder)
    yield from _interrupted(folder)
    yield from _served(folder, settings)
    yield from _features(folder)
    yield _key(key_file)


def _about_settings(folder: Path) -> str:
    file = folder / "spendboard.toml"
    return f"{file} is valid" if file.is_file() else "no spendboard.toml: the defaults"


def _currency(folder: Path, settings: Settings) -> Iterator[Line]:
    """The currency of the settings: of the transactions that are there, and one at all."""
    manifest = None
    with suppress(SpendboardError, OSError):  # told by the line of the generation
        manifest = Workspace(folder).current().manifest
    if fault := currency_fault(settings, manifest):
        yield Line("currency", fault.state, fault.found, fault.fix)


def _clusters(folder: Path, settings: Settings) -> Iterator[Line]:
    """Columns that the groups are to be made from and that nothing here is called."""
    if not settings.clusters.features:
        return
    try:
        generation = Workspace(folder).current()
        with reading(generation.database, settings) as con:
            found = con.execute("describe marts.customers").fetchall()
    except (SpendboardError, OSError):  # told by the line of the generation
        return
    known = {column for file in sql_files("features") for column in file.header.columns}
    known |= {str(name) for name, *_ in found} | RATES
    for name in settings.clusters.features:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
            fix = f"did you mean {near[0]}?" if near else "docs/data.md lists the features"
            yield Line("clusters", "fail", f"clusters.features names {name!r}, which is no column"
                       " here: no refresh goes through", fix)  # fmt: skip


def _against_machine(settings: Settings) -> Iterator[Line]:
    """Threads and memory that the settings ask for, and that there are."""
    cores = default_threads()
    if settings.threads and settings.threads > cores:
        yield Line("threads", "warn", f"threads = {settings.threads}, {cores} cores",
                   f"set threads = {cores}, or leave it out")  # fmt: skip
    if settings.memory_limit:
        unit = next(unit for unit in _UNITS if settings.memory_limit.endswith(unit))
        wanted = float(settings.memory_limit.removesuffix(unit)) * _UNITS[unit]
        if wanted > 0.8 * available_memory():
            yield Line("memory_limit", "warn", f"{settings.memory_limit} of"
                       f" {available_memory() / 1024**3:,.1f} GiB",
                       "leave room for Python and the system: at most 60 %")  # fmt: skip


def _folder(folder: Path) -> Iterator[Line]:
    """Whether the folder can be written, and what kind of disk it lies on."""
    if not folder.exists():
        parent = _nearest(folder)
        if os.access(parent, os.W_OK):
            yield Line("workspace", "ok", f"{folder} is not there yet; the first load makes it")
        else:
            yield Line("workspace", "fail", f"{folder} is not there, and {parent} is not writable",
                       "name a folder that you may write to (--workspace)")  # fmt: skip
    else:
        yield _writable(folder)
    kind = _filesystem(_nearest(folder))
    if kind in _NETWORK:
        yield Line("filesystem", "warn", f"{kind}, over the network",
                   "keep the workspace on a local disk: locks may fail there")  # fmt: skip
    else:
        yield Line("filesystem", "ok", kind or "of unknown kind")
    yield _space(folder)


def _interrupted(folder: Path) -> Iterator[Line]:
    """What a restore or a backup that was killed left beside the workspace."""
    place = folder.absolute()
    if not place.parent.is_dir():
        return
    aside = sorted(path.name for path in place.parent.glob(f"{place.name}.before-*"))
    if aside and not place.exists():
        yield Line("restore", "fail", f"{folder} is gone, {aside[-1]} is there: a restore was"
                   " interrupted", f"mv {place.with_name(aside[-1])} {place}")  # fmt: skip
    half = sorted(path.name for path in place.parent.glob(f".{place.name}.*.restoring"))
    if half:
        yield Line("restore", "warn", f"unfinished: {', '.join(half)}",
                   f"if no restore is running, remove it from {place.parent}")  # fmt: skip


def _features(folder: Path) -> Iterator[Line]:
    """The workspace's own feature views, looked through and not run."""
    try:
        views = read_custom_views(folder)
    except SpendboardError as error:
        yield Line("features", "fail", f"{error.what}: {error.found}", error.fix or "")
        return
    if views:
        yield Line("features", "ok", ", ".join(view.file.path.name for view in views))


def _nearest(folder: Path) -> Path:
    """The folder, or the first one above it that exists."""
    place = folder.absolute()
    while not place.exists():
        place = place.parent
    return place


def _writable(folder: Path) -> Line:
    """Try what a writer does: write, lock, rename over another file."""
    try:
        with tempfile.TemporaryDirectory(prefix=".doctor-", dir=folder) as name:
            one, other = Path(name) / "one", Path(name) / "other"
            one.write_text("1", encoding="ascii")
            other.write_text("2", encoding="ascii")
            if not _locks(one):
                return Line("workspace", "fail", f"{folder}: flock does not lock",
                            "keep the workspace on a local disk")  # fmt: skip
            one.replace(other)
            if other.read_text(encoding="ascii") != "1":
                return Line("workspace", "fail", f"{folder}: rename does not replace",
                            "keep the workspace on a local disk")  # fmt: skip
    except OSError as error:
        return Line("workspace", "fail", f"{folder}: {error.strerror}",
                    "make it writable for you, or name another one (--workspace)")  # fmt: skip
    return Line("workspace", "ok", f"{folder}: can be written, locked and renamed in")


def _locks(file: Path) -> bool:
    """Whether a lock keeps a second holder out."""
    with file.open("rb") as first, file.open("rb") as second:
        fcntl.flock(first, fcntl.LOCK_EX | fcntl.LOCK_NB)
        try:
            fcntl.flock(second, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def _filesystem(folder: Path) -> str | None:
    """Kind of the filesystem that a folder lies on, as Linux calls it."""
    try:
        mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    best: tuple[int, str | None] = (-1, None)
    for line in mounts:
        left, _, right = line.partition(" - ")
        point = left.split()[4].replace("\\040", " ")
        if folder.resolve().is_relative_to(point) and len(point) >= best[0]:
            best = (len(point), right.split()[0])
    return best[1]


def _space(folder: Path) -> Line:
    """Free disk against what the next generation takes."""
    copied = 0
    with suppress(SpendboardError, OSError):
        copied = size(Workspace(folder).current().folder)
    free, needed = shutil.disk_usage(_nearest(folder)).free, room_needed(copied)
    found = f"{free / 1e9:,.1f} GB free, the next load needs {needed / 1e9:,.1f} GB"
    fix = "free some space, or keep fewer generations (keep_generations)"
    state = "fail" if free < needed else "warn" if free < 2 * needed else "ok"
    return Line("disk", state, found, fix)  # type: ignore[arg-type]


def _served(folder: Path, settings: Settings) -> Iterator[Line]:
    """What is served: does it open, and does the clock agree with it?"""
    try:
        generation = Workspace(folder).current()
        probe(generation.database)
    except NoGenerationError as error:
        yield Line("generation", "ok", "none yet", error.fix or "")
        return
    except SpendboardError as error:
        yield Line("generation", "fail", f"{error.what}: {error.found}", error.fix or "")
        return
    except OSError as error:
        yield Line("generation", "fail", str(error), "make the workspace readable for you")
        return
    as_of = as_of_words(generation)
    yield Line("generation", "ok", f"{generation.number} opens, {as_of}")
    yield from _times(generation, settings)
    half = sorted(path.name for path in (folder / "generations").glob("*.partial"))
    if half:
        yield Line("unfinished", "warn", ", ".join(half),
                   "a writer is at work, or was killed: the next one removes it")  # fmt: skip


def _times(generation: Generation, settings: Settings) -> Iterator[Line]:
    """The clock against the days of the data."""
    manifest, now = generation.manifest, datetime.now(UTC)
    fix = "set the clock, and the time zone of spendboard.toml"
    if manifest.created_at > now + timedelta(minutes=5):
        yield Line("clock and data", "fail", f"published {manifest.created_at:%Y-%m-%d %H:%M} UTC,"
                   " after now", fix)  # fmt: skip
    elif manifest.as_of and manifest.as_of > now.astimezone(settings.zone).date():
        yield Line("clock and data", "fail", f"as of {manifest.as_of}, after today", fix)
    else:
        yield Line("clock and data", "ok", f"published {manifest.created_at:%Y-%m-%d %H:%M} UTC")


def _key(file: Path) -> Line:
    """The key that signs models: readable by its owner alone."""
    try:
        status = file.stat()
    except FileNotFoundError:
        return Line("signing key", "ok", f"{file} is not there yet; the first refresh makes it")
    except OSError as error:
        return Line("signing key", "fail", f"{file}: {error.strerror}", "make it readable for you")
    if status.st_size != _KEY_BYTES:
        return Line("signing key", "fail", f"{file} has {status.st_size} bytes, not {_KEY_BYTES}",
                    "remove it, then run `spendboard refresh --train always`")  # fmt: skip
    if status.st_mode & 0o077:
        return Line("signing key", "warn", f"others may read {file}", f"chmod 600 {file}")
    return Line("signing key", "ok", f"{file}, readable by you alone")
