"""What a selection may name: keys made from the columns and purchase dimensions of a generation."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Final, Literal

from rapidfuzz import fuzz, process

from dashboard.slugs import NONE, Choice, escape, slugify

Kind = Literal["choice", "range", "flag", "text", "date"]
Half = Literal["who", "lens"]

# Words of the grammar itself; a column of that name is reached as NAME_attribute.
_OF_VIEWS: Final = ("period", "compare", "q", "box", "lasso", "sort", "columns", "page")
_OF_ROUTES: Final = ("raw", "generation", "screens", "every", "refresh", "theme", "where")
RESERVED: Final = frozenset((*_OF_VIEWS, *_OF_ROUTES))
# What a list is sorted by when nobody said so: the first of these that the data have.
_USUAL_ORDER: Final = ("-spend_in_period", "-monetary", "-expected_spend", "customer_id")
MOST_ASKED: Final = 1_000  # values of one key that are remembered when they were asked for
# Texts that are less alike than this, out of 100, are no better than no suggestion.
LEAST_ALIKE: Final = 50


class Choices(Mapping[str, Choice]):
    """Choices by what they are called; those that are not at hand are asked for, one at a time."""

    def __init__(
        self, at_hand: Mapping[str, Choice], ask: Callable[[str], Choice | None] | None
    ) -> None:
        self._at_hand = at_hand
        self._ask = lru_cache(maxsize=MOST_ASKED)(ask) if ask else None

    def __getitem__(self, name: str) -> Choice:
        found = self._at_hand.get(name)
        if found is None and self._ask is not None:
            found = self._ask(name)
        if found is None:
            raise KeyError(name)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._at_hand)

    def __len__(self) -> int:
        return len(self._at_hand)


@dataclass(frozen=True)
class More:
    """Values of a key that are too many to hold: the warehouse is asked for them.

    Parameters
    ----------
    n_values : how many there are in all.
    by : the choice whose ``slug`` or ``value`` is a text.
    like : choices whose value holds a text, the most revenue first.
    near : slugs that look like a text, the most alike first.
    """

    n_values: int
    by: Callable[[Literal["slug", "value"], str], Choice | None]
    like: Callable[[str, int], tuple[Choice, ...]]
    near: Callable[[str], list[str]]


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
    choices : values of a choice, in the order in which a menu shows them; of very many the first.
    more : the way to the others, where ``choices`` are not all.
    unlisted : values that nobody has today and no menu offers, and that may be asked for all the
        same: a link to one of them means nobody, and is not refused.
    """

    name: str
    title: str
    kind: Kind
    half: Half
    unit: str = ""
    column: str = ""
    choices: tuple[Choice, ...] = field(default=(), repr=False)
    more: More | None = field(default=None, repr=False, compare=False)
    unlisted: tuple[Choice, ...] = field(default=(), repr=False)

    @property
    def n_values(self) -> int:
        """How many values there are, those that are not at hand too."""
        return self.more.n_values if self.more else len(self.choices)

    @cached_property
    def by_slug(self) -> Mapping[str, Choice]:
        """Choices by what a URL calls them."""
        more = self.more
        ask = (lambda slug: more.by("slug", slug)) if more else None
        return Choices({choice.slug: choice for choice in (*self.choices, *self.unlisted)}, ask)

    @cached_property
    def by_value(self) -> Mapping[str, Choice]:
        """Choices by what the warehouse calls them."""
        more = self.more
        ask = (lambda value: more.by("value", value)) if more else None
        return Choices({choice.value: choice for choice in (*self.choices, *self.unlisted)}, ask)


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
    n_later: int = 0  # lines dated after last_day: in the future, counted nowhere


class Vocabulary:
    """The whitelist of one generation.

    Parameters
    ----------
    keys : what the data can answer, in the order in which a menu shows it.
    columns : what may be shown, in the order of the warehouse.
    about : days, currency and sizes.
    empty : what may be asked for too, though every value of it is missing in these data.
    absent : names and titles of what Spendboard knows and these data do not have at all.
    withheld : scores that too little history stands behind, and what is missing.
    """

    def __init__(
        self,
        keys: Iterable[Key],
        columns: Iterable[Column],
        about: About,
        empty: Iterable[Key] = (),
        absent: Mapping[str, str] = MappingProxyType({}),
        *,
        withheld: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.keys: Mapping[str, Key] = MappingProxyType({key.name: key for key in keys})
        self.columns: Mapping[str, Column] = MappingProxyType({c.name: c for c in columns})
        self.about = about
        self.absent = absent
        self.withheld = withheld
        self.spelt: dict[tuple[str, str], str] = {}  # values as links write them, by key
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

    @cached_property
    def usual_order(self) -> tuple[str, ...]:
        """How a list is sorted where nothing else is asked."""
        # Keys are columns with a value for anybody; sorting by the others would say nothing.
        known = (name for name in _USUAL_ORDER if name.removeprefix("-") in self.keys)
        return (next(known, "customer_id"),)

    def has(self, *names: str) -> bool:
        """Whether the data can answer all of these keys."""
        return all(name in self.keys for name in names)

    def nearest(self, name: str, among: Iterable[str] | None = None) -> str | None:
        """The valid name most like ``name``, for an error message."""
        names = list(self._all) + list(_OF_VIEWS)
        return _nearest(name, among if among is not None else names)

    def nearest_value(self, key: Key, slug: str) -> str | None:
        """The slug of ``key`` most like ``slug``; one that only a digest sets apart is closest."""
        known = [choice.slug for choice in key.choices]
        among = known if key.more is None else key.more.near(slug[:80])
        longer = (each for each in among if each.startswith(f"{slugify(slug)}-"))
        return next(longer, None) or _nearest(slug, among)


def _nearest(name: str, among: Iterable[str]) -> str | None:
    found = process.extractOne(name[:80], list(among), scorer=fuzz.ratio, score_cutoff=LEAST_ALIKE)
    return found[0] if found else None
