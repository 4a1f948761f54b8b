"""What a file really is: its first bytes tell, its name does not."""

import codecs
import gzip
import re
import sys
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal, cast

from warehouse.errors import SourceError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PEEK_BYTES = 64 * 1024
Kind = Literal["text", "json", "parquet", "xlsx"]
Compression = Literal["none", "gzip", "zstd"]

_PARQUET = b"PAR1"
_ZIP = b"PK\x03\x04"
_COMPRESSED: dict[bytes, Compression] = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
_UNPACK = "unpack it; gzip and zstd are read as they are"
_SAVE_AS = "save the table as CSV, XLSX or Parquet"
_FOREIGN = {
    _ZIP: ("a ZIP archive", _UNPACK),
    b"BZh": ("compressed with bzip2", _UNPACK),
    b"\xfd7zXZ\x00": ("compressed with xz", _UNPACK),
    b"\x04\x22\x4d\x18": ("compressed with LZ4", _UNPACK),
    b"7z\xbc\xaf\x27\x1c": ("a 7-Zip archive", _UNPACK),
    b"Rar!": ("a RAR archive", _UNPACK),
    b"\x1f\x9d": ("compressed with compress", _UNPACK),
    b"\xd0\xcf\x11\xe0": ("an old Excel workbook", "save it as .xlsx, or the sheet as CSV"),
    b"%PDF-": ("a PDF", _SAVE_AS),
    b"SQLite format 3\0": ("a SQLite database", _SAVE_AS),
    b"ARROW1": ("an Arrow file", _SAVE_AS),
    b"Obj\x01": ("an Avro file", _SAVE_AS),
    b"{\\rtf": ("rich text", _SAVE_AS),
}
_MARKUP = re.compile(rb"\s*<(!doctype|html|\?xml|table)", re.I)
_JSON = re.compile(rb'(\xef\xbb\xbf)?\s*(\{\s*["}]|\[\s*[{\]])')
# That of UTF-32 begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Characters that no table in text holds; form feed and the end of a DOS file (26) may occur.
_CONTROLS = bytes(set(range(32)) - {9, 10, 12, 13, 26, 27})
_FEW_CONTROLS, _MOST_CONTROLS = 4, 0.02


@dataclass(frozen=True)
class Peek:
    """The beginning of a file. ``head`` is unpacked; ``is_whole`` where it is all there is."""

    kind: Kind
    compression: Compression
    head: bytes
    is_whole: bool


def peek(path: Path) -> Peek:
    """Look at the first bytes of a file.

    Raises
    ------
    SourceError : it cannot be read, or is none of what can be.
    """
    with unpacked(path, "none") as stream:
        head = stream.read(PEEK_BYTES + 1)
    compression: Compression = "none"
    for magic, name in _COMPRESSED.items():
        if head.startswith(magic):
            compression = name
            with unpacked(path, compression) as stream:
                head = stream.read(PEEK_BYTES + 1)
    return Peek(_kind(path, head), compression, head[:PEEK_BYTES], len(head) <= PEEK_BYTES)


@contextmanager
def unpacked(path: Path, compression: Compression) -> Iterator[IO[bytes]]:
    """The content of a file as a stream of bytes.

    Raises
    ------
    SourceError : it may not be read, or its compressed content is damaged or ends too early.
    """
    try:
        with path.open("rb") as packed:
            if compression == "gzip":
                yield cast("IO[bytes]", gzip.GzipFile(fileobj=packed))
            elif compression == "zstd":
                yield cast("IO[bytes]", zstd.ZstdFile(packed))
            else:
                yield packed
    except PermissionError as error:
        raise SourceError(f"{path}: may not be read", fix="check its permissions") from error
    except (gzip.BadGzipFile, EOFError, zlib.error, zstd.ZstdError) as error:
        raise SourceError(
            f"{path}: cannot be read to its end",
            found=str(error),
            fix="get a fresh copy of the file",
        ) from error


def _kind(path: Path, head: bytes) -> Kind:
    """What the unpacked beginning says."""
    if head.startswith(_PARQUET):
        return "parquet"
    if head.startswith(_ZIP) and _is_workbook(path):
        return "xlsx"
    for magic, (what, fix) in _FOREIGN.items():
        if head.startswith(magic):
            raise _foreign(path, what, fix)
    if _MARKUP.match(head):
        raise _foreign(path, "a page of HTML or XML", _SAVE_AS)
    codec = wide_codec(head)
    if codec is None and _is_binary(head):
        raise _foreign(path, "bytes that are no text", "name a text file with columns")
    text = head.decode(codec, "ignore").encode("utf-8", "ignore") if codec else head
    return "json" if _JSON.match(text) else "text"


def _is_workbook(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except (zipfile.BadZipFile, OSError):
        return False


def _is_binary(head: bytes) -> bool:
    if b"\0" in head:
        return True
    controls = len(head) - len(head.translate(None, _CONTROLS))
    return controls > max(_FEW_CONTROLS, _MOST_CONTROLS * len(head))


def has_mark(head: bytes) -> bool:
    """Whether a byte order mark says that text is in UTF-8, UTF-16 or UTF-32."""
    return head.startswith((codecs.BOM_UTF8, *(mark for mark, _ in _MARKS)))


def wide_codec(head: bytes) -> str | None:
    """Codec of text in two or four bytes a character, by its mark or its zeros; else None."""
    for mark, codec in _MARKS:
        if head.startswith(mark):
            return codec
    even, odd = head[::2].count(0), head[1::2].count(0)
    enough = 0.4 * len(head) / 2
    # Separators, digits and Latin letters have a zero as their high byte, and none as their low.
    if odd > enough and not even:
        return "utf-16-le"
    return "utf-16-be" if even > enough and not odd else None


def _foreign(path: Path, what: str, fix: str) -> SourceError:
    return SourceError(f"{path}: neither CSV, JSON lines, XLSX nor Parquet", found=what, fix=fix)
