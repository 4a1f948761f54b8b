"""The comment at the top of a SQL file, read as data: the build, the docs and the tests use it.

A file is a header and one plain SELECT::

    -- features.customer_rfm(as_of): how recently, how often and how much each customer bought.
    -- grain:  one row per customer with a purchase on or before as_of
    -- reads:  core.transactions
    -- params: as_of DATE, the last day that counts; nothing later is read
    -- columns:
    --   customer_key   INTEGER   key
    --   recency_days   BIGINT    [days] as_of minus the last purchase day

Deeper indentation continues the line above. A check has a ``severity:`` (stop or warn), a mart may
say ``kind: view``, and ``more:`` tells of columns that only the data knows.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from warehouse.errors import SqlFileError

SQL_FOLDER = Path(__file__).resolve().parent / "sql"

_TITLE = re.compile(r"^([a-z_]\w*\.[a-z_]\w*)(?:\(([\w, ]*)\))?: (.+)$")
_SECTION = re.compile(r"^ (grain|reads|params|more|columns|severity|kind): *(.*)$")
_COLUMN = re.compile(r"^   (\w+) +(\S+)(?: +(.*))?$")
_UNIT = re.compile(r"^\[([^\]]+)\]")
_NAMES = re.compile(r"[a-z_]\w*\.[a-z_]\w*")


class Column(NamedTuple):
    """Type of a column as DuckDB's ``describe`` prints it, and what it holds."""

    type: str
    description: str

    @property
    def unit(self) -> str | None:
        """``days`` where the description begins with ``[days]``."""
        found = _UNIT.match(self.description)
        return found.group(1) if found else None


@dataclass(frozen=True)
class Header:
    """What a SQL file says about the relation that it defines.

    ``params`` are the names in brackets behind the relation's name. ``severity`` is None except
    for checks. ``kind`` is ``table`` or ``view``. ``more`` is not empty where the relation has
    columns beside those listed. ``notes`` are further sentences.
    """

    name: str
    summary: str
    grain: str
    reads: tuple[str, ...]
    params: tuple[str, ...]
    columns: dict[str, Column]
    more: str
    severity: str | None
    kind: str
    notes: str


@dataclass(frozen=True)
class SqlFile:
    """One file of ``warehouse/sql``: its header and the SELECT below it."""

    path: Path
    header: Header
    select: str


def _split(text: str) -> tuple[list[str], str]:
    """The comment lines at the top without their dashes, and the statement below them."""
    lines = text.splitlines()
    count = next((i for i, line in enumerate(lines) if not line.startswith("--")), len(lines))
    return [line[2:].rstrip() for line in lines[:count]], "\n".join(lines[count:])


def statement_of(text: str) -> tuple[int, str]:
    """How many lines of a file stand above its SELECT, and the SELECT without its semicolon."""
    comment, below = _split(text)
    select = below.lstrip()
    skipped = below[: len(below) - len(select)].count("\n")
    return len(comment) + skipped, select.rstrip().rstrip(";").rstrip()


def _columns(lines: list[str]) -> dict[str, Column]:
    """``columns:`` with its continuation lines folded in."""
    columns: dict[str, Column] = {}
    name = ""
    for line in lines:
        found = _COLUMN.match(line)
        if found:
            name = found.group(1)
            columns[name] = Column(found.group(2), found.group(3) or "")
        elif name:
            column = columns[name]
            columns[name] = column._replace(description=f"{column.description} {line.strip()}")
    return columns


def _sections(lines: list[str]) -> dict[str, list[str]]:
    """Lines of each section; the sentences outside all of them are ``notes``."""
    sections: dict[str, list[str]] = {"notes": [], "summary": []}
    current = "summary"
    for line in lines:
        found = _SECTION.match(line)
        if found:
            current = found.group(1)
            sections[current] = [found.group(2)] if found.group(2) else []
        elif line.startswith("  "):
            sections[current].append(line)
        elif line.strip():
            current = "notes"
            sections["notes"].append(line)
    return sections


def _text(lines: list[str]) -> str:
    return " ".join(line.strip() for line in lines)


@lru_cache(maxsize=256)  # a load reads each file, and whoever loads once may load again
def parse_header(text: str) -> Header:
    """Read the header of a SQL file.

    Parameters
    ----------
    text : the whole file, or its comment lines only.

    Raises
    ------
    SqlFileError : the first line is not ``-- schema.name: summary``, a check has no severity, or
        a keyword has a value that it cannot have.
    """
    lines, _ = _split(text)
    title = _TITLE.match(lines[0].strip()) if lines else None
    if title is None:
        raise SqlFileError(
            "a SQL file does not begin with its header",
            found=lines[0].strip() if lines else "no comment",
            fix="begin with -- schema.name(parameters): summary",
        )
    sections = _sections(lines[1:])
    header = Header(
        name=title.group(1),
        summary=_text([title.group(3), *sections["summary"]]),
        grain=_text(sections.get("grain", [])),
        reads=tuple(_NAMES.findall(_text(sections.get("reads", [])))),
        params=tuple(name.strip() for name in (title.group(2) or "").split(",") if name.strip()),
        columns=_columns(sections.get("columns", [])),
        more=_text(sections.get("more", [])),
        severity=_text(sections.get("severity", [])) or None,
        kind=_text(sections.get("kind", [])) or "table",
        notes=_text(sections["notes"]),
    )
    _refuse_contradictions(header)
    return header


def _refuse_contradictions(header: Header) -> None:
    """Raise where a keyword has a value that it cannot have."""
    is_check = header.name.startswith("checks.")
    if is_check and header.severity not in {"stop", "warn"}:
        raise SqlFileError(
            f"{header.name}: a check needs a severity",
            found=str(header.severity),
            fix="write severity: stop (nothing is published) or severity: warn",
        )
    if header.kind not in {"table", "view"}:
        raise SqlFileError(
            f"{header.name}: unknown kind", found=header.kind, fix="write table or view"
        )


def read_sql_file(path: Path) -> SqlFile:
    """Read one file; its header must name it after its place, ``schema/name.sql``.

    Raises
    ------
    SqlFileError : see :func:`parse_header`; or the name is another one, or no SELECT follows.
    """
    text = path.read_text(encoding="utf-8")
    header = parse_header(text)
    expected = f"{path.parent.name}.{path.stem}"
    if header.name != expected:
        raise SqlFileError(
            f"{path.name}: the header names another relation",
            found=header.name,
            fix=f"write {expected}, or move the file",
        )
    _, select = statement_of(text)
    if not select:
        raise SqlFileError(f"{path.name}: no SELECT below the header", fix="add one SELECT")
    return SqlFile(path, header, select)


def sql_files(schema: str, sql: Path = SQL_FOLDER) -> list[SqlFile]:
    """Every file of one schema, by name; empty where the folder does not exist."""
    return [read_sql_file(path) for path in sorted((sql / schema).glob("*.sql"))]
