"""How one condition is written: ``loyal,at-risk``, ``!dormant``, ``100..500``, ``none``.

Raises ``ValueError`` in words for whatever does not fit; the selection decides whether that is
refused or listed as ignored.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

from dashboard.period import parse_day
from dashboard.slugs import NONE, escape, slugify
from dashboard.vocabulary import Key

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
    """``text``, unless it holds characters that an address cannot ask for."""
    if _CONTROL.search(text) or "\ufffd" in text:
        raise ValueError("holds line breaks or other characters that cannot be asked for")
    return text


@dataclass(frozen=True)
class Item:
    """One item of a list.

    Parameters
    ----------
    text : without escapes, and without the ``!`` in front.
    is_literal : its beginning was escaped by a backslash, so it is meant as it stands.
    is_excluded : a ``!`` stood in front.
    """

    text: str
    is_literal: bool = False
    is_excluded: bool = False

    @property
    def is_missing(self) -> bool:
        """Whether it asks for what is not known."""
        return self.text.lower() == NONE and not self.is_literal


def items_of(text: str) -> list[Item]:
    r"""The items of a list.

    A comma separates; ``\,`` is a comma, ``\!`` and ``\none`` are meant literally, also behind a
    ``!`` that excludes.
    """
    refuse_control(text)
    items: list[Item] = []
    current: list[str] = []
    is_literal = is_excluded = False
    characters = iter(text)
    for character in characters:
        is_first = not current and not is_literal
        if character == "\\":
            is_literal = is_literal or is_first
            current.append(next(characters, "\\"))
        elif character == ",":
            items.append(Item("".join(current), is_literal, is_excluded))
            current, is_literal, is_excluded = [], False, False
        elif character == "!" and is_first and not is_excluded:
            is_excluded = True
        else:
            current.append(character)
    items.append(Item("".join(current), is_literal, is_excluded))
    return items


def parse_condition(key: Key, text: str) -> Condition:
    """Read what is asked of ``key``."""
    if not text:
        raise ValueError("needs a value")
    if text.count(",") >= MOST_VALUES:
        raise ValueError(f"has {text.count(',') + 1:,} values; at most {MOST_VALUES} are possible")
    excluded, items = _polarity(items_of(text))
    missing = any(item.is_missing for item in items)
    rest = [item.text for item in items if not item.is_missing]
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


def _polarity(items: list[Item]) -> tuple[bool, list[Item]]:
    """Whether the list excludes, and its items: trimmed, none empty.

    The ``!`` in front of the first is that of them all.
    """
    is_excluded = items[0].is_excluded
    if not is_excluded and any(item.is_excluded for item in items):
        raise ValueError("mixes values that are wanted and values that are not")
    trimmed = [item if item.is_literal else replace(item, text=item.text.strip()) for item in items]
    if not all(item.text for item in trimmed):
        raise ValueError("has an empty value in its list")
    return is_excluded, trimmed


def _value(key: Key, item: str) -> str | None:
    """One value in the form that the URL writes; ``None`` if the data do not have it."""
    if key.kind == "text":
        return item
    if key.kind == "flag":
        if item.lower() not in _FLAGS:
            raise ValueError(f"{item[:40]!r} is neither yes nor no")
        return _FLAGS[item.lower()]
    stem = slugify(item)
    for candidate in (item, stem):
        if candidate in key.by_slug:
            return candidate
    # What looks like a slug and is none any more was one before other values came to share it:
    # an old link must not come to mean the one of them that happens to be spelt so.
    if item == stem and item != NONE:
        return None
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
