"""What a selection may name: keys made from the columns and purchase dimensions of a generation."""

import difflib
import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import Final, Literal

Kind = Literal["choice", "range", "flag", "text", "date"]
Half = Literal["who", "lens"]

# Words of the grammar itself; a column of that name is reached as NAME_attribute.
_OF_VIEWS: Final = ("period", "compare", "q", "box", "lasso", "sort", "columns", "page")
_OF_ROUTES: Final = ("raw", "generation", "screens", "every", "refresh", "theme", "where")
RESERVED: Final = frozenset((*_OF_VIEWS, *_OF_ROUTES))
NONE: Final = "none"


@dataclass(frozen=True)
class Choice:
    """One value of a choice: as stored, as written in a URL, as read by people."""

    value: str
    slug: str
    title: str


@dataclass(frozen=True)
class Key:
    """Something that a selection can ask for.

    Parameters
    ----------
    name : as written in the URL.
    title : as read by people.
    kind : choice (a list of slugs), range (numbers), flag (yes or no), text (values as they
        stand), date (days).
    half : ``who`` asks of the customer, ``lens`` of the purchase lines within the period.
    unit : ``currency``, ``days``, ``ratio``, ``orders`` ... or empty.
    column : SQL expression on the relation of its half; made here, never from a request.
    choices : values of a choice, in the order in which a menu shows them.
    """

    name: str
    title: str
    kind: Kind
    half: Half
    unit: str = ""
    column: str = ""
    choices: tuple[Choice, ...] = field(default=(), repr=False)

    @cached_property
    def by_slug(self) -> Mapping[str, Choice]:
        """Choices by what a URL calls them."""
        return MappingProxyType({choice.slug: choice for choice in self.choices})

    @cached_property
    def by_value(self) -> Mapping[str, Choice]:
        """Choices by what the warehouse calls them."""
        return MappingProxyType({choice.value: choice for choice in self.choices})


@dataclass(frozen=True)
class Column:
    """A column that a list of customers can show, sort by or export.

    Parameters
    ----------
    expression : SQL on ``customers`` (marts.customers) and ``selected``.
    data_type : DuckDB's name of its type.
    is_personal : name, e-mail, phone: leaves only when it is named.
    is_attribute : comes from a customers file, under that file's name.
    """

    name: str
    title: str
    unit: str
    data_type: str
    expression: str
    is_personal: bool = False
    is_attribute: bool = False


@dataclass(frozen=True)
class About:
    """The one row of marts.about: what the generation holds, and up to which day."""

    first_day: date | None = None
    last_day: date | None = None
    as_of: date | None = None
    scores_as_of: date | None = None
    horizon_days: int = 30
    currency: str = "GBP"
    n_customers: int = 0
    n_transactions: int = 0
    n_transactions_without_customer: int = 0
    has_transactions: bool = False
    has_dates: bool = False


class Vocabulary:
    """The whitelist of one generation.

    Parameters
    ----------
    keys : what the data can answer, in the order in which a menu shows it.
    columns : what may be shown, in the order of the warehouse.
    about : days, currency and sizes.
    empty : what may be asked for too, though every value of it is missing in these data.
    absent : names and titles of what Spendboard knows and these data do not have at all.
    """

    def __init__(
        self,
        keys: Iterable[Key],
        columns: Iterable[Column],
        about: About,
        empty: Iterable[Key] = (),
        absent: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.keys: Mapping[str, Key] = MappingProxyType({key.name: key for key in keys})
        self.columns: Mapping[str, Column] = MappingProxyType({c.name: c for c in columns})
        self.about = about
        self.absent = absent
        self._all = {key.name: key for key in empty} | dict(self.keys)

    def key(self, name: str) -> Key | None:
        """The key called ``name``, also where the data have no value for it."""
        return self._all.get(name)

    def rank(self, name: str) -> int:
        """Place of a key in the order of menus and sentences; empty ones come last."""
        return self._ranks.get(name, len(self._ranks))

    @cached_property
    def _ranks(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self.keys)}

    def slug(self, key: str, value: object) -> str:
        """What a URL writes for ``value`` of ``key``; ``none`` for a missing value.

        Numbers, days and values that the generation does not list are written as they stand.
        """
        if value is None:
            return NONE
        if isinstance(value, bool):
            return "yes" if value else "no"
        known = self.key(key)
        text = str(value)
        if known is None:
            return text
        if known.kind == "text":
            return escape(text)
        choice = known.by_value.get(text)
        return choice.slug if choice else text

    def value(self, key: str, slug: str) -> str | None:
        """The stored value behind ``slug``; ``None`` if ``key`` has no such value."""
        known = self.key(key)
        if known is None:
            return None
        if known.kind == "text":
            return slug
        choice = known.by_slug.get(slug)
        return choice.value if choice else None

    def title(self, key: str, slug: str) -> str:
        """How people read ``slug``: the persona's name, ``Home & Living``, ``yes``."""
        known = self.key(key)
        choice = known.by_slug.get(slug) if known else None
        return choice.title if choice else slug

    def has(self, *names: str) -> bool:
        """Whether the data can answer all of these keys."""
        return all(name in self.keys for name in names)

    def nearest(self, name: str, among: Iterable[str] | None = None) -> str | None:
        """The valid name most like ``name``, for an error message."""
        names = list(self._all) + list(_OF_VIEWS)
        close = difflib.get_close_matches(
            name[:80], list(among) if among is not None else names, n=1, cutoff=0.5
        )
        return close[0] if close else None


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
