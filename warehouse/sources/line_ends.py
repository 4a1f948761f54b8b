"""One line end for all lines: LF instead of CRLF and CR, but never within a quoted cell."""

import re
from collections.abc import Iterable, Iterator

SEPARATORS = ",;\t|"
# A carriage return doubled on its way is one line end too.
_END = re.compile(r"\r*\n|\r")
# No cell is that long: its quote was opened by mistake, and swallows what follows.
LONGEST_CELL = 1024**2


class OpenQuoteError(Exception):
    """A quote is opened and not closed; ``line`` counts from 1, ``text`` follows the quote."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(f"line {line}")
        self.line, self.text = line, text


def with_one_end(pieces: Iterable[str], separators: str = SEPARATORS) -> Iterator[str]:
    """The same text with LF at the end of each record; pieces may end anywhere.

    Parameters
    ----------
    pieces : the text.
    separators : what may stand before the quote that opens a cell, beside a line end.

    Raises
    ------
    OpenQuoteError : a quoted cell would be longer than ``LONGEST_CELL``.
    """
    cells = _Cells(separators)
    rest, lines = "", 1
    for piece in pieces:
        rest += piece
        cut = cells.last_end(rest)
        if len(rest) - cut > LONGEST_CELL and (opened := cells.opened(rest[cut:])) is not None:
            raise OpenQuoteError(lines + rest.count("\n", 0, cut), rest[cut + opened :][:60])
        text = "".join(cells.with_feeds(rest[:cut]))
        lines += text.count("\n")
        yield text
        rest = rest[cut:]
    yield "".join(cells.with_feeds(rest))


def has_mixed_ends(block: bytes) -> bool:
    """Whether lines end in several ways, quoted ones counted too: then it takes a closer look."""
    if b"\r" not in block:
        return False
    both, feeds, returns = block.count(b"\r\n"), block.count(b"\n"), block.count(b"\r")
    return not (both == feeds == returns or not feeds)


class _Cells:
    """Quoted cells between certain separators."""

    def __init__(self, separators: str) -> None:
        opening = rf'(?<![^\r\n{re.escape(separators)}])"'
        self._quoted = re.compile(rf'{opening}(?:[^"]|"")*+"(?=[\r\n{re.escape(separators)}]|\Z)')
        self._opening = re.compile(opening)

    def with_feeds(self, text: str) -> Iterator[str]:
        """Whole records with LF at their ends, in pieces."""
        last = 0
        for cell in self._quoted.finditer(text) if '"' in text else ():
            yield _END.sub("\n", text[last : cell.start()])
            yield cell.group()
            last = cell.end()
        yield _END.sub("\n", text[last:])

    def last_end(self, text: str) -> int:
        """Where the last whole record of ``text`` ends; 0 if none does."""
        after = end = 0
        for cell in self._quoted.finditer(text) if '"' in text else ():
            end = _end_between(text, after, cell.start()) or end
            after = cell.end()
        opened = self._opening.search(text, after)
        # Carriage returns at the very end may be a part of a line end.
        stop = opened.start() if opened else len(text.rstrip("\r"))
        return _end_between(text, after, stop) or end

    def opened(self, text: str) -> int | None:
        """Where a cell is opened that ``text`` does not close."""
        after = 0
        for cell in self._quoted.finditer(text):
            after = cell.end()
        found = self._opening.search(text, after)
        return found.start() if found else None


def _end_between(text: str, start: int, stop: int) -> int:
    """Position behind the last line end there; 0 where there is none."""
    return max(text.rfind("\n", start, stop), text.rfind("\r", start, stop)) + 1
