"""One line end for all lines: LF instead of CRLF and CR, but never within a quoted cell."""

import re
from collections.abc import Iterable, Iterator

_OPENING = r'(?<![^,;|\t\r\n])"'
_QUOTED = re.compile(_OPENING + r'(?:[^"]|"")*+"(?=[,;|\t\r\n]|\Z)')
_OPEN = re.compile(_OPENING)
# A carriage return doubled on its way is one line end too.
_END = re.compile(r"\r*\n|\r")
# A quote that is not closed for so long is a slip, not a cell.
_LONGEST_CELL = 1024**2


def with_one_end(pieces: Iterable[str]) -> Iterator[str]:
    """The same text with LF at the end of each record; pieces may end anywhere."""
    rest = ""
    for piece in pieces:
        rest += piece
        cut = _last_end(rest)
        yield "".join(_with_feeds(rest[:cut]))
        rest = rest[cut:]
    yield "".join(_with_feeds(rest))


def has_mixed_ends(block: bytes) -> bool:
    """Whether lines end in several ways, quoted ones counted too: then it takes a closer look."""
    if b"\r" not in block:
        return False
    both, feeds, returns = block.count(b"\r\n"), block.count(b"\n"), block.count(b"\r")
    return not (both == feeds == returns or not feeds)


def _with_feeds(text: str) -> Iterator[str]:
    last = 0
    for cell in _QUOTED.finditer(text) if '"' in text else ():
        yield _END.sub("\n", text[last : cell.start()])
        yield cell.group()
        last = cell.end()
    yield _END.sub("\n", text[last:])


def _last_end(text: str) -> int:
    """Where the last whole record of ``text`` ends."""
    after = end = 0
    for cell in _QUOTED.finditer(text) if '"' in text else ():
        end = _end_between(text, after, cell.start()) or end
        after = cell.end()
    opened = _OPEN.search(text, after)
    if opened is None or len(text) - opened.start() > _LONGEST_CELL:
        # Carriage returns at the very end may be a part of a line end.
        return _end_between(text, after, len(text.rstrip("\r"))) or end
    return _end_between(text, after, opened.start()) or end


def _end_between(text: str, start: int, stop: int) -> int:
    """Position behind the last line end there; 0 where there is none."""
    return max(text.rfind("\n", start, stop), text.rfind("\r", start, stop)) + 1
