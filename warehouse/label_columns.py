"""Which columns of a customers table say what became of a customer: labels to learn from.

The rule. A column is *named like an outcome* if one of the words of its name is ``label``,
``target``, ``churn``, ``churned``, ``exited``, ``attrition`` or ``attrited``, or if it speaks of
money to come: ``next`` or ``future`` with ``spend``, ``spending``, ``sales``, ``revenue``,
``amount``, ``purchase`` or ``purchases``. Of these, the first that fits is the label

- of churn: named after churn, with at most two values of which one says yes (0 and 1, yes and no,
  ``Attrited Customer`` and ``Existing Customer``); 1 says so only beside 0, as 1 and 2, or -1 and
  1, may mean either;
- of spend: a number, named after money with ``next``, ``future`` or ``label``.

The others named so are nobody's input either: a churn reason is known only of those who left.
``[labels]`` in spendboard.toml names other columns, or says ``none``.
"""

import difflib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import duckdb

from warehouse.configuration import FILE_NAME, Labels
from warehouse.errors import SettingsError

Question = Literal["churn", "spend"]
QUESTIONS: Final[tuple[Question, ...]] = ("spend", "churn")
NONE: Final = "none"
# Beyond it nothing could be stored as money.
_MOST_MONEY: Final = 1e12

_CHURN: Final = frozenset({"churn", "churned", "exited", "attrition", "attrited"})
_OUTCOME: Final = frozenset({"label", "target"}) | _CHURN
_TO_COME: Final = frozenset({"next", "future"})
_MONEY: Final = frozenset(
    {"spend", "spending", "sales", "revenue", "amount", "purchase", "purchases"}
)
_YES: Final = frozenset({
    "yes", "y", "true", "t", "churn", "churned", "exited", "left", "lost", "attrited", "gone",
    "cancelled", "canceled", "lapsed",
})  # fmt: skip
_NO: Final = frozenset({"no", "not", "non", "never", "un"})
_ONE: Final = frozenset({"1", "1.0"})
_ZERO: Final = frozenset({"0", "0.0"})


@dataclass(frozen=True)
class Label:
    """One label: its column in core.customers, what the file calls it, and which value is yes.

    ``yes`` is lower-case text; None for spend, and for churn where every value says no.
    """

    question: Question
    column: str
    original: str
    yes: str | None = None

    @property
    def sql(self) -> str:
        """The outcome as DOUBLE: 1 where she churned and 0 where not, or money, never below 0."""
        said = f'customers."{self.column}"'
        yes = (self.yes or "").replace("'", "''")
        value = f"(lower(trim({said}::varchar)) = '{yes}')::double"
        if self.question == "spend":
            value = f"least(greatest({said}::double, 0), {_MOST_MONEY})"
        # least and greatest would take NULL for 0.
        return f"if({said} is null, null, {value})"

    @property
    def sentence(self) -> str:
        """What it was recognised as, with the value that counts as churned."""
        counted = "" if self.question == "spend" else ", and no value of it says that anybody left"
        if self.yes is not None:
            counted = f", where {self.yes.removesuffix('.0')} counts as churned"
        return (
            f"{self.original} is the label of {self.question}{counted}:"
            " `spendboard refresh` learns to foretell it"
        )


@dataclass(frozen=True)
class LabelColumns:
    """The labels of a customers table, and what else is named like an outcome.

    Parameters
    ----------
    labels : by question.
    others : columns named like an outcome that are no label; file's name by column.
    leave_out : columns that the settings keep from the models.
    """

    labels: Mapping[str, Label] = field(default_factory=dict)
    others: Mapping[str, str] = field(default_factory=dict)
    leave_out: frozenset[str] = frozenset()

    @property
    def hidden(self) -> frozenset[str]:
        """Columns that no model and no clustering may see."""
        labels = {label.column for label in self.labels.values()}
        return frozenset(labels | set(self.others)) | self.leave_out

    def sentences(self) -> list[str]:
        """What was recognised, for people."""
        said = [label.sentence for label in self.labels.values()]
        if self.others:
            names = ", ".join(self.others.values())
            said.append(f"named like an outcome, so no model learns from it: {names}")
        return said


