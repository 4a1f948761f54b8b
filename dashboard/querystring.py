"""Query strings: percent-encoding both ways, bounded, and safe for hostile input."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import quote, unquote_to_bytes

from dashboard.grammar import refuse_control

LONGEST_QUERY: Final = 30_000
MOST_KEYS: Final = 200
_SAFE: Final = ",.!~:()*-_"  # what stays readable in a value


@dataclass(frozen=True)
class Ignored:
    """A part of the query that was not understood, and why."""

    key: str
    value: str
    reason: str


def shortened(text: str, most: int = 120) -> str:
    """``text`` fit for a message: cut, said so, and without control characters."""
    clean = re.sub(r"[\x00-\x1f\x7f]", "\ufffd", text)
    return clean if len(clean) <= most else f"{clean[:most]} ... ({len(clean):,} characters)"


def written(pairs: Mapping[str, str]) -> str:
    """The query string of ``pairs``, in their order."""
    return "&".join([_pair(key, value) for key, value in pairs.items()])


@lru_cache(maxsize=4096)
def _pair(key: str, value: str) -> str:
    return f"{quote(key, safe='')}={quote(value, safe=_SAFE)}"


def split(query: str) -> tuple[dict[str, str], list[Ignored]]:
    """Keys and decoded values of a query string; what cannot be decoded is listed."""
    if len(query) > LONGEST_QUERY:
        reason = f"is longer than {LONGEST_QUERY:,} characters; nothing of it is used"
        return {}, [Ignored("query", shortened(query), reason)]
    pairs: dict[str, str] = {}
    ignored: list[Ignored] = []
    parts = [part for part in query.split("&") if part]
    for part in parts[:MOST_KEYS]:
        name, _, text = part.partition("=")
        try:
            key, value = decoded(name), decoded(text)
        except ValueError as error:
            ignored.append(Ignored(shortened(name), shortened(text), str(error)))
            continue
        if key in pairs:
            ignored.append(Ignored(key, shortened(value), "is given twice; the first one counts"))
        else:
            pairs[key] = value
    if len(parts) > MOST_KEYS:
        rest = f"{len(parts) - MOST_KEYS:,} further keys"
        ignored.append(Ignored("query", rest, f"has more than {MOST_KEYS} keys"))
    return pairs, ignored


def decoded(text: str) -> str:
    """Percent-decoded text; ``ValueError`` in words where it is none."""
    raw = unquote_to_bytes(text.replace("+", " "))
    try:
        return refuse_control(raw.decode("utf-8"))
    except UnicodeDecodeError:
        raise ValueError("is not text in UTF-8") from None
