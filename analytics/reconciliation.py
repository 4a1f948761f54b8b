"""Scores of customers brought in line: with a forecast of their total, and with a bound each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import msgspec
import numpy as np
import pandas as pd

from analytics import totals, upper
from analytics.backtest import MOST_ORIGINS, MOST_TRAINING_WINDOWS, Frames, Plan
from analytics.candidates import Model
from analytics.champion import choose
from analytics.learning import spend_outcome
from analytics.metrics import Array
from analytics.totals import Window
from analytics.training import Answer, unanswered
from analytics.upper import Upper

_PART = "reconciled"


@dataclass(frozen=True)
class Reconciled:
    """A model whose numbers add up to a total that was forecast apart.

    Parameters
    ----------
    model : what is said of each customer on her own.
    factor : by which every number is multiplied, found at the training.
    upper : the bounds of those products; None where there were too few tests for one.
    """

    model: Model
    factor: float
    upper: Upper | None

    def predict(self, frame: pd.DataFrame) -> Array:
        """Expected spend."""
        return np.asarray(np.maximum(self.model.predict(frame), 0) * self.factor)

    def bounds(self, expected: Array) -> Array:
        """What customers will hardly exceed of whom so much is expected; NaN if not known."""
        return self.upper.of(expected) if self.upper else np.full(len(expected), np.nan)

    def parts(self) -> dict[str, object]:
        """Those of the model, and what was done to its numbers."""
        done = {"factor": self.factor, "upper": msgspec.to_builtins(self.upper)}
        return {**self.model.parts(), _PART: done}


def restored(
    parts: Mapping[str, object], restore: Callable[[Mapping[str, object]], Model]
) -> Model:
    """A model from its saved parts, brought in line as it was."""
    saved = parts.get(_PART)
    model = restore({name: part for name, part in parts.items() if name != _PART})
    if saved is None:
        return model
    done = msgspec.convert(saved, _Done)
    return Reconciled(model, done.factor, done.upper)


class _Done(msgspec.Struct, frozen=True):
    factor: float
    upper: Upper | None


def reconcile(
    answer: Answer, frames: Frames, plan: Plan, buyers: pd.DataFrame
) -> tuple[Answer, Answer]:
    """Forecast the total, and bring the scores of customers in line with it.

    Parameters
    ----------
    answer : to the question of spend.
    buyers : the customers who are scored, or those that stand for them.

    Returns
    -------
    The answer to the question of spend, its model reconciled and the coverage of its bounds beside
    its results; and the answer to that of the total.
    """
    if answer.model is None or not answer.tests or buyers.empty:
        why = "Scores of customers are not brought in line with a total: no model was tested."
        return answer, unanswered("total", why)
    expected = np.maximum(answer.model.predict(buyers), 0)
    windows = _windows(frames, plan)
    known = {
        test.origin: sum(
            window.cutoff + timedelta(days=plan.horizon_days) <= test.origin for window in windows
        )
        for test in answer.tests
    }
    results = totals.at_origins(answer.tests, windows, known)
    choice = choose(results, totals.RULE, totals.TITLES)
    total = totals.forecasts(expected, answer.tests, windows)[choice.champion]
    factor = totals.factor(total, expected)
    whole = Answer(
        question="total",
        champion=choice.champion,
        model=None,
        why=f"{choice.why} {totals.told(total, expected)}",
        note=None,
        enough_history=answer.enough_history,
        trained_on=tuple(window.cutoff for window in reversed(windows)),
        n_rows=len(windows),
        results=results,
    )
    bounds = upper.calibrated(answer.tests, expected)
    model = Reconciled(answer.model, factor, bounds.stretched(factor) if bounds else None)
    return replace(_covered(answer, bounds), model=model), whole


def _windows(frames: Frames, plan: Plan) -> Sequence[Window]:
    """Windows that are over, oldest first: those that were read for the tests."""
    cutoffs = plan.cutoffs[: MOST_ORIGINS + MOST_TRAINING_WINDOWS]
    frames.read(cutoffs)
    known = [(cutoff, frames.training(cutoff)) for cutoff in reversed(cutoffs)]
    return [
        Window(cutoff, len(frame), float(spend_outcome(frame).sum()))
        for cutoff, frame in known
        if not frame.empty
    ]


def _covered(answer: Answer, bounds: Upper | None) -> Answer:
    """The answer with the coverage of the champion's bounds at origins that have earlier ones."""
    rows: list[tuple[str | None, date, str, float]] = []
    for test, everybody, top in upper.coverage(answer.tests):
        rows.append((answer.champion, test.origin, "coverage95", everybody))
        rows.append((answer.champion, test.origin, "coverage95_top", top))
    found = pd.DataFrame(rows, columns=["candidate", "origin", "metric", "value"])
    results = pd.concat([answer.results, found], ignore_index=True) if rows else answer.results
    lack = None if bounds else "Too few tests for an upper bound of each customer."
    return replace(
        answer, results=results, note=" ".join(filter(None, (answer.note, lack))) or None
    )
