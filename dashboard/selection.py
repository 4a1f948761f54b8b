"""Who and which purchases are meant: one object between a URL and every query.

A selection is read from a query string, the same in a page's URL, ``export --where``,
``/export.csv`` and the wall, and written back in one canonical form: defaults omitted, keys in
alphabetical order, values sorted.
"""

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from dashboard.area import Box, Lasso
from dashboard.composing import read
from dashboard.grammar import Condition
from dashboard.period import ALL, Compare, Days, Period, compared
from dashboard.querystring import Ignored, split, written
from dashboard.refusal import refusal
from dashboard.vocabulary import Vocabulary

_TWO_DAYS: Final = re.compile(r"\d{4}-\d\d-\d\d\.\.\d{4}-\d\d-\d\d")
MOST_SPELT: Final = 4096  # values of links that are remembered
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
        selection = read(cls(vocabulary), pairs, ignored)
        if strict and selection.ignored:
            raise refusal(selection.ignored[0], vocabulary)
        return selection

    @property
    def narrows_who(self) -> bool:
        """Whether anything but the lens decides about the customers."""
        return bool(self.who or self.q or self.box or self.lasso)

    @cached_property
    def who_half(self) -> "Selection":
        """Who is meant, whatever they bought."""
        return Selection(self.vocabulary, self.who, Lens(), self.q, self.box, self.lasso)

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
        return dict(self._pairs)

    @cached_property
    def _pairs(self) -> dict[str, str]:
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
        return written(self._pairs)

    def meaning(self) -> str:
        """The canonical query of who and lens alone: equal for every sort, column and page."""
        return self._meaning

    @cached_property
    def _meaning(self) -> str:
        return written({k: v for k, v in self._pairs.items() if k not in VIEW_ONLY})

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
        return read(Selection(self.vocabulary), {k: v for k, v in pairs.items() if v}, [])

    def query_with(self, **keys: str | None) -> str:
        """``replacing(**keys).query()``, for links: a page has dozens that differ in a few values.

        What a value is written as depends on nothing beside it, so it is read once a generation.
        """
        if keys.get("compare"):  # but this one, which needs a period
            return self.replacing(**keys).query()
        pairs = dict(self._pairs)
        if set(keys) - VIEW_ONLY:
            pairs.pop("page", None)
        pairs |= {key: self._spelt(key, value) if value else "" for key, value in keys.items()}
        if not pairs.get("period"):
            pairs.pop("compare", None)
        return written({key: pairs[key] for key in sorted(pairs) if pairs[key]})

    def _spelt(self, key: str, value: str) -> str:
        """A value as a URL writes it; nothing where it is not understood."""
        if key == "period" and _TWO_DAYS.fullmatch(value):
            return value
        known = self.vocabulary.spelt
        found = known.get((key, value))
        if found is None:
            if len(known) >= MOST_SPELT:
                known.clear()
            alone = read(Selection(self.vocabulary), {key: value}, [])
            found = known[key, value] = alone.pairs().get(key, "")
        return found

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
