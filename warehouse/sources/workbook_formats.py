"""Number formats of XLSX: the currency and the percent sign that a cell shows and does not hold.

A cell holds 0.15 and shows 15 %; it holds 12.5 and shows 12.50 EUR. The reader of cells keeps
dates and leaves all other formats out, so they are looked up beside it, in the same order of rows.
"""

import posixpath
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from xml.parsers import expat

from warehouse.currencies import meanings

# Formats that a workbook may use by number alone. Those of money (5 to 8, 42 and 44) show the
# currency of whoever opens the workbook: without their wording they tell nothing.
_BUILT_IN = {9: "0%", 10: "0.00%"}
_PIECE = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|\[\$(?P<named>[^\]-]*)[^\]]*\]|\[[^\]]*\]|[_*].'
    r"|(?P<percent>%)|(?P<bare>[$\u20a0-\u20cf\u00a2-\u00a5\uffe1\uffe5])|.",
    re.DOTALL,
)
_CHUNK = 1 << 16
_COLUMN = re.compile(r"[A-Z]+")


@dataclass(frozen=True)
class Format:
    """What a number shows beside its digits: a currency ("" without one), or a percent sign."""

    sign: str = ""
    is_percent: bool = False


@dataclass(frozen=True)
class Formats:
    """Formats of one sheet.

    ``rows`` gives the number of a row, from 0, and its cells of another format than plain by the
    number of their column; ``unknown`` are formats that name a currency which is not known.
    """

    rows: Iterator[tuple[int, dict[int, Format]]]
    unknown: tuple[str, ...] = ()


def format_of(code: str) -> Format:
    """What numbers of a format show: ``[$£-809]#,##0`` a sterling sign, ``0.0%`` per cent."""
    sign, literal, is_percent = "", "", False
    for piece in _PIECE.finditer(code + ";"):
        text = piece["quoted"] or piece["escaped"] or piece["bare"]
        if text is not None:
            literal += text
            continue
        sign = sign or _known(piece["named"] or "") or _known(literal)
        literal = ""
        is_percent = is_percent or piece["percent"] is not None
    return Format(sign, is_percent)


def _known(literal: str) -> str:
    """A currency among the words of a format; words in small letters may be anything: 12 all."""
    text = literal.strip(" \u00a0()-")
    codes = meanings(text)
    return text if codes and (text == codes[0] or text.upper() != codes[0]) else ""


def formats(path: Path, sheet: str) -> Formats | None:
    """Formats of a sheet's cells; None where no cell can show more than its number.

    Raises
    ------
    zipfile.BadZipFile, expat.ExpatError : the workbook is damaged.
    """
    with zipfile.ZipFile(path) as archive:
        codes = _codes(archive)
        known = {n: format_of(code) for n, code in codes.items()}
        telling = {str(n): one for n, one in known.items() if one != Format()}
        unknown = {
            code for n, code in codes.items()
            if not known[n].sign and re.search(r"\[\$[^\]-]", code)
        }  # fmt: skip
        member = _member(archive, sheet)
    if member is None or not (telling or unknown):
        return None
    return Formats(_rows(path, member, telling), tuple(sorted(unknown)))


def day_zero(path: Path) -> str:
    """The day, in ISO, since which a workbook counts days: long ago, Macintoshes began in 1904.

    Raises
    ------
    zipfile.BadZipFile, expat.ExpatError : the workbook is damaged.
    """
    told: list[str] = []

    def begin(name: str, given: Mapping[str, str]) -> None:
        if name == "workbookPr":
            told.append(given.get("date1904", ""))

    with zipfile.ZipFile(path) as archive:
        _read(archive, "xl/workbook.xml", begin)
    return "1904-01-01" if {"1", "true"} & set(told) else "1899-12-30"


