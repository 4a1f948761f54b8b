"""A selection in words: the sentence above every page, and its chips."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Final

from dashboard.formatting import Formatter
from dashboard.grammar import Condition, Edge, Span
from dashboard.period import Days, compared
from dashboard.selection import Chip, Selection
from dashboard.vocabulary import About, Key, Vocabulary

SHOWN: Final = 6  # values of a list that a sentence names before it counts the rest
BOUGHT: Final = {
    "merchant": "from {}",
    "category": "in {}",
    "subcategory": "in {}",
    "product": "the product {}",
    "payment_method": "by {}",
    "city": "in {}",
    "country": "in {}",
    "channel": "through {}",
}
# Personas that are called by what their customers are, and not how: of those no word follows.
PEOPLE: Final = frozenset(("Champions", "Frequent Spenders", "Revolvers", "High Balance Holders"))
THINGS: Final = re.compile(r"Big baskets|Cluster \d+")
BANDS: Final = {
    "risk_band": "{} risk (exposure by total spend)",
    "churn_band": "{} churn risk",
    "value_band": "{} expected spend",
}


def listed(words: Sequence[str], last: str = "or") -> str:
    """``a``, ``a or b``, ``a, b or c``; a long list is counted: ``a, b, ... or 12 more``."""
    shown = list(words)
    if len(shown) > SHOWN:
        shown = [*shown[: SHOWN - 1], f"{len(shown) - SHOWN + 1:,} more"]
    if len(shown) == 1:
        return shown[0]
    return f"{', '.join(shown[:-1])} {last} {shown[-1]}"


def is_one_persons(about: About) -> bool:
    """Whether all transactions are one person's: there are no customers to speak of."""
    is_alone = about.n_customers == 1 and not about.n_transactions_without_customer
    return about.has_transactions and is_alone


