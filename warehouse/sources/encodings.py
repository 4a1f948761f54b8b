"""Text in any encoding and with any line ends, brought to UTF-8 with one line end.

Plain files are only looked through, at gigabytes a second, and read where they are. Others are
copied piece by piece.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from charset_normalizer import from_bytes

from warehouse.errors import SourceError
from warehouse.sources.line_ends import (
    LONGEST_CELL,
    SEPARATORS,
    OpenQuoteError,
    has_mixed_ends,
    with_one_end,
)
from warehouse.sources.named_encodings import (
    LATIN,
    OTHER_SCRIPTS,
    TITLES,
    WIDE,
    agreed,
    not_in,
)
from warehouse.sources.peeking import Peek, unpacked, wide_codec
from warehouse.sources.separators import only_separator
from warehouse.sources.spool import Spool, copying

_BLOCK = 4 * 1024**2
# What fits into the processor's cache is looked through in half the time.
_AT_ONCE = 256 * 1024
_BEHIND_CELLS = (b"", b'"', b"\r", b"\n", *(sign.encode() for sign in SEPARATORS))
_SAMPLE_BYTES = 256 * 1024
_BROKEN = re.compile("[\udc80-\udcff]")
# Words of western languages have a few letters beyond ASCII; those of other scripts hardly others.
_WORD = re.compile(rb"[A-Za-z\x80-\xff]*[\x80-\xff][A-Za-z\x80-\xff]*")
# The second byte of a character may be any letter or sign, but none that ends a cell.
_CHUNK = re.compile(rb'[^\s\d,;"]*[\x80-\xff][^\s\d,;"]*')
_IN_CELLS = re.compile(r'[^\s,;"|]+')
_BEYOND_ASCII = bytes(range(128, 256))
_MOSTLY = 0.6
# A byte beyond ASCII belongs to none of these: kept as it is, it would make letters of UTF-8 again.
_SEVEN_BITS = ("ascii", "utf-7", "hz", "iso2022")
_SIGN_IN_WORD = re.compile(r"[\ufffd¢£¤¥¦§¨¬¯±²³´¶¸¹¼½¾](?=[^\W\d_])")


@dataclass
class _Survey:
    """What a look through a file has found so far: bytes beyond ASCII, and lines that hold them.

    ``is_open``: the last block ended within quotes; ``has_doubtful_quotes``: one may be left open.
    """

    valid: int = 0
    broken: int = 0
    sample: bytearray = field(default_factory=bytearray)
    has_mixed_ends: bool = False
    is_open: bool = False
    has_doubtful_quotes: bool = False

    def add(self, block: bytes) -> None:
        self.has_mixed_ends = self.has_mixed_ends or has_mixed_ends(block)
        if self.is_open and not _closes(block):
            self.has_doubtful_quotes = True
        if b'"' in block:
            self.is_open ^= block.count(b'"') % 2 == 1
        if block.isascii():
            return
        try:
            # Looking for broken letters takes ten times as long, and most blocks have none.
            self.valid += len(block) - len(block.decode("utf-8"))
            return
        except UnicodeDecodeError:
            text = block.decode("utf-8", "surrogateescape")
        self.valid += len(block) - len(text)
        broken = len(_BROKEN.findall(text))
        self.broken += broken
        if broken and len(self.sample) < _SAMPLE_BYTES:
            lines = block[: 4 * _SAMPLE_BYTES].splitlines(keepends=True)
            self.sample += b"".join(line for line in lines if not line.isascii())

    @property
    def encoding(self) -> str:
        """UTF-8 also with a few bytes that are not: their records are rejected."""
        if self.broken <= self.valid:
            return "utf-8"
        return _guess(bytes(self.sample[:_SAMPLE_BYTES]))


def _closes(block: bytes) -> bool:
    """Whether the first quote of a block ends a cell, as it must where one is open."""
    first = block.find(b'"', 0, LONGEST_CELL)
    return first >= 0 and block[first + 1 : first + 2] in _BEHIND_CELLS


def as_utf_8(
    path: Path, beginning: Peek, spool: Spool, wish: str | None = None
) -> tuple[Path, str]:  # fmt: skip
    """A file of text in UTF-8, lines as DuckDB can read them, and the codec of its encoding.

    Parameters
    ----------
    wish : the codec that the user names; None: it is found.

    Returns
    -------
    ``path`` itself, or a copy in UTF-8 with LF at the end of each line; JSON keeps its own ends.

    Raises
    ------
    SourceError : the file is truncated or not in the encoding named, or a line or a quoted cell in
        it has no end.
    """
    encoding = agreed(path, beginning.head, wish) if wish else wide_codec(beginning.head)
    if encoding in (None, "utf-8"):
        survey = _survey(path, beginning)
        encoding = encoding or survey.encoding
        if encoding == "utf-8" and (beginning.kind == "json" or not survey.has_mixed_ends):
            if beginning.kind != "json" and (survey.is_open or survey.has_doubtful_quotes):
                for _ in _pieces(path, beginning, encoding):
                    pass
            return path, encoding
    copy = spool.new_file()
    try:
        with (
            copying(str(path), copy),
            copy.open("w", encoding="utf-8", errors=_errors(encoding), newline="") as target,
        ):
            target.writelines(_pieces(path, beginning, encoding))
    except UnicodeError as error:
        raise not_in(path, encoding, str(error)) from error
    return copy, encoding


def _errors(encoding: str) -> str:
    """What the encoding does not know stays broken, so that its record is rejected."""
    if encoding.startswith(_SEVEN_BITS):
        return "strict"
    return "surrogatepass" if encoding in WIDE else "surrogateescape"


def _pieces(path: Path, beginning: Peek, encoding: str) -> Iterator[str]:
    """The text with one line end; of JSON, as it stands.

    Raises
    ------
    SourceError : a quote is not closed. DuckDB would lose rows behind it without a word.
    """
    if beginning.kind == "json":
        with unpacked(path, beginning.compression) as stream:
            yield from _decoded(stream, path, encoding)
        return
    head = beginning.head.decode(encoding, errors="replace")
    only = only_separator(head.removeprefix("\ufeff"), is_whole=beginning.is_whole)
    separators = only[0] if only else SEPARATORS
    try:
        with unpacked(path, beginning.compression) as stream:
            yield from with_one_end(_decoded(stream, path, encoding), separators)
    except OpenQuoteError as error:
        raise SourceError(
            f"{path}: a quote is opened and not closed for a million characters",
            found=f"it opens in line {error.line}: {error.text}",
            fix="close it, or remove it",
        ) from error


def _survey(path: Path, beginning: Peek) -> _Survey:
    """Look through a file whose letters have one byte, or are in UTF-8."""
    survey = _Survey()
    with unpacked(path, beginning.compression) as stream:
        for block in _blocks(stream, path, beginning):
            survey.add(block)
    return survey


def _blocks(stream: IO[bytes], path: Path, beginning: Peek) -> Iterator[bytes]:
    """The stream in blocks, cut behind line ends where there are any.

    Raises
    ------
    SourceError : a line has more than some million characters, and is not JSON.
    """
    if beginning.kind == "json":
        yield from _between_letters(stream)
        return
    while block := stream.read(_AT_ONCE):
        rest = stream.readline(_BLOCK)
        if len(rest) == _BLOCK and b"\r" not in rest:
            raise SourceError(
                f"{path}: a line of more than {_BLOCK:,} characters is no record of a table",
                found=block.rpartition(b"\n")[2][:60].decode("utf-8", "replace") + " ...",
                fix="check how the file was written",
            )
        yield block + rest


def _between_letters(stream: IO[bytes]) -> Iterator[bytes]:
    """The stream in blocks, none of which ends within a letter of UTF-8."""
    rest = b""
    while read := stream.read(_AT_ONCE):
        block = rest + read
        _, end = codecs.utf_8_decode(block, "surrogateescape", False)
        yield block[:end]
        rest = block[end:]
    yield rest


def misread(path: Path, beginning: Peek, encoding: str) -> tuple[str, str] | None:
    """A word as an encoding that was named reads it, and as UTF-8, where all of the file fits that.

    Text in another encoding that is UTF-8 by chance is not to be met with. None where both read the
    same, and for encodings that switch alphabets by signs of ASCII, as those of old Japanese mail.
    """
    found = None
    with unpacked(path, beginning.compression) as stream:
        for block in _blocks(stream, path, beginning):
            if b"\x1b" in block:
                return None
            try:
                text = block.decode("utf-8")
            except UnicodeDecodeError:
                return None
            found = found or _other_word(block.decode(encoding, "replace"), text)
    return found


def _other_word(left: str, right: str) -> tuple[str, str] | None:
    """The first words in which two readings of the same lines differ."""
    if left == right:
        return None
    words = zip(_IN_CELLS.findall(left), _IN_CELLS.findall(right), strict=False)
    return next(((one, other) for one, other in words if one != other), None)


def _guess(sample: bytes) -> str:
    """The encoding of lines that are not in UTF-8."""
    words = _WORD.findall(sample)
    beyond = sum(len(word) - len(word.translate(None, _BEYOND_ASCII)) for word in words)
    is_latin = beyond < _MOSTLY * sum(map(len, words)) or max(map(len, words)) < 3
    if is_latin:
        return _latin(sample)
    matches = from_bytes(b" ".join(_CHUNK.findall(sample)), cp_isolation=list(OTHER_SCRIPTS))
    best = matches.best()
    return best.encoding if best else "cp1252"


def _latin(sample: bytes) -> str:
    """Western languages are told apart by few letters only.

    So the most frequent encoding is taken, unless it cannot be, or would put signs such as a
    superscript 3 into words.
    """
    if _signs_in_words(sample, "cp1250") < _signs_in_words(sample, "cp1252"):
        return "cp1250"
    matches = from_bytes(sample, cp_isolation=list(LATIN))
    best = matches.best()
    is_frequent = any("cp1252" in match.could_be_from_charset for match in matches)
    return "cp1252" if best is None or is_frequent else best.encoding


def _signs_in_words(sample: bytes, encoding: str) -> int:
    return len(_SIGN_IN_WORD.findall(sample.decode(encoding, "replace")))


def _decoded(stream: IO[bytes], path: Path, encoding: str) -> Iterator[str]:
    """The stream as text, in pieces."""
    codec = "utf-8-sig" if encoding == "utf-8" else encoding
    decoder = codecs.getincrementaldecoder(codec)(_errors(encoding))
    while block := stream.read(_BLOCK):
        yield decoder.decode(block)
    try:
        yield decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise SourceError(
            f"{path}: ends within a character of {TITLES.get(encoding, encoding)}",
            found=str(error.object[-20:]),
            fix="get a fresh copy of the file",
        ) from error
