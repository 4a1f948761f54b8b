"""Where one object ends in a file of JSON and the next begins, in bounded memory."""

import codecs
import json
import re
from collections.abc import Iterator
from typing import IO

from warehouse.errors import SourceError

# More than any object that is a row of a table.
_LONGEST = 8 * 1024**2
_BLOCK = 1024**2
_MARK = b"\xef\xbb\xbf"
_BETWEEN = re.compile(r"[\s,]*")
# Where an object ends is all that is asked: numbers need not be made of digits.
_object_at = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str).raw_decode


def texts(stream: IO[bytes], head: bytes, asked: str) -> Iterator[bytes]:
    """Texts that should each be one object.

    Parameters
    ----------
    stream, head : the file and its beginning, which tells how objects stand in it.
    asked : what the user asked for, for messages.

    Raises
    ------
    SourceError : objects that are not one a line are broken, or one is too large.
    """
    start = head.removeprefix(_MARK).lstrip()
    first_line, _, rest = start.partition(b"\n")
    is_lines = first_line.rstrip().endswith(b"}") or rest.lstrip()[:1] == b"{"
    if start.startswith(b"{") and is_lines and not _are_several(first_line):
        return _lines(stream, asked)
    return _spread(stream, asked, is_array=start.startswith(b"["))


def _are_several(line: bytes) -> bool:
    """Whether a line holds one whole object and the beginning of another."""
    text = line.decode("utf-8", "replace").strip()
    try:
        _, end = _object_at(text)
    except json.JSONDecodeError:
        return False
    return _BETWEEN.sub("", text[end:], count=1).startswith("{")


def _lines(stream: IO[bytes], asked: str) -> Iterator[bytes]:
    """One object a line; blank lines do not count."""
    while line := stream.readline(_LONGEST):
        if len(line) == _LONGEST:
            raise _broken(asked, f"a line of more than {_LONGEST:,} characters")
        text = line.removeprefix(_MARK).strip()
        if text:
            yield text


def _spread(stream: IO[bytes], asked: str, *, is_array: bool) -> Iterator[bytes]:
    """Objects over several lines, or several on one."""
    count = 0
    text = ""
    for piece in _pieces(stream, asked, is_array=is_array):
        text += piece
        place, found = _objects(text)
        yield from (one.encode() for one in found)
        count += len(found)
        text = text[place:]
        if len(text) > _LONGEST or (text and text[0] not in "{]"):
            break
    if text.strip() != ("]" if is_array else ""):
        raise _broken(asked, f"object {count + 1} is not complete: {text[:40]}")


def _pieces(stream: IO[bytes], asked: str, *, is_array: bool) -> Iterator[str]:
    """The file as text, without the bracket that opens an array."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    is_first = True
    try:
        while block := stream.read(_BLOCK):
            text = decoder.decode(block)
            if is_first and is_array:
                text = text.lstrip().removeprefix("[")
            is_first = False
            yield text
        yield decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise _broken(asked, str(error)) from error


def _objects(text: str) -> tuple[int, list[str]]:
    """The whole objects at the beginning of ``text``, and where the rest of it begins."""
    found: list[str] = []
    place = 0
    while True:
        between = _BETWEEN.match(text, place)
        place = between.end() if between else place
        if not text.startswith("{", place):
            return place, found
        try:
            _, end = _object_at(text, place)
        except json.JSONDecodeError:  # it goes on in the next piece
            return place, found
        found.append(text[place:end])
        place = end


def _broken(asked: str, found: str) -> SourceError:
    return SourceError(
        f"{asked}: cannot be read as JSON to its end",
        found=found,
        fix="get a fresh copy of the file, or write one object a line",
    )