class Words:
    """Wording of one vocabulary's keys and values."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.formatter = Formatter(vocabulary.about.currency)

    def key(self, condition: Condition) -> Key:
        """The key that a condition asks of."""
        found = self.vocabulary.key(condition.key)
        return found or Key(condition.key, condition.key, "text", "who")

    def values(self, condition: Condition) -> list[str]:
        """Each value, range and the missing one as read by people; bands from high to low."""
        key = self.key(condition)
        slugs = list(condition.values)
        if key.kind == "choice" and len(key.choices) < 100:
            rank = {choice.slug: place for place, choice in enumerate(key.choices)}
            slugs.sort(key=lambda slug: rank.get(slug, 0), reverse=key.name.endswith("_band"))
        named = [self.vocabulary.title(key.name, slug) for slug in slugs]
        if key.name in BANDS:
            named = [name.lower() for name in named]
        named += [self.span(span, key.unit) for span in condition.spans]
        return [*named, "not known"] if condition.missing else named

    def span(self, span: Span, unit: str) -> str:
        """``€100 to €500``, ``up to 30 days``, ``50 % or more``, ``from 1 Jun 2011``."""
        low, high = self.edge(span.low, unit), self.edge(span.high, unit)
        if isinstance(span.low or span.high, date):
            if span.low and span.high and low != high:
                return f"{low} to {high}"
            return low if span.low == span.high else f"since {low}" if span.low else f"until {high}"
        if span.low is None:
            return f"at most {high}"
        if span.high is None:
            return f"at least {low}"
        if unit == "days" and span.low != span.high:
            low = low.removesuffix("s").removesuffix(" day")
        return low if span.low == span.high else f"{low} to {high}"

    def edge(self, edge: Edge, unit: str) -> str:
        """One end of a range in its unit."""
        if edge is None:
            return ""
        if isinstance(edge, date):
            return self.formatter.date(edge)
        return self._number(edge, unit)

    def _number(self, edge: Decimal, unit: str) -> str:
        by_unit: dict[str, Callable[[], str]] = {
            "currency": lambda: self.formatter.money(edge, 0 if edge == int(edge) else 2),
            "days": lambda: f"{self.formatter.exact(edge)} {'day' if edge == 1 else 'days'}",
            "ratio": lambda: f"{self.formatter.exact(edge * 100, 4)} %",
        }
        made = by_unit.get(unit)
        return made() if made else self.formatter.exact(edge, 9)


def chips(selection: Selection, vocabulary: Vocabulary) -> list[Chip]:
    """One chip for each filter, in the order of the vocabulary; the map and search come last."""
    words = Words(vocabulary)
    made = []
    conditions = (*selection.who, *selection.lens.filters, *selection.lens.totals)
    for condition in sorted(conditions, key=lambda c: vocabulary.rank(c.key)):
        key = words.key(condition)
        text = listed(words.values(condition), "or")
        text = f"not {text}" if condition.excluded else text
        made.append((condition.key, key.title, text))
    if selection.box:
        made.append(("box", "Map", "inside the box"))
    if selection.lasso:
        made.append(("lasso", "Map", "inside the outline"))
    if selection.q:
        made.append(("q", "Search", selection.q))
    return [
        Chip(key, title, text, selection.replacing(**{key: None}).query())
        for key, title, text in made
    ]


def sentence(selection: Selection, vocabulary: Vocabulary) -> str:
    """Who is meant, what they bought and when, and what it is compared with."""
    words = Words(vocabulary)
    parts = [_head(selection, words), *_who_clauses(selection, words)]
    text = " ".join(parts)
    bought = _bought(selection, words)
    is_purchases = is_one_persons(vocabulary.about) and not selection.narrows_who
    who = "" if is_purchases else "who bought "
    text += f" {who}{bought}" if bought else ""
    text += _period(selection, words, bool(bought) or is_purchases)
    left_out = _left_out(selection, words)
    return f"{text}{''.join(f', {clause}' for clause in left_out)}"


def _head(selection: Selection, words: Words) -> str:
    personas = [c for c in selection.who if c.key == "persona" and not c.excluded]
    if personas and personas[0].values:
        named = [v for v in words.values(personas[0]) if v != "not known"]
        if personas[0].missing:
            named.append("unnamed")
        return _people(named)
    if is_one_persons(words.vocabulary.about) and not selection.narrows_who:
        return "All purchases" if selection.is_everybody else "Purchases"
    return "All customers" if selection.is_everybody else "Customers"


def _people(personas: Sequence[str]) -> str:
    """``New or Loyal customers``, ``Champions``, ``Customers of Cluster 2``."""
    words = listed(_nouns_first(personas))
    if not all(map(_is_noun, personas)):
        return f"{words} customers"
    return words if PEOPLE.issuperset(personas) else f"Customers of {words}"


def _is_noun(persona: str) -> bool:
    """Whether ``customers`` cannot follow the name of a persona."""
    return persona in PEOPLE or bool(THINGS.fullmatch(persona))


def _nouns_first(personas: Iterable[str]) -> list[str]:
    """In an order in which ``customers`` may follow."""
    return sorted(personas, key=_is_noun, reverse=True)


def _who_clauses(selection: Selection, words: Words) -> list[str]:
    """What follows ``Customers``: bands first, then the rest in the order of the vocabulary."""
    said = [c for c in selection.who if c.key == "persona" and c.values]
    wanted = [c for c in selection.who if not c.excluded and c not in said]
    wanted.sort(key=lambda c: words.vocabulary.rank(c.key))
    bands = [BANDS[c.key].format(listed(words.values(c))) for c in wanted if c.key in BANDS]
    clauses = [f"of {listed(bands, 'and')}"] if bands else []
    rest = [_plain(c, words) for c in wanted if c.key not in BANDS]
    clauses += [listed(rest, "and")] if rest else []
    if selection.q:
        clauses.append(f"whose id or name contains “{selection.q}”")
    if selection.box or selection.lasso:
        clauses.append("inside the area drawn on the map")
    return clauses


def _plain(condition: Condition, words: Words) -> str:
    """One wanted property of a customer."""
    key = words.key(condition)
    title = _lower(key.title)
    if condition.missing and not condition.values and not condition.spans:
        return "without a persona" if key.name == "persona" else f"without a known {title}"
    values = words.values(condition)
    if key.name in ("home_city", "home_country"):
        return f"living in {listed(values)}"
    if key.kind == "flag" and values in (["yes"], ["no"]):
        with_it = values == ["yes"]
        if key.name == "reachable":
            return "who can be reached" if with_it else "who cannot be reached"
        return f"{'with' if with_it else 'without'} {title}"
    if key.kind == "date":
        return f"with the {title} {listed(values)}"
    return f"with {title} {'of ' if condition.spans else ''}{listed(values)}"


def _bought(selection: Selection, words: Words) -> str:
    wanted = [c for c in selection.lens.filters if not c.excluded]
    wanted.sort(key=lambda c: list(BOUGHT).index(c.key) if c.key in BOUGHT else len(BOUGHT))
    return " ".join(_bought_clause(c, words) for c in wanted)


def _bought_clause(condition: Condition, words: Words) -> str:
    """``in Shoes``, ``in Shoes or a category that is not known``."""
    said = BOUGHT.get(condition.key, "with {}")
    if not condition.missing:
        return said.format(listed(words.values(condition)))
    title = _lower(words.key(condition).title)
    unknown = f"{'an' if title[:1] in 'aeiou' else 'a'} {title} that is not known"
    known = words.values(replace(condition, missing=False))
    if not known and condition.key == "product":
        return unknown
    return said.format(listed([*known, unknown]))


def _period(selection: Selection, words: Words, said_bought: bool) -> str:
    """When, what it adds up to, and what it is set against."""
    about, formatter = words.vocabulary.about, words.formatter
    when = selection.lens.period.words(about, formatter)
    text = ""
    if when:
        text = f" {when}" if said_bought else f", purchases {when}"
    for condition in selection.lens.totals:
        key = words.key(condition)
        values = listed(words.values(condition))
        text += f", {key.title.lower()} {'not ' if condition.excluded else ''}{values}"
    days = selection.lens.period.days(about)
    if selection.lens.compare and days:
        text += f", against {against(selection, days, formatter)}"
    return text


def against(selection: Selection, days: Days, formatter: Formatter) -> str:
    """What the period is compared with, such as ``the 90 days before``."""
    if selection.lens.compare == "year":
        return "the same days a year earlier"
    other = compared(days, "previous")
    if other.length == 1:
        return "the day before"
    return f"the {formatter.count(other.length)} days before"


def _left_out(selection: Selection, words: Words) -> list[str]:
    """Exclusions, at the end of the sentence."""
    clauses = []
    for condition in selection.who:
        if not condition.excluded:
            continue
        values = listed(words.values(condition), "and")
        key = words.key(condition)
        if condition.key == "persona":
            named = words.values(condition)
            ones = "" if all(map(_is_noun, named)) else " ones"
            clauses.append(f"{listed(_nouns_first(named), 'and')}{ones} left out")
        else:
            title = _lower(key.title)
            clauses.append(f"{title} {values} left out")
    for condition in selection.lens.filters:
        if condition.excluded:
            title = words.key(condition).title.lower()
            values = listed(words.values(condition), "and")
            of = f"of {title} {values}"
            if condition.missing and not condition.values:
                of = f"without a known {title}"
            clauses.append(f"purchases {of} not counted")
    return clauses


def _lower(title: str) -> str:
    """A title within a sentence."""
    return title[:1].lower() + title[1:]
