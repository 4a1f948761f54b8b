"""Values of MySQL as cells of CSV: what each type's text looks like, and which have none."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pymysql.constants import FIELD_TYPE

_BINARY_CHARSET = 63
# Of MySQL 9, which the driver has no name for: floating-point numbers as they lie in memory.
_VECTOR = 242
_STRINGS = frozenset({FIELD_TYPE.STRING, FIELD_TYPE.VAR_STRING, FIELD_TYPE.VARCHAR})
_BLOBS = frozenset(
    {FIELD_TYPE.BLOB, FIELD_TYPE.TINY_BLOB, FIELD_TYPE.MEDIUM_BLOB, FIELD_TYPE.LONG_BLOB}
)
NUMBERS = frozenset(
    {
        FIELD_TYPE.TINY, FIELD_TYPE.SHORT, FIELD_TYPE.INT24, FIELD_TYPE.LONG, FIELD_TYPE.LONGLONG,
        FIELD_TYPE.DECIMAL, FIELD_TYPE.NEWDECIMAL, FIELD_TYPE.FLOAT, FIELD_TYPE.DOUBLE,
        FIELD_TYPE.YEAR,
    }
)  # fmt: skip
TEMPORAL = frozenset({FIELD_TYPE.DATE, FIELD_TYPE.DATETIME, FIELD_TYPE.TIMESTAMP})
# What the server never writes with a comma or a quote.
_PLAIN = NUMBERS | {FIELD_TYPE.DATE, FIELD_TYPE.NEWDATE, FIELD_TYPE.DATETIME, FIELD_TYPE.TIME}
DIGITS = re.compile(r"-?\d+(\.\d+)?")
Writer = Callable[[Any], str]


@dataclass(frozen=True)
class Column:
    """A column of a result; ``write`` makes a cell of a value that is not NULL.

    It is None where the column holds neither text nor number: pictures, shapes and vectors.
    """

    name: str
    kind: int
    write: Writer | None


def column(name: str, kind: int, charset: int) -> Column:
    """The column of that type, as the server describes it."""
    is_binary = charset == _BINARY_CHARSET
    if kind in {FIELD_TYPE.GEOMETRY, _VECTOR} or (kind in _BLOBS and is_binary):
        return Column(name, kind, None)
    if kind == FIELD_TYPE.BIT:
        return Column(name, kind, _bits)
    if kind in _STRINGS and is_binary:
        return Column(name, kind, bytes.hex)
    if kind == FIELD_TYPE.TIMESTAMP:
        return Column(name, kind, _instant)
    return Column(name, kind, str if kind in _PLAIN else _text)


def _text(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'


def _instant(value: str) -> str:
    """A TIMESTAMP is an instant, which the session shows in UTC; a DATETIME is a local time."""
    return f"{value}+00:00"


def _bits(value: bytes) -> str:
    return str(int.from_bytes(value, "big"))
