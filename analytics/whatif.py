"""What would change a score: inputs of a customer changed by hand, and the next better ones.

These are changes of what the model says. Whether the customer would follow it is another question:
a model that sees frequent buyers spend more does not know what makes somebody buy frequently.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
import pandas as pd

from analytics.entered import Row, Warned, changed_row, contradictions
from analytics.explain import made, remade
from analytics.manual import SCORES, Prediction, Scorer
from analytics.reasons import Explained, Question, column_title, effect_words
from analytics.reference import Numbers

# What nobody can change, on no account.
_GIVEN: Final = frozenset({"customer_lifetime_days"})
# Which way a score is better.
_BETTER: Final[dict[Question, int]] = {"spend": 1, "churn": -1}
_LEAST: Final[dict[Question, float]] = {"spend": 0.01, "churn": 0.0005}


class Changed(msgspec.Struct, frozen=True):
    """A customer's scores as she is, and with some inputs changed."""

    before: Prediction
    after: Prediction
    warnings: list[Warned]

    def as_json(self) -> dict[str, Any]:
        """Plain values, with the differences beside them."""
        both = ((getattr(self.before, name), getattr(self.after, name)) for name in SCORES.values())
        differences = [None if None in pair else pair[1] - pair[0] for pair in both]
        return {
            "before": self.before.as_json(),
            "after": self.after.as_json(),
            "difference": dict(zip(SCORES.values(), differences, strict=True)),
            "warnings": msgspec.to_builtins(self.warnings),
        }


class Lever(msgspec.Struct, frozen=True):
    """One feature moved to the next better typical value, everything else as it is."""

    question: str
    feature: str
    title: str
    value: float
    moved_to: float
    effect: float
    words: str


def changed(scorer: Scorer, customer_id: str, changes: Mapping[str, str]) -> Changed:
    """The scores of a customer with some of her inputs changed.

    Raises
    ------
    UnknownCustomerError : there is no such customer.
    """
    frame = scorer.customer(customer_id)
    other, warnings = changed_row(frame, changes, scorer.reference, scorer.aliases)
    before, after = scorer.predictions(pd.concat([frame, other], ignore_index=True))
    return Changed(before, after, warnings)


def levers(scorer: Scorer, frame: pd.DataFrame, reasons: Mapping[str, Explained]) -> list[Lever]:
    """For the features of the reasons: what the next better typical value would change.

    Steps to a customer who cannot exist are left out: nobody's last order was ten days ago who has
    none in thirty days.

    Parameters
    ----------
    frame : one row, as from :meth:`Scorer.customer`.
    reasons : why that customer scores as she does.
    """
    tried: list[tuple[Question, str, float, float]] = []
    fixed = made(scorer.reference) | _GIVEN
    hers = {str(name): value for name, value in frame.iloc[0].items()}
    for question in SCORES:
        for reason in reasons[question].reasons if question in reasons else ():
            column = scorer.reference.columns.get(reason.feature)
            if isinstance(column, Numbers) and reason.feature not in fixed:
                value = frame[reason.feature].iloc[0]
                tried += [
                    (question, reason.feature, float(value), step)
                    for step in _neighbours(float(value), column.steps)
                    if _can_be(hers, reason.feature, step)
                ]
    if not tried:
        return []
    rows = [frame.assign(**{name: step}) for _, name, _, step in tried]
    every = pd.concat([frame, *rows], ignore_index=True)
    said = scorer.numbers(remade(every, scorer.reference))
    currency = scorer.generation.manifest.currency
    best: dict[tuple[str, str], Lever] = {}
    for place, (question, name, value, step) in enumerate(tried, start=1):
        scores = said[SCORES[question]]
        effect = float(scores.iloc[place] - scores.iloc[0])
        if effect * _BETTER[question] < _LEAST[question]:
            continue
        words = (
            f"{column_title(name)} {step:,.6g} instead of {value:,.6g}: "
            f"{effect_words(effect, question, currency)}"
        )
        lever = Lever(question, name, column_title(name), value, step, effect, words)
        known = best.get((question, name))
        if known is None or abs(effect) > abs(known.effect):
            best[question, name] = lever
    return list(best.values())


def _can_be(hers: Row, name: str, step: float) -> bool:
    """Whether one moved value brings no contradiction that was not there before."""

    def against(values: Row) -> set[tuple[str, str]]:
        return {(each.column, each.what) for each in contradictions(values, [name])}

    return against({**hers, name: step}) <= against(hers)


def _neighbours(value: float, steps: Sequence[float]) -> list[float]:
    """The next typical values below and above; none for a value that is not known."""
    below = [step for step in steps if step < value][-1:]
    above = [step for step in steps if step > value][:1]
    return below + above
