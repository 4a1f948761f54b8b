"""How one condition is written: ``loyal,at-risk``, ``!dormant``, ``100..500``, ``none``.

Raises ``ValueError`` in words for whatever does not fit; the selection decides whether that is
refused or listed as ignored.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

from dashboard.period import parse_day
from dashboard.vocabulary import NONE, Key, escape, slugify

MOST_VALUES: Final = 500
LONGEST_VALUE: Final = 500
_NUMBER: Final = re.compile(r"[+-]?(\d{1,15}(\.\d{0,9})?|\.\d{1,9})")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_FLAGS: Final = {"yes": "yes", "no": "no", "true": "yes", "false": "no", "1": "yes", "0": "no"}
Edge = Decimal | date | None


@dataclass(frozen=True)
class Span:
    """A range with inclusive ends; an open end is ``None``."""

    low: Edge
    high: Edge

    def text(self) -> str:
        """As written in a URL; a single value for equal ends."""
        if self.low is not None and self.low == self.high:
            return edge_text(self.low)
        return f"{edge_text(self.low)}..{edge_text(self.high)}"


@dataclass(frozen=True)
class Condition:
    """One key with what is asked of it.

    Parameters
    ----------
    key : name in the vocabulary.
    values : slugs of a choice or flag, or text as it stands; sorted, any of them.
    spans : ranges of a number or day; sorted, any of them.
    missing : also (or, alone: only) where nothing is known.
    excluded : none of all that.
    """

    key: str
    values: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()
    missing: bool = False
    excluded: bool = False
    is_text: bool = False

    def text(self) -> str:
        """The right-hand side in its one canonical form, not percent-encoded."""
        items = [escape(v) if self.is_text else v for v in self.values]
        items += [span.text() for span in self.spans]
        if self.missing:
            items.append(NONE)
        return ("!" if self.excluded else "") + ",".join(items)


def edge_text(edge: Edge) -> str:
    """One end of a range: a plain number without needless zeros, a day, or nothing."""
    if edge is None:
        return ""
    if isinstance(edge, date):
        return edge.isoformat()
    text = f"{edge:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def parse_number(text: str) -> Decimal:
    """A plain decimal number: at most 15 digits before the point and 9 behind it."""
    if not text.isascii() or not _NUMBER.fullmatch(text):
        raise ValueError(f"{text[:40]!r} is not a plain number")
    try:
        number = Decimal(text)
    except InvalidOperation:  # pragma: no cover - the pattern leaves nothing to fail on
        raise ValueError(f"{text[:40]!r} is not a plain number") from None
    return number + 0  # -0 becomes 0


def refuse_control(text: str) -> str:
    """``text``, unless it holds characters that no value has."""
    if _CONTROL.search(text) or "\ufffd" in text:
        raise ValueError("holds characters that no value has")
    return text


def items_of(text: str) -> list[tuple[str, bool]]:
    r"""The items of a list, each with whether its beginning was escaped by a backslash.

    A comma separates; ``\,`` is a comma, ``\!`` and ``\none`` are meant literally.
    """
    refuse_control(text)
    items: list[tuple[str, bool]] = []
    current: list[str] = []
    literal = False
    characters = iter(text)
    for character in characters:
        if character == "\\":
            following = next(characters, "\\")
            literal = literal or not current
            current.append(following)
        elif character == ",":
            items.append(("".join(current), literal))
            current, literal = [], False
        else:
            current.append(character)
    items.append(("".join(current), literal))
    return items


def parse_condition(key: Key, text: str) -> Condition:
    """Read what is asked of ``key``."""
    if not text:
        raise ValueError("needs a value")
    if text.count(",") >= MOST_VALUES:
        raise ValueError(f"has {text.count(',') + 1:,} values; at most {MOST_VALUES} are possible")
    excluded, items = _polarity(items_of(text))
    missing = any(item.lower() == NONE and not literal for item, literal in items)
    rest = [item for item, literal in items if literal or item.lower() != NONE]
    if any(len(item) > LONGEST_VALUE for item in rest):
        raise ValueError(f"has a value of more than {LONGEST_VALUE} characters")
    if key.kind in ("range", "date"):
        spans = sorted({_span(key, item) for item in rest}, key=_order)
        return Condition(key.name, (), tuple(spans), missing, excluded)
    values, unknown = set(), []
    for item in rest:
        value = _value(key, item)
        if value is None:
            unknown.append(item)
        else:
            values.add(value)
    is_text = key.kind == "text"
    condition = Condition(key.name, tuple(sorted(values)), (), missing, excluded, is_text)
    if unknown:
        raise UnknownValueError(unknown, condition if values or missing else None)
    return condition


def _polarity(items: list[tuple[str, bool]]) -> tuple[bool, list[tuple[str, bool]]]:
    """Whether the list excludes, and its items without the ``!``; trimmed, none empty."""
    marked = [not literal and item.startswith("!") for item, literal in items]
    if any(marked) and not marked[0]:
        raise ValueError("mixes values that are wanted and values that are not")
    bare = [
        (item[1:] if mark else item, literal)
        for (item, literal), mark in zip(items, marked, strict=True)
    ]
    trimmed = [(item if literal else item.strip(), literal) for item, literal in bare]
    if any(not item for item, _ in trimmed):
        raise ValueError("has an empty value in its list")
    return marked[0], trimmed


def _value(key: Key, item: str) -> str | None:
    """One value in the form that the URL writes; ``None`` if the data do not have it."""
    if key.kind == "text":
        return item
    if key.kind == "flag":
        if item.lower() not in _FLAGS:
            raise ValueError(f"{item[:40]!r} is neither yes nor no")
        return _FLAGS[item.lower()]
    for candidate in (item, slugify(item)):
        if candidate in key.by_slug:
            return candidate
    return key.by_value[item].slug if item in key.by_value else None


class UnknownValueError(ValueError):
    """Choices that the data do not have.

    Parameters
    ----------
    values : as they were written.
    rest : what the condition asks without them, if anything.
    """

    def __init__(self, values: Sequence[str], rest: Condition | None) -> None:
        more = f" and {len(values) - 1:,} more" if len(values) > 1 else ""
        super().__init__(f"has no value {values[0][:80]!r}{more} in these data")
        self.values = tuple(values)
        self.rest = rest


def _span(key: Key, item: str) -> Span:
    """A range, or a single value as a range with equal ends."""
    low_text, dots, high_text = item.partition("..")
    if not dots:
        high_text = low_text
    low, high = _edge(key, low_text), _edge(key, high_text)
    if low is None and high is None:
        raise ValueError("needs a number on one side of the two dots")
    # Both ends come from one key, so they are of one type.
    if low is not None and high is not None and low > high:  # type: ignore[operator]
        raise ValueError(f"ends before it begins: {item[:40]!r}")
    return Span(low, high)


def _edge(key: Key, text: str) -> Edge:
    bare = text.strip()
    if not bare:
        return None
    return parse_day(bare) if key.kind == "date" else parse_number(bare)


def _order(span: Span) -> tuple[bool, object, bool, object]:
    return (span.low is not None, span.low or 0, span.high is None, span.high or 0)
