"""Writes docs/data.md from the headers of the SQL files: ``python -m warehouse.catalogue``."""

import sys
from collections.abc import Iterator

from warehouse.headers import Header, sql_files

_TITLE = "Data: every relation of the warehouse"
_INTRODUCTION = """\
Made from the headers of the files in `warehouse/sql` by `make docs`; a test compares each header
with the relation that its file builds. A unit stands in square brackets, `[currency]` is the
workspace's. `key` marks the columns that tell one row from another."""
_MACROS = ("steps", "features", "labels")
_SCHEMAS = {
    "core": """\
What was loaded, one row a line of the source. Written by `spendboard load` alone.""",
    "marks": """\
How `core.customer_days` and `core.order_days` are made from the lines of some customers, in working
tables that are gone afterwards. [features.md](features.md) tells why.""",
    "steps": """\
Table macros that features are made of.""",
    "features": """\
What was known of each customer at the end of the day `as_of`. Each is a table macro:
`from features.customer_rfm(date '2011-12-09')`. Nothing later than `as_of` is read. Only
transactions of kind purchase and refund count; rows without a day (an undated ledger) count at
every `as_of`.""",
    "labels": """\
What happened in the days after a cutoff: what the models learn to tell. Table macros too.""",
    "scores": """\
What the models said, and how they were judged. Written by `spendboard refresh`; a `load` leaves
them as they are, with their older `as_of`.""",
    "marts": """\
What the dashboard reads, and nothing else. Built afresh by every `load` and `refresh`.""",
    "checks": """\
Each returns the rows that offend. Offending rows of severity *stop* keep a generation from being
published; those of severity *warn* are shown.""",
}


def _cell(text: str) -> str:
    """``text`` inside a table of Markdown."""
    return text.replace("|", "\\|")


def _sentence(text: str) -> str:
    """``text`` with a capital and a full stop."""
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def _columns(header: Header) -> Iterator[str]:
    """The table of columns; nothing for a relation that declares none."""
    if not header.columns:
        return
    yield "| column | type | meaning |"
    yield "|---|---|---|"
    for name, column in header.columns.items():
        yield f"| `{name}` | {column.type} | {_cell(column.description)} |"
    yield ""


def _relation(header: Header) -> Iterator[str]:
    """The section of one relation."""
    parameters = f"({', '.join(header.params)})" if header.name.split(".")[0] in _MACROS else ""
    yield f"### {header.name}{parameters}"
    yield ""
    yield " ".join(_sentence(text) for text in (header.summary, header.notes, header.more) if text)
    yield ""
    yield f"- Grain: {header.grain}"
    if header.reads:
        yield f"- Reads: {', '.join(f'`{name}`' for name in header.reads)}"
    if header.severity:
        yield f"- Severity: {header.severity}"
    yield ""
    yield from _columns(header)


def markdown() -> str:
    """The page docs/data.md: every schema, relation and column, in the order of their files."""
    lines = [f"# {_TITLE}", "", _INTRODUCTION, ""]
    for schema, introduction in _SCHEMAS.items():
        lines += [f"## {schema}", "", introduction, ""]
        for file in sql_files(schema):
            lines += _relation(file.header)
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    sys.stdout.write(markdown())
