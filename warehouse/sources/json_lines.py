"""JSON lines, or one array of objects: each object a row, each key a column.

A number keeps its own wording, so that no amount passes through a floating-point number; what is
nested stays JSON. A line that cannot be read is rejected; an array that cannot be is refused.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from warehouse.errors import SourceError
from warehouse.sources.json_texts import texts
from warehouse.sources.layout import Layout
from warehouse.sources.opened import Opened
from warehouse.sources.peeking import Peek, unpacked
from warehouse.sources.spool import CSV_OPTIONS, Spool

_FIRST_ROWS = 1000
_SHOWN = 60
_NOT_JSON, _NOT_OBJECT = "not JSON", "not a JSON object"

_row = msgspec.json.Decoder(dict[str, msgspec.Raw])
_text = msgspec.json.Decoder(str)

Row = dict[str, str | None]
Fault = tuple[str, str, str, str]


def copied(path: Path, beginning: Peek, spool: Spool, asked: str) -> Opened:
    """Copy a file of JSON in UTF-8 into the spool.

    Raises
    ------
    SourceError : an array is broken or ends too early, an object is too large for a row, or there
        are records and none that can be read.
    """
    keys: dict[str, None] = {}
    for number, row in enumerate(_Records(path, beginning, asked).rows()):
        keys |= dict.fromkeys(row)
        if number == _FIRST_ROWS:
            break
    copy, records = _copy(path, beginning, keys, spool, asked)
    if records.late_keys:
        # A key that comes up later is a column too.
        keys |= records.late_keys
        copy, records = _copy(path, beginning, keys, spool, asked)
    if not keys and records.n_records > records.n_rows:
        raise _unreadable(records)
    if not keys:
        return Opened(path, None)
    faults = spool.write(asked, records.faults()) if records.n_records > records.n_rows else None
    return Opened(copy, Layout("csv", tuple(keys), options=CSV_OPTIONS), faults)


def _copy(
    path: Path, beginning: Peek, keys: dict[str, None], spool: Spool, asked: str
) -> "tuple[Path, _Records]":
    records = _Records(path, beginning, asked)
    return spool.write(asked, records.table(list(keys))), records


@dataclass
class _Records:
    """The records of a file, and what turned up while they passed.

    ``n_rows`` are good; ``n_records`` are these and the ones that cannot be read. ``late_keys``
    are those that the table had no column for.
    """

    path: Path
    beginning: Peek
    asked: str
    n_rows: int = 0
    n_records: int = 0
    late_keys: dict[str, None] = field(default_factory=dict)

    def table(self, keys: list[str]) -> Iterator[list[str | None]]:
        """A header, and the cells of each row."""
        yield [*keys]
        for row in self.rows():
            yield [row.pop(key, None) for key in keys]
            self.late_keys |= dict.fromkeys(row)

    def rows(self) -> Iterator[Row]:
        """Each row as text by key."""
        return (record for record in self._records() if isinstance(record, dict))

    def faults(self) -> Iterator[Fault]:
        """The records that cannot be read: number, rows before it, reason and text."""
        return (record for record in self._records() if not isinstance(record, dict))

    def _records(self) -> Iterator[Row | Fault]:
        self.n_rows = self.n_records = 0
        with unpacked(self.path, self.beginning.compression) as stream:
            for text in texts(stream, self.beginning.head, self.asked):
                self.n_records += 1
                try:
                    row = {key: _cell(value) for key, value in _row.decode(text).items()}
                except (msgspec.DecodeError, UnicodeError) as error:
                    is_other = isinstance(error, msgspec.ValidationError)
                    reason = _NOT_OBJECT if is_other else _NOT_JSON
                    shown = text.decode("utf-8", "replace")
                    yield str(self.n_records), str(self.n_rows), reason, shown
                    continue
                self.n_rows += 1
                yield row


def _unreadable(records: _Records) -> SourceError:
    """The error about a file of whose records none has a key: it has no columns either."""
    record, _, reason, text = next(records.faults())
    return SourceError(
        f"{records.asked}: none of its records is an object of JSON with a key",
        found=f"record {record}: {reason}: {text[:_SHOWN]}",
        fix="write one object a line, or one array of objects",
    )


def _cell(value: msgspec.Raw) -> str | None:
    """The wording of a value: a string without its quotes, null as NULL, all else as it stands."""
    raw = bytes(value)
    if raw[:1] == b'"':
        return _text.decode(raw)
    return None if raw == b"null" else raw.decode("utf-8")