def find(con: duckdb.DuckDBPyConnection, settings: Labels) -> LabelColumns:
    """The labels among the further columns of core.customers.

    Raises
    ------
    SettingsError : ``[labels]`` names a column that is not there, or that cannot be such a label.
    """
    known = con.execute(
        "select attribute, original_name, data_type from core.attributes"
    ).fetchall()
    order = [row[0] for row in con.execute("describe core.customers").fetchall()]
    known.sort(key=lambda row: order.index(row[0]))
    columns = {name: (original, kind) for name, original, kind in known}
    named = [name for name in columns if _is_outcome(name)]
    labels: dict[str, Label] = {}
    for question in QUESTIONS:
        wish = getattr(settings, question)
        if wish == NONE:
            continue
        wanted = [_wanted(question, wish, columns)] if wish else _named_for(question, named)
        tried = (_label(con, question, name, *columns[name]) for name in wanted)
        label = next((each for each in tried if each is not None), None)
        if wish and label is None:
            raise SettingsError(
                f"{FILE_NAME}: labels.{question} names {wish!r}, whose values are not of that kind",
                fix="churn takes two values such as 0 and 1 or yes and no; spend takes numbers",
            )
        if label is not None:
            labels[question] = label
    taken = {label.column for label in labels.values()}
    others = {name: columns[name][0] for name in named if name not in taken}
    everything = {**{name: (name, "") for name in order}, **columns}
    left = frozenset(_wanted("leave_out", wish, everything) for wish in settings.leave_out)
    return LabelColumns(labels, others, left)


def remarks(con: duckdb.DuckDBPyConnection, settings: Labels) -> list[str]:
    """What a load of customers says of labels; nothing where purchases say what happened when."""
    dated = "select count(*) from core.transactions where purchased_on is not null"
    if con.execute(dated).fetchall()[0][0]:
        return []
    try:
        return find(con, settings).sentences()
    except SettingsError as error:
        return [str(error)]


def _words(name: str) -> frozenset[str]:
    return frozenset(re.split(r"[^a-z0-9]+", name.lower()))


def _is_outcome(name: str) -> bool:
    words = _words(name)
    return bool(words & _OUTCOME) or bool(words & _TO_COME and words & _MONEY)


def _named_for(question: Question, named: Sequence[str]) -> list[str]:
    """Columns whose names fit a question, a plain label before one of many words."""
    if question == "churn":
        fit = [name for name in named if _words(name) & _CHURN]
    else:
        fit = [
            name
            for name in named
            if _words(name) & _MONEY and _words(name) & (_TO_COME | {"label"})
        ]
    return sorted(fit, key=lambda name: "label" not in _words(name))


def _wanted(key: str, wish: str, columns: Mapping[str, tuple[str, str]]) -> str:
    """The column that a setting means: as the file calls it, or as the warehouse does."""
    by_name = {original: name for name, (original, _) in columns.items()}
    by_name |= {name: name for name in columns}
    if wish in by_name:
        return by_name[wish]
    near = difflib.get_close_matches(wish, by_name, n=1, cutoff=0.5)
    raise SettingsError(
        f"{FILE_NAME}: labels.{key} names {wish!r}, which is no column of the customers table",
        fix=f"did you mean {near[0]}?" if near else f"choose from {', '.join(sorted(by_name))}",
    )


def _label(
    con: duckdb.DuckDBPyConnection, question: Question, name: str, original: str, kind: str
) -> Label | None:
    """The column as a label; None where its contents cannot be one."""
    if question == "spend":
        return Label(question, name, original) if kind == "DOUBLE" else None
    values = con.execute(
        f'select distinct lower(trim("{name}"::varchar)) as value from core.customers'
        f' where "{name}" is not null order by value limit 3'
    ).fetchall()
    said = [str(value) for (value,) in values]
    yes = [value for value in said if _is_yes(value, said)]
    one_sided = len(said) == 1 and not yes and _is_no(said[0])
    if not one_sided and (len(said) > 2 or len(yes) != 1):
        return None
    return Label(question, name, original, yes[0] if yes else None)


def _is_yes(value: str, values: Collection[str]) -> bool:
    """Whether one of the values of a column says that somebody left."""
    if value in _ONE:
        return any(other in _ZERO for other in values)
    words = _words(value)
    return bool(words & _YES) and not words & _NO


def _is_no(value: str) -> bool:
    return value in _ZERO | {"false", "f", "n"} or bool(_words(value) & _NO)
