"""What the controls of the filter popover hold, turned into terms of the selection's grammar."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from dashboard.vocabulary import Key, Vocabulary

_THOUSANDS: Final = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?", re.ASCII)


@dataclass(frozen=True)
class Draft:
    """What one control holds now.

    Parameters
    ----------
    values : ticked slugs of a choice.
    excluded : they are to be left out.
    low, high : ends of a range as typed; ratios are typed in percent.
    """

    values: tuple[str, ...] = ()
    excluded: bool = False
    low: str = ""
    high: str = ""


def compose(
    vocabulary: Vocabulary, present: Mapping[str, str], drafts: Mapping[str, Draft]
) -> dict[str, str | None]:
    """What the controls ask for, as keys and terms of the grammar; None where nothing is asked.

    Parameters
    ----------
    vocabulary : keys with their kinds and units.
    present : the selection's terms so far; one that no control can show is kept as it is.
    drafts : by key, what its control holds now.
    """
    asked: dict[str, str | None] = {}
    for name, draft in drafts.items():
        key = vocabulary.keys.get(name)
        if key is None:
            continue
        if key.kind in ("choice", "flag"):
            items = ",".join(sorted(draft.values))
            asked[name] = f"{'!' if draft.excluded else ''}{items}" if items else None
            continue
        low, high = (_stored(key, end) for end in (draft.low, draft.high))
        if low or high:
            asked[name] = low if low == high else f"{low}..{high}"
        elif any(ends_of(key, present.get(name))):
            asked[name] = None
    return asked


def ends_of(key: Key, present: str | None) -> tuple[str, str]:
    """Both ends of one plain range as the fields show them; empty where it is not one."""
    text = present or ""
    if not text or "," in text or text.startswith("!") or text == "none":
        return "", ""
    low, dots, high = text.partition("..")
    ends = (low, high if dots else low)
    return ends if key.unit != "ratio" else (_scaled(ends[0], 100), _scaled(ends[1], 100))


def _stored(key: Key, typed: str) -> str:
    """An end as typed, without thousands separators, in the unit of the column.

    A comma that parts no thousands may be a decimal one: that is refused, not read as another
    number, and so it is written as part of the value.
    """
    text = typed.strip().replace(" ", "")
    if key.kind != "date":
        text = text.replace(",", "" if _THOUSANDS.fullmatch(text) else "\\,")
    return _scaled(text, Decimal("0.01")) if key.unit == "ratio" else text


def _scaled(text: str, by: int | Decimal) -> str:
    """A number as text, times ``by``; text that is no number stays as it is."""
    try:
        return f"{(Decimal(text) * by).normalize():f}" if text else ""
    except InvalidOperation:
        return text
