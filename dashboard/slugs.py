"""What a URL writes for a value: short, readable, and never that of another value."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

NONE: Final = "none"


@dataclass(frozen=True)
class Choice:
    """One value of a choice: as stored, as written in a URL, as read by people."""

    value: str
    slug: str
    title: str


def slugify(text: str) -> str:
    """``Home & Living`` -> ``home-living``; letters beyond a-z that no accent explains stay."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(c for c in plain if not unicodedata.combining(c))
    return re.sub(r"[\W_]+", "-", kept).strip("-")


def choices_of(
    values: Iterable[str], titles: Mapping[str, str] | None = None
) -> tuple[Choice, ...]:
    """Choices with slugs that are unique, never empty and never ``none``.

    Values that would share a slug get a digest each, so that a link never comes to mean another.
    """
    stems = {value: slugify(value) for value in values}
    met: dict[str, int] = {}
    for stem in stems.values():
        met[stem] = met.get(stem, 0) + 1
    made = []
    for value, stem in stems.items():
        slug = stem
        if not stem or stem == NONE or met[stem] > 1:
            digest = hashlib.md5(value.encode(), usedforsecurity=False).hexdigest()[:8]
            slug = f"{stem or 'value'}-{digest}"
        made.append(Choice(value, slug, (titles or {}).get(value, value)))
    return tuple(made)


def escape(text: str) -> str:
    """A text value as an item of a list: commas, a leading ``!`` and a bare ``none`` are marked."""
    marked = re.sub(r"([\\,])", r"\\\1", text)
    if marked.startswith("!") or text.lower() == NONE or text != text.strip():
        return f"\\{marked}"
    return marked
