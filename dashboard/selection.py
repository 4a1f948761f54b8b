"""Who and which purchases are meant: one object between a URL and every query.

A selection is read from a query string, the same in a page's URL, ``export --where``,
``/export.csv`` and the wall, and written back in one canonical form: defaults omitted, keys in
alphabetical order, values sorted.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from dashboard.area import Box, Lasso, parse_box, parse_lasso
from dashboard.grammar import Condition, UnknownValueError, parse_condition
from dashboard.period import ALL, COMPARISONS, Compare, Days, Period, compared, parse_period
from dashboard.querystring import Ignored, shortened, split, written
from dashboard.refusal import UNKNOWN_KEY, refusal
from dashboard.vocabulary import Vocabulary

LONGEST_SEARCH: Final = 200
MOST_COLUMNS: Final = 300
VIEW_ONLY: Final = frozenset({"sort", "columns", "page"})


@dataclass(frozen=True)
class Chip:
    """One applied filter, as a removable chip.

    Parameters
    ----------
    key : name in the URL.
    title, text : ``Risk band`` and ``high or medium``.
    without : canonical query of the selection without this filter.
    """

    key: str
    title: str
    text: str
    without: str


@dataclass(frozen=True)
class Lens:
    """Which purchase lines count.

    Parameters
    ----------
    period : days of the lines.
    compare : what the period is set against; ``None`` without a comparison.
    filters : conditions on the lines themselves.
    totals : conditions on what a customer's counting lines add up to.
    """

    period: Period = ALL
    compare: Compare | None = None
    filters: tuple[Condition, ...] = ()
    totals: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class Selection:
    """A selection. Equal selections have equal canonical queries.

    Parameters
    ----------
    vocabulary : whitelist that it was read with.
    who : conditions on the customer, all of which hold.
    lens : which purchase lines count.
    q : searched in id and name.
    box, lasso : area of the map.
    sort : column names, the first most important; a leading ``-`` is descending.
    columns : what a list shows; empty is its default.
    page : page of a list, from 1.
    ignored : what was left out when it was read leniently.
    """

    vocabulary: Vocabulary = field(repr=False, compare=False)
    who: tuple[Condition, ...] = ()
    lens: Lens = Lens()
    q: str = ""
    box: Box | None = None
    lasso: Lasso | None = None
    sort: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    page: int = 1
    ignored: tuple[Ignored, ...] = field(default=(), compare=False)

    @classmethod
    def parse(cls, query: str, vocabulary: Vocabulary, *, strict: bool = False) -> "Selection":
        """Read a query string, with or without a leading ``?``.

        Parameters
        ----------
        query : percent-encoded, as in a URL; ``""`` is everybody.
        vocabulary : what may be named.
        strict : refuse what is not understood, instead of listing it in ``ignored``.

        Raises
        ------
        SelectionError : strict, and a key is unknown or a value impossible; names the nearest.
        """
        pairs, ignored = split(query.removeprefix("?"))
        selection = _read(cls(vocabulary), pairs, ignored)
        if strict and selection.ignored:
            raise refusal(selection.ignored[0], vocabulary)
        return selection

    @property
    def narrows_who(self) -> bool:
        """Whether anything but the lens decides about the customers."""
        return bool(self.who or self.q or self.box or self.lasso)

    @property
    def is_everybody(self) -> bool:
        """Whether no filter at all narrows the customers."""
        return not (self.narrows_who or self.lens.filters or self.lens.totals)

    def spans(self) -> tuple[Days | None, Days | None]:
        """The days of the period, and what they are compared with; None for all lines."""
        days = self.lens.period.days(self.vocabulary.about)
        if days is None or self.lens.compare is None:
            return days, None
        return days, compared(days, self.lens.compare)

    def pairs(self) -> dict[str, str]:
        """Keys and canonical values, in alphabetical order, not percent-encoded."""
        found = {
            condition.key: condition.text()
            for condition in (*self.who, *self.lens.filters, *self.lens.totals)
        }
        found |= {
            "period": "" if self.lens.period.is_all else self.lens.period.text(),
            "compare": self.lens.compare or "",
            "q": self.q,
            "box": self.box.text() if self.box else "",
            "lasso": self.lasso.text() if self.lasso else "",
            "sort": ",".join(self.sort),
            "columns": ",".join(self.columns),
            "page": str(self.page) if self.page > 1 else "",
        }
        return {key: found[key] for key in sorted(found) if found[key]}

    def query(self) -> str:
        """The canonical query string, without ``?``; ``""`` for everybody."""
        return written(self.pairs())

    def meaning(self) -> str:
        """The canonical query of who and lens alone: equal for every sort, column and page."""
        return written({k: v for k, v in self.pairs().items() if k not in VIEW_ONLY})

    def replacing(self, **keys: str | None) -> "Selection":
        """The selection with some keys set anew, as the URL writes them; ``None`` removes one.

        What cannot be understood is listed in ``ignored``. Without a period there is no comparison,
        and another filter goes back to the first page.
        """
        pairs = self.pairs()
        if set(keys) - VIEW_ONLY:
            pairs.pop("page", None)
        pairs |= {key: value or "" for key, value in keys.items()}
        if pairs.get("period", "all") in ("", "all") and not keys.get("compare"):
            pairs.pop("compare", None)
        return _read(Selection(self.vocabulary), {k: v for k, v in pairs.items() if v}, [])

    def everybody(self) -> "Selection":
        """The selection without any filter; period, comparison, sort and columns stay."""
        lens = Lens(self.lens.period, self.lens.compare)
        return Selection(self.vocabulary, lens=lens, sort=self.sort, columns=self.columns)

    def words(self, vocabulary: Vocabulary | None = None) -> str:
        """The selection as a sentence without a full stop."""
        from dashboard.wording import sentence

        return sentence(self, vocabulary or self.vocabulary)

    def chips(self, vocabulary: Vocabulary | None = None) -> list[Chip]:
        """One chip for each filter; period and comparison have controls of their own."""
        from dashboard.wording import chips

        return chips(self, vocabulary or self.vocabulary)


def _read(empty: Selection, pairs: Mapping[str, str], ignored: list[Ignored]) -> Selection:
    """A selection from decoded pairs; what does not fit is added to ``ignored``."""
    reader = _Reader(empty, ignored)
    for key in sorted(pairs):
        reader.take(key, pairs[key])
    return reader.finished()


class _Reader:
    """Puts a selection together, key by key."""

    def __init__(self, empty: Selection, ignored: list[Ignored]) -> None:
        self.vocabulary = empty.vocabulary
        self.made = empty
        self.ignored = ignored
        self.conditions: dict[str, list[Condition]] = {"who": [], "filters": [], "totals": []}
        self.special: dict[str, Callable[[str], Selection]] = {
            "period": self._period,
            "compare": self._compare,
            "q": self._search,
            "box": lambda text: replace(self.made, box=parse_box(self._on_map(text))),
            "lasso": lambda text: replace(self.made, lasso=parse_lasso(self._on_map(text))),
            "sort": lambda text: replace(self.made, sort=self._columns(text, signed=True)),
            "columns": lambda text: replace(self.made, columns=self._columns(text)),
            "page": lambda text: replace(self.made, page=_page(text)),
        }

    def take(self, key: str, text: str) -> None:
        """Read one key; list it where it does not fit."""
        try:
            if key in self.special:
                self.made = self.special[key](text)
            else:
                self._condition(key, text)
        except UnknownValueError as error:
            self.ignored.append(Ignored(key, shortened(",".join(error.values)), str(error)))
            if error.rest is not None:
                self._add(error.rest)
        except ValueError as error:
            self.ignored.append(Ignored(key, shortened(text), str(error)))

    def finished(self) -> Selection:
        """The whole selection; a comparison without a period has nothing to compare."""
        lens = replace(
            self.made.lens,
            filters=tuple(self.conditions["filters"]),
            totals=tuple(self.conditions["totals"]),
        )
        if lens.compare and lens.period.is_all:
            self.ignored.append(Ignored("compare", lens.compare, "needs a period to compare"))
            lens = replace(lens, compare=None)
        who = tuple(self.conditions["who"])
        return replace(self.made, who=who, lens=lens, ignored=tuple(self.ignored))

    def _condition(self, name: str, text: str) -> None:
        key = self.vocabulary.key(name)
        if key is None:
            title = self.vocabulary.absent.get(name)
            raise ValueError(f"asks for what these data do not have: {title}" if title
                             else UNKNOWN_KEY)  # fmt: skip
        self._add(parse_condition(key, text))

    def _add(self, condition: Condition) -> None:
        key = self.vocabulary.key(condition.key)
        assert key is not None
        half = "who" if key.half == "who" else "filters" if key.kind == "choice" else "totals"
        self.conditions[half].append(condition)

    def _period(self, text: str) -> Selection:
        period = parse_period(text)
        if not period.is_all and not self.vocabulary.about.has_dates:
            raise ValueError("cannot be answered: the data have no dates")
        return replace(self.made, lens=replace(self.made.lens, period=period))

    def _compare(self, text: str) -> Selection:
        for known in COMPARISONS:
            if text == known:
                return replace(self.made, lens=replace(self.made.lens, compare=known))
        if text == "off":
            return self.made
        raise ValueError("is neither previous nor year")

    def _search(self, text: str) -> Selection:
        words = " ".join(text.split())
        if not words:
            raise ValueError("needs something to search for")
        if len(words) > LONGEST_SEARCH:
            raise ValueError(f"is longer than {LONGEST_SEARCH} characters")
        return replace(self.made, q=words)

    def _on_map(self, text: str) -> str:
        if not self.vocabulary.has("pca_1", "pca_2"):
            raise ValueError("cannot be answered: there is no map before a refresh")
        return text

    def _columns(self, text: str, *, signed: bool = False) -> tuple[str, ...]:
        names: dict[str, str] = {}
        for item in text.split(",")[: MOST_COLUMNS + 1]:
            name = item.strip()
            bare = name.removeprefix("-") if signed else name
            if bare not in self.vocabulary.columns:
                near = self.vocabulary.nearest(bare, self.vocabulary.columns)
                hint = f"; did you mean: {near}?" if near else ""
                raise ValueError(f"names no column: {bare[:40]!r}{hint}")
            names.setdefault(bare, name)
        if len(names) > MOST_COLUMNS:
            raise ValueError(f"names more than {MOST_COLUMNS} columns")
        return tuple(names.values())


def _page(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= len(text) <= 9 and int(text) >= 1):
        raise ValueError("is not a page number from 1 on")
    return int(text)
