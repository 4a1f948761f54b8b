"""The form of a backup: tar, compressed with zstd, with the digest of each file at its end.

Names in it are relative, regular files only. The list of digests is the last member, so an archive
that was cut off has none.
"""

import hashlib
import io
import re
import sys
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

import msgspec

from warehouse.errors import BackupError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

FORMAT = 1
CONTENTS_NAME = "contents.json"
_CHUNK = 1 << 20
_MOST_CONTENTS = 64 << 20
# What a workspace consists of, without what belongs to this machine or this moment.
_NAMES = re.compile(
    r"CURRENT|last_load|spendboard\.toml|state\.sqlite|demo\.json|generations/last_number"
    r"|generations/\d{6,}/(manifest\.json|warehouse\.duckdb|models/[\w.+-]+)"
    r"|inbox/([\w-]+/)?[\w.+-]+|features/[\w.+-]+"
)
OnBytes = Callable[[int], None]


class File(msgspec.Struct, frozen=True):
    """One file of a backup."""

    size: int
    sha256: str


class Contents(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup contains, and by which build it was made."""

    format: int
    created_at: datetime
    build: str
    generation: int
    files: dict[str, File]


def is_allowed(name: str) -> bool:
    """Whether a backup may have a file of that name; no other name is ever written."""
    return _NAMES.fullmatch(name) is not None and ".." not in name.split("/")


class Writer:
    """Adds files to an archive and remembers their digests."""

    def __init__(self, stream: IO[bytes], on_bytes: OnBytes) -> None:
        self._zstd = zstd.open(stream, "wb", level=3)
        self._tar = tarfile.TarFile.open(fileobj=self._zstd, mode="w|", format=tarfile.PAX_FORMAT)
        self._on_bytes = on_bytes
        self.files: dict[str, File] = {}

    def add(self, name: str, content: IO[bytes], size: int) -> None:
        """Add ``size`` bytes of an open file."""
        watched = _Watched(content, self._on_bytes)
        self._tar.addfile(_member(name, size), watched)
        self.files[name] = File(size, watched.digest.hexdigest())

    def finish(self, *, created_at: datetime, build: str, generation: int) -> Contents:
        """Write the digests behind everything else."""
        contents = Contents(
            format=FORMAT,
            created_at=created_at,
            build=build,
            generation=generation,
            files=self.files,
        )
        text = msgspec.json.encode(contents)
        self._tar.addfile(_member(CONTENTS_NAME, len(text)), io.BytesIO(text))
        self._tar.close()
        self._zstd.close()
        return contents


def _member(name: str, size: int) -> tarfile.TarInfo:
    """Head of a member: readable by its owner alone, of nobody and no time in particular."""
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    return member


class _Watched(io.RawIOBase):
    """A stream whose bytes are counted and digested as they are read."""

    def __init__(self, stream: IO[bytes], on_bytes: OnBytes) -> None:
        self.digest = hashlib.sha256()
        self._stream, self._on_bytes = stream, on_bytes

    def read(self, size: int = -1, /) -> bytes:
        piece = self._stream.read(size)
        self.digest.update(piece)
        self._on_bytes(len(piece))
        return piece


Take = Callable[[str, Iterator[bytes]], None]


def read_archive(file: Path, take: Take, on_bytes: OnBytes) -> Contents:
    """Read an archive from its beginning to its end, and see that every digest fits.

    Parameters
    ----------
    take : given the name and the bytes of each file, in pieces, all of which it must use. What it
        was given may be trusted only once this function has returned.
    on_bytes : told of the bytes as they are read.

    Raises
    ------
    BackupError : not an archive of ours, cut off, altered, or with a name that it must not have.
    """
    met: dict[str, File] = {}
    contents: Contents | None = None
    with (
        _explained(file),
        zstd.open(file, "rb") as plain,
        tarfile.open(fileobj=plain, mode="r|") as tar,
    ):
        for member in tar:
            if contents is not None:
                raise _refused(file, f"{member.name[:200]!r} behind the list of contents")
            if member.name == CONTENTS_NAME and member.isreg():
                contents = _contents(tar, member, file)
                continue
            _refuse_member(file, member, met)
            stream = tar.extractfile(member)
            assert stream is not None
            pieces = _Pieces(stream, on_bytes)
            take(member.name, iter(pieces))
            met[member.name] = File(pieces.size, pieces.digest.hexdigest())
    if contents is None:
        raise _refused(file, "the list of contents at its end is missing: it was cut off")
    wrong = sorted({*met, *contents.files} - {n for n in met if met[n] == contents.files.get(n)})
    if wrong:
        raise _refused(file, f"{wrong[0]} is not what was written ({len(wrong)} such files)")
    return contents


class _Pieces:
    """The bytes of one member, digested on their way."""

    def __init__(self, stream: IO[bytes], on_bytes: OnBytes) -> None:
        self.digest, self.size = hashlib.sha256(), 0
        self._stream, self._on_bytes = stream, on_bytes

    def __iter__(self) -> Iterator[bytes]:
        while piece := self._stream.read(_CHUNK):
            self.digest.update(piece)
            self.size += len(piece)
            self._on_bytes(len(piece))
            yield piece


def _contents(tar: tarfile.TarFile, member: tarfile.TarInfo, file: Path) -> Contents:
    stream = tar.extractfile(member)
    assert stream is not None
    contents = msgspec.json.decode(stream.read(_MOST_CONTENTS), type=Contents)
    if contents.format > FORMAT:
        raise BackupError(
            f"{file}: made by a newer Spendboard ({contents.build})", fix="update Spendboard"
        )
    return contents


def _refuse_member(file: Path, member: tarfile.TarInfo, met: dict[str, File]) -> None:
    """Raise for links, devices, paths that lead elsewhere, and names that no backup has."""
    if not member.isreg() or member.issparse() or not is_allowed(member.name):
        raise _refused(file, f"{member.name[:200]!r} has no place in a backup")
    if member.name in met:
        raise _refused(file, f"{member.name} is in it twice")


def _refused(file: Path, found: str) -> BackupError:
    return BackupError(
        f"{file}: not a whole backup of Spendboard; nothing was changed",
        found=found,
        fix="use another copy of the backup, or an earlier one",
    )


@contextmanager
def _explained(file: Path) -> Iterator[None]:
    """Tell what a damaged archive is, whoever stumbles over it."""
    try:
        yield
    except (tarfile.TarError, zstd.ZstdError, EOFError, msgspec.MsgspecError, ValueError) as error:
        raise _refused(file, str(error) or type(error).__name__) from None
