"""What a purchase of which merchant, city and account are known will amount to: one combination.

The fitted model of :mod:`analytics.amounts`, saved beside the others. Where nothing is better than
the mean, it answers with the mean and says so.
"""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
import pandas as pd

from warehouse.errors import UsageError

COLUMNS: Final = ("merchant", "city", "account_id")
# A value that no purchase has: the encoder takes the mean of all purchases for it.
_UNSEEN: Final = "\0"
_ALIASES: Final = {"account": "account_id"}


class Input(msgspec.Struct, frozen=True):
    """One thing that is known of a purchase, and how many that were learnt from have it.

    ``n_lines`` is 0 and ``mean_amount``, the mean of these, None for a value that none has.
    """

    column: str
    value: str
    n_lines: int
    mean_amount: float | None


class Expected(msgspec.Struct, frozen=True):
    """What a purchase is expected to amount to.

    Parameters
    ----------
    estimate : in currency; None where there is no model, ``why`` says why not.
    model : ``linear``, ``tree`` or ``mean``.
    has_signal : whether merchant, city and account say anything of the amount.
    mean_amount : of all purchases that were learnt from.
    r2, mean_absolute_error : of the serving model on purchases that it did not see.
    warnings : what was not known, or is not looked at.
    """

    estimate: float | None
    model: str | None
    has_signal: bool
    why: str
    mean_amount: float | None
    r2: float | None
    mean_absolute_error: float | None
    inputs: list[Input]
    warnings: list[str]


@dataclass(frozen=True)
class AmountModel:
    """A fitted model of amounts; picklable.

    Parameters
    ----------
    champion : ``linear``, ``tree`` or ``mean``; None where there was nothing to learn from, and
        then ``why`` says why.
    mean_amount : of these lines.
    pipeline : takes a frame of the columns of ``values``, as text.
    tested : means over the parts of the test, by metric, of the serving model.
    values : by column that it looks at: lines and mean amount of every value it saw.
    """

    champion: str | None
    why: str
    n_lines: int = 0
    mean_amount: float | None = None
    pipeline: Any = None
    tested: Mapping[str, float] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, tuple[int, float]]] = field(default_factory=dict)

    def expected(self, given: Mapping[str, str]) -> Expected:
        """The estimate for a purchase of which ``given`` is known, by column.

        Raises
        ------
        UsageError : a name that is not one of :data:`COLUMNS`, or two that are the same one.
        """
        asked = _by_column(given)
        inputs, warnings = [], []
        for column, value in asked.items():
            found = self._found(column, value)
            inputs.append(found)
            if self.champion is not None:
                warnings += self._doubts(found)
        return Expected(
            estimate=self._estimate(inputs),
            model=self.champion,
            has_signal=self.champion not in (None, "mean"),
            why=self.why,
            mean_amount=_rounded(self.mean_amount, 2),
            r2=_rounded(self.tested.get("r2"), 4),
            mean_absolute_error=_rounded(self.tested.get("mae"), 2),
            inputs=inputs,
            warnings=warnings,
        )

    def _estimate(self, inputs: list[Input]) -> float | None:
        if self.champion is None:
            return None
        known = {each.column: each.value for each in inputs if each.n_lines}
        row = {column: known.get(column, _UNSEEN) for column in self.values}
        frame = pd.DataFrame([row], columns=list(self.values), dtype=object)
        return round(max(0.0, float(self.pipeline.predict(frame)[0])), 2)

    def _found(self, column: str, value: str) -> Input:
        """The value as the purchases spell it, whatever its capitals."""
        seen = self.values.get(column, {})
        if value not in seen:
            folded = [name for name in seen if name.casefold() == value.casefold()]
            value = folded[0] if len(folded) == 1 else value
        n_lines, mean = seen.get(value, (0, None))
        return Input(column, value, n_lines, _rounded(mean, 2))

    def _doubts(self, found: Input) -> list[str]:
        if found.column not in self.values:
            return [
                f"{found.column} is not looked at: the purchases hardly name one, or all the same"
            ]
        if found.n_lines:
            return []
        near = difflib.get_close_matches(found.value, self.values[found.column], n=1)
        meant = f"; the nearest is {near[0]!r}" if near else ""
        return [
            f"{found.column} {found.value!r} is in none of the {self.n_lines:,} purchases that were"
            f" learnt from{meant}: it counts as an average one"
        ]


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def _by_column(given: Mapping[str, str]) -> dict[str, str]:
    """Each value by the column that its name stands for."""
    asked: dict[str, str] = {}
    for name, value in given.items():
        column = _column(name)
        if column in asked:
            raise UsageError(f"a purchase has one {column}, and two are given", fix="give it once")
        asked[column] = value.strip()
    return asked


def _column(name: str) -> str:
    """The column that a name stands for."""
    folded = name.strip().casefold()
    column = _ALIASES.get(folded, folded)
    if column not in COLUMNS:
        raise UsageError(
            f"a purchase has no {name.strip()!r} that its amount is estimated by",
            fix="name merchant, city or account",
        )
    return column
