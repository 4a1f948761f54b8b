"""One question from its windows to the model that serves: test, choose, fit on everything known."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd

from analytics import backtest
from analytics.backtest import LEAST_ROWS, MOST_ORIGINS, Frames, Plan, Tests
from analytics.boosting import Fitting
from analytics.candidates import Model, Question
from analytics.champion import choose
from analytics.frames import History
from analytics.sample import Sample
from analytics.totals import Holdout
from warehouse.configuration import Settings
from warehouse.progress import Progress


@dataclass(frozen=True)
class Answer:
    """What became of a question.

    Parameters
    ----------
    champion, model : None where there is nothing to learn from; then nobody gets a number.
    why : why this candidate serves, in a sentence.
    note : what a reader should know; None if nothing.
    enough_history : whether there are as many buyers and days as the settings want.
    trained_on : cutoffs of the training windows, newest first.
    n_rows : rows in training.
    results : the backtest, see :func:`analytics.backtest.run`.
    tests : what the champion said at each origin, and what came, oldest first.
    """

    question: str
    champion: str | None
    model: Model | None
    why: str
    note: str | None
    enough_history: bool
    trained_on: tuple[date, ...] = ()
    n_rows: int = 0
    results: pd.DataFrame = field(default_factory=pd.DataFrame)
    tests: tuple[Holdout, ...] = ()


def told(why: str, sample: Sample | None) -> str:
    """The reason, and whether it was found on a part of the customers only."""
    return why if sample is None else f"{why.rstrip('.')}. {sample.words}"


def unanswered(question: str, why: str) -> Answer:
    """A question without a number, and the reason."""
    return Answer(question, None, None, "No number is better than a guess.", why, False)


def shortage(history: History, settings: Settings) -> str | None:
    """What is missing to judge a model, in a sentence; None where there is enough history."""
    lacks = []
    if history.n_buyers < settings.min_buyers:
        lacks.append(f"{history.n_buyers:,} buyers of at least {settings.min_buyers:,}")
    if history.days < settings.min_history_days:
        lacks.append(f"{history.days:,} days of at least {settings.min_history_days:,}")
    return f"Not enough history to judge: {' and '.join(lacks)}." if lacks else None


def answer(
    question: Question,
    frames: Frames,
    plan: Plan,
    *,
    history: History,
    settings: Settings,
    workers: int,
    progress: Progress,
    sample: Sample | None = None,
) -> Answer:
    """Test every candidate of a question, let the rule choose, and fit the champion.

    ``workers`` fits run at the same time. ``sample`` is told of where not everybody is learnt from.
    """
    cutoffs = plan.training()
    frames.read(cutoffs)
    nothing = _nothing_to_learn(question, [frames.training(cutoff) for cutoff in cutoffs], plan)
    if nothing:
        return unanswered(question.name, nothing)
    fitting = Fitting(settings.seed)
    origins = _testable(question, frames, plan)
    total = len(origins) * len(question.candidates)
    with progress.step(f"Testing {question.name} models at {len(origins)} origins", total) as done:
        tests = backtest.run(
            question, frames, plan, origins=origins, fitting=fitting, workers=workers, advance=done
        )
    choice = choose(tests.results, question.rule, question.titles)
    short = shortage(history, settings)
    return Answer(
        question=question.name,
        champion=choice.champion,
        model=backtest.fit(question, choice.champion, frames, cutoffs, fitting),
        why=told(choice.why, sample),
        note=" ".join(filter(None, (short, _remark(question, cutoffs, origins)))) or None,
        enough_history=short is None,
        trained_on=cutoffs,
        n_rows=sum(len(frames.training(cutoff)) for cutoff in cutoffs),
        results=tests.results,
        tests=_of_champion(question, choice.champion, frames, tests, origins),
    )


def _of_champion(
    question: Question, champion: str, frames: Frames, tests: Tests, origins: Sequence[date]
) -> tuple[Holdout, ...]:
    return tuple(
        Holdout(
            origin,
            np.maximum(tests.expected[champion, origin], 0),
            question.outcome(frames.training(origin)),
        )
        for origin in sorted(origins)
    )


def _nothing_to_learn(
    question: Question, windows: Sequence[pd.DataFrame], plan: Plan
) -> str | None:
    """Why no model can be fitted, in a sentence; None where one can."""
    days = plan.horizon_days
    if not windows:
        return (
            f"There is no window of {days} days to learn from, with {days} days of purchases "
            "before it."
        )
    outcome = np.concatenate([question.outcome(window) for window in windows])
    if len(outcome) < LEAST_ROWS:
        return (
            f"There is too little to learn from: {len(outcome)} examples of a customer and what "
            f"came next, at least {LEAST_ROWS} are needed."
        )
    if outcome.min() == outcome.max():
        return f"In every window of {days} days everybody did the same: there is nothing to learn."
    return None


def _testable(question: Question, frames: Frames, plan: Plan) -> tuple[date, ...]:
    """The origins at which there is something to learn from, and somebody to test on."""
    return tuple(
        origin
        for origin in plan.origins(question.windows)
        if not frames.training(origin).empty
        and not _nothing_to_learn(
            question, [frames.training(cutoff) for cutoff in plan.training(origin)], plan
        )
    )


def _remark(question: Question, cutoffs: Sequence[date], origins: Sequence[date]) -> str | None:
    """What the history did not allow."""
    if len(cutoffs) < question.windows:
        return "One window only: it could neither be tested nor calibrated on a later one."
    if not origins:
        return "Not tested: the history allows no origin."
    if len(origins) < MOST_ORIGINS:
        return f"Tested at {len(origins)} of {MOST_ORIGINS} origins: the history allows no more."
    return None