def _codes(archive: zipfile.ZipFile) -> dict[int, str]:
    """Formats by the number of the style of a cell."""
    written, used, inside = dict(_BUILT_IN), list[int](), list[str]()

    def begin(name: str, given: Mapping[str, str]) -> None:
        inside.append(name)
        if name == "numFmt":
            written[int(given["numFmtId"])] = given.get("formatCode", "")
        elif inside[-2:] == ["cellXfs", "xf"]:
            used.append(int(given.get("numFmtId", 0)))

    _read(archive, "xl/styles.xml", begin, lambda _: inside.pop())
    return {n: written.get(one, "") for n, one in enumerate(used)}


def _member(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """Where the archive keeps a sheet; None where its index does not tell."""
    links, targets = dict[str, str](), dict[str, str]()

    def named(name: str, given: Mapping[str, str]) -> None:
        if name == "sheet":
            links[given.get("name", "")] = given.get("id", "")

    def linked(name: str, given: Mapping[str, str]) -> None:
        if name == "Relationship":
            targets[given.get("Id", "")] = given.get("Target", "")

    _read(archive, "xl/workbook.xml", named)
    _read(archive, "xl/_rels/workbook.xml.rels", linked)
    target = targets.get(links.get(sheet, ""))
    return target and _found(archive, posixpath.normpath(posixpath.join("/xl", target))[1:])


def _found(archive: zipfile.ZipFile, member: str) -> str | None:
    """A member by its name, in whatever letters it is written."""
    return next((one for one in archive.namelist() if one.lower() == member.lower()), None)


@dataclass
class _Reading:
    """Where the reader of a sheet stands, and the rows that are done."""

    telling: Mapping[str, Format]
    row: int = -1
    column: int = -1
    cells: dict[int, Format] = field(default_factory=dict)
    done: list[tuple[int, dict[int, Format]]] = field(default_factory=list)

    def begin(self, name: str, given: Mapping[str, str]) -> None:
        """A row or a cell; one without a place stands behind the one before."""
        if name == "row":
            self.row = int(given["r"]) - 1 if "r" in given else self.row + 1
            self.column = -1
        elif name == "c":
            self.column = _column(given["r"]) if "r" in given else self.column + 1
            shown = self.telling.get(given.get("s", ""))
            if shown is not None:
                self.cells[self.column] = shown

    def end(self, name: str) -> None:
        """A row is done."""
        if name == "row" and self.cells:
            self.done.append((self.row, self.cells))
            self.cells = {}


def _rows(
    path: Path, member: str, telling: Mapping[str, Format]
) -> Iterator[tuple[int, dict[int, Format]]]:  # fmt: skip
    """Rows that have a cell of a telling format, in their order."""
    state = _Reading(telling)
    parser = _parser(state.begin, state.end)
    with zipfile.ZipFile(path) as archive, archive.open(member) as stream:
        for chunk in _chunks(stream):
            parser.Parse(chunk, not chunk)
            yield from state.done
            state.done.clear()


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    """The pieces of a stream, and an empty one at its end."""
    while chunk := stream.read(_CHUNK):
        yield chunk
    yield b""


def _column(place: str) -> int:
    """Number of a column from 0: ``AB7`` is in column 27."""
    number = 0
    found = _COLUMN.match(place)
    for letter in found[0] if found else "":
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _read(
    archive: zipfile.ZipFile,
    member: str,
    begin: Callable[[str, Mapping[str, str]], None],
    end: Callable[[str], object] = lambda _: None,
) -> None:
    """Tell the elements of a small part of the archive; nothing where it has no such part."""
    found = _found(archive, member)
    if found is not None:
        _parser(begin, end).Parse(archive.read(found), True)


def _parser(
    begin: Callable[[str, Mapping[str, str]], None], end: Callable[[str], object]
) -> expat.XMLParserType:
    """A parser that tells elements and attributes by their names without a namespace."""

    def begun(name: str, given: Mapping[str, str]) -> None:
        begin(_local(name), {_local(key): value for key, value in given.items()})

    def declared(*_: object) -> None:
        # No workbook declares a type, and entities can be made to grow without end.
        raise expat.ExpatError("a workbook with a document type")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = begun
    parser.EndElementHandler = lambda name: end(_local(name))
    parser.StartDoctypeDeclHandler = declared
    return parser


def _local(name: str) -> str:
    return name.rpartition(" ")[2]
