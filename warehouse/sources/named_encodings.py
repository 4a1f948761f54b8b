"""Encodings by their names: those that people write, and what a file says against them."""

import codecs
import difflib
from pathlib import Path

from warehouse.configuration import FILE_NAME
from warehouse.errors import SettingsError, SourceError, UsageError
from warehouse.sources.peeking import has_mark, wide_codec

LATIN = {
    "cp1252": "Windows-1252", "cp1250": "Windows-1250", "cp1254": "Windows-1254",
    "cp1257": "Windows-1257",
}  # fmt: skip
OTHER_SCRIPTS = {
    "cp1251": "Windows-1251", "koi8_r": "KOI8-R", "cp1253": "Windows-1253",
    "cp1255": "Windows-1255", "cp1256": "Windows-1256", "cp874": "Windows-874",
    "cp932": "Shift JIS", "euc_jp": "EUC-JP", "gb18030": "GB18030", "big5": "Big5",
    "cp949": "EUC-KR",
}  # fmt: skip
WIDE = {
    "utf-16": "UTF-16", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16", "utf-32": "UTF-32",
    "utf-32-le": "UTF-32", "utf-32-be": "UTF-32",
}  # fmt: skip
# Encodings that are found, codec and name.
TITLES = {"utf-8": "UTF-8", **WIDE, **LATIN, **OTHER_SCRIPTS}


def known(encoding: str, source: str | None = None) -> str:
    """The codec of an encoding that a user names.

    Parameters
    ----------
    source : in whose settings it is named; None: by ``--encoding``.

    Raises
    ------
    UsageError, SettingsError : Python knows none of that name.
    """
    try:
        codec = codecs.lookup(encoding.replace(" ", "-")).name
        b"a".decode(codec, "replace")  # Python also has codecs that make no text,
        codecs.getincrementaldecoder(codec)("surrogateescape").decode(b"a")  # or none from pieces
    except (LookupError, UnicodeError):
        names = {title.lower(): title for title in TITLES.values()}
        near = difflib.get_close_matches(encoding.lower(), [*names, *TITLES], n=1) or ["cp1252"]
        fix = f"did you mean {names.get(near[0], near[0])}?"
        if source is None:
            raise UsageError(f"--encoding {encoding}: no such encoding", fix=fix) from None
        where = f"{FILE_NAME}: encoding of [sources.{source}]"
        raise SettingsError(f"{where}: {encoding!r} is no encoding", fix=fix) from None
    return "utf-8" if codec == "utf-8-sig" else codec


def agreed(path: Path, head: bytes, wish: str) -> str:
    """The codec that is named, with the order of bytes that the file has where it says none.

    A byte order mark wins over the name.

    Raises
    ------
    SourceError : characters have one byte in the file and two or four by the name, or the reverse.
    """
    if not head:
        return wish
    found = wide_codec(head)
    if has_mark(head):
        return found or "utf-8"
    if wish in ("utf-16", "utf-32"):
        if found is None or WIDE[found] != WIDE[wish]:
            raise not_in(path, wish, "neither a byte order mark nor zeros as it has")
        return found
    if wish in WIDE and b"\0" not in head:
        raise not_in(path, wish, "no byte that is zero, as separators and line ends have one")
    if wish not in WIDE and found:
        raise not_in(path, wish, f"bytes as in {WIDE[found]}")
    return wish


def not_in(path: Path, encoding: str, found: str) -> SourceError:
    """The error about a file that is in another encoding than was named or found."""
    return SourceError(
        f"{path}: is not in {TITLES.get(encoding, encoding)}",
        found=found,
        fix="name the encoding that it is in, or none: then it is found",
    )
