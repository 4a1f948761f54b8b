"""Puts a selection together from the keys of a query; what does not fit is listed, with reasons."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from dashboard.area import parse_box, parse_lasso
from dashboard.grammar import Condition, UnknownValueError, parse_condition
from dashboard.period import COMPARISONS, parse_period
from dashboard.querystring import Ignored, shortened
from dashboard.refusal import UNKNOWN_KEY

if TYPE_CHECKING:
    from dashboard.selection import Selection

LONGEST_SEARCH: Final = 200
MOST_COLUMNS: Final = 300


def read(empty: "Selection", pairs: Mapping[str, str], ignored: list[Ignored]) -> "Selection":
    """A selection from decoded pairs; what does not fit is added to ``ignored``."""
    reader = _Reader(empty, ignored)
    for key in sorted(pairs):
        reader.take(key, pairs[key])
    return reader.finished()


class _Reader:
    """Puts a selection together, key by key."""

    def __init__(self, empty: "Selection", ignored: list[Ignored]) -> None:
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
            "sort": lambda text: replace(self.made, sort=self._order(text)),
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

    def finished(self) -> "Selection":
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
            if name in self.vocabulary.withheld:
                raise ValueError(f"is withheld: {self.vocabulary.withheld[name]}")
            title = self.vocabulary.absent.get(name)
            raise ValueError(f"asks for what these data do not have: {title}" if title
                             else UNKNOWN_KEY)  # fmt: skip
        self._add(parse_condition(key, text))

    def _add(self, condition: Condition) -> None:
        key = self.vocabulary.key(condition.key)
        assert key is not None
        half = "who" if key.half == "who" else "filters" if key.kind == "choice" else "totals"
        self.conditions[half].append(condition)

    def _period(self, text: str) -> "Selection":
        period = parse_period(text)
        if not period.is_all and not self.vocabulary.about.has_dates:
            raise ValueError("cannot be answered: the data have no dates")
        return replace(self.made, lens=replace(self.made.lens, period=period))

    def _compare(self, text: str) -> "Selection":
        for known in COMPARISONS:
            if text == known:
                return replace(self.made, lens=replace(self.made.lens, compare=known))
        if text == "off":
            return self.made
        raise ValueError("is neither previous nor year")

    def _search(self, text: str) -> "Selection":
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
            if names.setdefault(bare, name) != name:
                raise ValueError(f"names a column in both directions: {bare[:40]!r}")
        if len(names) > MOST_COLUMNS:
            raise ValueError(f"names more than {MOST_COLUMNS} columns")
        return tuple(names.values())

    def _order(self, text: str) -> tuple[str, ...]:
        """The order that is asked for; empty where it is the usual one."""
        names = self._columns(text, signed=True)
        bare = [name.removeprefix("-") for name in names]
        if "customer_id" in bare:  # nobody shares it, so nothing behind it can matter
            names = names[: bare.index("customer_id") + 1]
        return () if names == self.vocabulary.usual_order else names


def _page(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= len(text) <= 9 and int(text) >= 1):
        raise ValueError("is not a page number from 1 on")
    return int(text)
