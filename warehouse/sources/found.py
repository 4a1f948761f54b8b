"""From the arguments of a load to files: globs, missing files, and what a file really is."""

import difflib
import glob
import gzip
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from warehouse.errors import SourceError

PEEK_BYTES = 64 * 1024
_GLOB_SIGNS = frozenset("*?[")
_PARQUET = b"PAR1"
_GZIP = b"\x1f\x8b"
_FOREIGN = {
    b"PK\x03\x04": ("a ZIP archive, or an Excel workbook", "unpack it, or save the sheet as CSV"),
    b"\xd0\xcf\x11\xe0": ("an old Excel workbook", "save the sheet as CSV"),
    b"\x28\xb5\x2f\xfd": ("compressed with zstd", "unpack it with `unzstd`, or use gzip"),
    b"\xff\xfe": ("text in UTF-16", "save it as UTF-8, for instance with `iconv -t utf-8`"),
    b"\xfe\xff": ("text in UTF-16", "save it as UTF-8, for instance with `iconv -t utf-8`"),
}


@dataclass(frozen=True)
class Found:
    """One file that was asked for. ``by_name`` is false where a glob found it."""

    path: Path
    by_name: bool


def find_files(arguments: list[str]) -> list[Found]:
    """Files that the arguments name, each once, globs in alphabetical order.

    Raises
    ------
    SourceError : nothing is there (the nearest names are told), a folder, or a glob without files.
    """
    files: dict[Path, Found] = {}
    for argument in arguments:
        for found in _matches(argument):
            files.setdefault(found.path.resolve(), found)
    return list(files.values())


def literal(path: Path) -> str:
    """The path as DuckDB's readers take it: they expand globs, also in the name of a found file."""
    return glob.escape(str(path))


def _matches(argument: str) -> list[Found]:
    """Files of one argument: the file of that very name, or else what the glob finds."""
    path = Path(argument).expanduser()
    if path.is_dir():
        inside = sorted(entry.name for entry in path.iterdir() if entry.is_file())
        raise SourceError(
            f"{argument}: a folder, not a file",
            found=", ".join(inside[:5]) + (" ..." if len(inside) > 5 else "") or "an empty folder",
            fix=f'name a file, or quote a glob such as "{path / "*.csv"}"',
        )
    if path.exists():
        return [Found(path, by_name=True)]
    if _GLOB_SIGNS & set(argument):
        paths = sorted(Path(name) for name in glob.glob(str(path), recursive=True))  # noqa: PTH207
        found = [Found(one, by_name=False) for one in paths if one.is_file()]
        if found:
            return found
        raise SourceError(f"{argument}: no file matches", fix=_nearest(path))
    raise SourceError(f"{argument}: no such file", fix=_nearest(path))


def _nearest(path: Path) -> str:
    """What the user may have meant."""
    folder = path.parent
    if not folder.is_dir():
        return f"{folder} is not a folder; check the path"
    names = [entry.name for entry in folder.iterdir() if entry.is_file()]
    near = difflib.get_close_matches(path.name, names, n=3, cutoff=0.5) or sorted(names)[:3]
    return f"nearest names in {folder}: {', '.join(near)}" if near else f"{folder} holds no file"


@dataclass(frozen=True)
class Peek:
    """The beginning of a file. ``head`` is unpacked; ``is_whole`` where it is all there is."""

    kind: Literal["text", "parquet"]
    compression: Literal["none", "gzip"]
    head: bytes
    is_whole: bool


def peek(path: Path) -> Peek:
    """Look at the first bytes of a file; they tell what it is, its name does not.

    Raises
    ------
    SourceError : it cannot be read, or is neither text nor Parquet.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(PEEK_BYTES + 1)
        if head.startswith(_GZIP):
            return _text_peek(path, _unpacked(path), "gzip")
    except PermissionError as error:
        raise SourceError(f"{path}: may not be read", fix="check its permissions") from error
    except (OSError, EOFError, zlib.error) as error:
        raise SourceError(
            f"{path}: cannot be read", found=str(error), fix="get a fresh copy of the file"
        ) from error
    if head.startswith(_PARQUET):
        return Peek("parquet", "none", head, is_whole=False)
    return _text_peek(path, head, "none")


def _unpacked(path: Path) -> bytes:
    with gzip.open(path) as stream:
        return stream.read(PEEK_BYTES + 1)


def _text_peek(path: Path, head: bytes, compression: Literal["none", "gzip"]) -> Peek:
    """Text, unless its first bytes say that it is something else."""
    for magic, (what, fix) in _FOREIGN.items():
        if head.startswith(magic):
            raise SourceError(f"{path}: neither CSV nor Parquet", found=what, fix=fix)
    if b"\0" in head:
        raise SourceError(
            f"{path}: neither CSV nor Parquet",
            found="bytes that are no text",
            fix="name a text file with columns, or a Parquet file",
        )
    return Peek("text", compression, head[:PEEK_BYTES], is_whole=len(head) <= PEEK_BYTES)
