"""Churn and spend of a customers table with labels: tested on folds, chosen, fitted on everything.

There is no time in such a table, so nothing says how a model does later: only how it does on
customers whose label it did not see.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from analytics import churn, spend
from analytics.boosting import Fitting
from analytics.champion import Choice, Rule, choose, overall
from analytics.folds import Table, fit_all, validate
from analytics.inputs import Inputs, choose_inputs
from analytics.label_frames import OUTCOMES
from analytics.metrics import Array
from analytics.scoring import KEYS
from analytics.table_candidates import Recipe, recipes
from analytics.training import Answer, unanswered
from analytics.twins import LEAST_AUC, Twin, twins
from warehouse.configuration import Settings
from warehouse.label_columns import LabelColumns
from warehouse.progress import Progress

# With fewer labels, or fewer of the rarer outcome, there is no number; up to the others it is said.
FEWEST_LABELS, FEW_LABELS = 50, 200
FEWEST_RARE, FEW_RARE = 10, 30
# More rows change a fit by less than two draws of customers differ.
MOST_LEARNT: Final = 30_000
_MOST_TWINS: Final = 3
LEAST_SPEARMAN: Final = 0.98
_UNDATED: Final = (
    "Purchases are not learnt from: without dates they may have come after the outcome."
)
_HELD_OUT: Final = (
    "A customer whose label was learnt from is scored by a model that did not see it; who has "
    "none, by the model fitted on all."
)

RULES: Final = {
    "churn": replace(churn.RULE, tested_on="folds"),
    "spend": replace(spend.RULE, baseline="ridge", tested_on="folds"),
}
# Whoever does not beat these knows nothing.
FLOORS: Final = {"churn": "base_rate", "spend": "mean"}


def answer(
    question: str,
    frame: pd.DataFrame,
    labels: LabelColumns,
    *,
    of_purchases: Collection[str] = (),
    settings: Settings,
    workers: int,
    progress: Progress,
) -> Answer:
    """Test every candidate on every fold, let the rule choose, and fit the champion.

    Parameters
    ----------
    question : ``churn`` or ``spend``, one of ``labels``.
    frame : of the customers to learn from, see :func:`analytics.label_frames.table_frame`.
    of_purchases : columns that purchases without dates made: these may have come after the outcome.
    """
    unseen = {*KEYS, *OUTCOMES.values(), *labels.leave_out, *of_purchases}
    inputs = choose_inputs(frame, unseen)
    table = _labelled(question, frame, settings.seed)
    nothing = _nothing_to_learn(table, inputs, labels.labels[question].original)
    if nothing:
        return unanswered(question, nothing)
    fitting, competing = Fitting(settings.seed), {each.name: each for each in recipes(question)}
    asked = _Asked(table, fitting, workers, progress)
    results = asked.test([(each, inputs) for each in competing.values()], question)
    choice = chosen(question, results, competing)
    known = twins(question, inputs, inputs.typed(table.frame), table.target)
    if known:
        recipe = competing[_judge_of_twins(question, choice)]
        less = asked.test(
            _without(recipe, inputs, known), f"{question} without what nearly says it"
        )
        results = pd.concat([results, less], ignore_index=True)
    short = _shortage(table)
    remarks = (
        short,
        _told_of_label(labels.labels[question].original, table, frame),
        _told_of_twins(known),
        _too_good(question, choice, results, known),
        _told_of_inputs(inputs, labels),
        _UNDATED if of_purchases else None,
        _HELD_OUT,
    )
    return Answer(
        question=question,
        champion=choice.champion,
        model=fit_all(table, competing[choice.champion], inputs, fitting),
        why=choice.why,
        note=" ".join(filter(None, remarks)),
        enough_history=short is None,
        n_rows=len(table.target),
        results=results,
    )


@dataclass(frozen=True)
class _Asked:
    """What every test of a question has in common."""

    table: Table
    fitting: Fitting
    workers: int
    progress: Progress

    def test(self, candidates: Sequence[tuple[Recipe, Inputs]], what: str) -> pd.DataFrame:
        """Results of candidates, each with what it may see, on every fold."""
        n_folds = len(self.table.splits(self.fitting.seed))
        title = f"Testing models of {what} on {n_folds} folds"
        with self.progress.step(title, n_folds * len(candidates)) as done:
            found = [
                validate(
                    self.table, [recipe], seen, self.fitting, workers=self.workers, advance=done
                )
                for recipe, seen in candidates
            ]
        return pd.concat([pd.DataFrame(), *found], ignore_index=True)


def chosen(question: str, results: pd.DataFrame, competing: Mapping[str, Recipe]) -> Choice:
    """Apply the rule: the simple model serves unless it is beaten, and nothing that knows nothing.

    Whoever does not beat the rate (of churn) or the mean (of spend) on enough folds is out; among
    the others logistic regression or ridge is the one to beat, where it is left.
    """
    rule, floor = RULES[question], FLOORS[question]
    titles = {name: recipe.title for name, recipe in competing.items()}
    floored = replace(rule, baseline=floor)
    left = [name for name in competing if name != floor and _beats(results, name, floored, titles)]
    if not left:
        return choose(_of(results, [*competing]), floored, titles)
    if left == [rule.baseline]:
        only = titles[rule.baseline].capitalize()
        why = (
            f"{only} alone beat {titles[floor]} on enough folds, within the guardrails: it serves."
        )
        return Choice(rule.baseline, why)
    if rule.baseline not in left:
        return choose(_of(results, [floor, *left]), floored, titles)
    return choose(_of(results, left), rule, titles)


def _of(results: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """The results of these candidates, folds in place of origins."""
    return results[results["candidate"].isin(names)].rename(columns={"fold": "origin"})


def _beats(results: pd.DataFrame, name: str, rule: Rule, titles: Mapping[str, str]) -> bool:
    return choose(_of(results, [name, rule.baseline]), rule, titles).champion == name


def _labelled(question: str, frame: pd.DataFrame, seed: int) -> Table:
    """The rows with a label, at most ``MOST_LEARNT`` of them, drawn by the seed."""
    target = frame[OUTCOMES[question]].to_numpy(dtype=float)
    rows = np.flatnonzero(np.isfinite(target))
    if len(rows) > MOST_LEARNT:
        rows = np.sort(np.random.default_rng(seed).choice(rows, MOST_LEARNT, replace=False))
    mine = frame.iloc[rows].reset_index(drop=True)
    return Table(question, mine["customer_key"].to_numpy(dtype=np.int64), mine, target[rows])


def _nothing_to_learn(table: Table, inputs: Inputs, label: str) -> str | None:
    """Why no model can be fitted, in a sentence; None where one can."""
    n, target = len(table.target), table.target
    if n < FEWEST_LABELS:
        return f"{label} is known of {n} customers, at least {FEWEST_LABELS} are needed."
    if target.min() == target.max():
        return f"{label} is the same for everybody: there is nothing to learn."
    if table.question == "churn" and _n_rare(target) < FEWEST_RARE:
        return (
            f"{label}: only {_n_rare(target)} customers have the rarer outcome, at least "
            f"{FEWEST_RARE} are needed."
        )
    if not inputs.inputs:
        return f"No column beside {label} tells customers apart."
    return None


def _n_rare(target: Array) -> int:
    return int(min(target.sum(), len(target) - target.sum()))


def _shortage(table: Table) -> str | None:
    """What is missing to judge the models, in a sentence; None where nothing is."""
    lacks = []
    if len(table.target) < FEW_LABELS:
        lacks.append(f"{len(table.target)} labels of at least {FEW_LABELS}")
    if table.question == "churn" and _n_rare(table.target) < FEW_RARE:
        lacks.append(f"{_n_rare(table.target)} of the rarer outcome of at least {FEW_RARE}")
    return f"Not enough history to judge: {' and '.join(lacks)}." if lacks else None


def _judge_of_twins(question: str, choice: Choice) -> str:
    """Who is tested without the twins: the champion, or the simple model where nobody serves."""
    return RULES[question].baseline if choice.champion == FLOORS[question] else choice.champion


def _without(recipe: Recipe, inputs: Inputs, known: Sequence[Twin]) -> list[tuple[Recipe, Inputs]]:
    """The same candidate without each twin, and without all of them."""
    sets = [[twin.name] for twin in known[:_MOST_TWINS]]
    if len(known) > 1:
        sets.append([twin.name for twin in known])
    return [
        (replace(recipe, name=f"{recipe.name}_without_{'_and_'.join(names)}"), kept)
        for names in sets
        if (kept := inputs.without(names)).inputs
    ]


def _told_of_label(original: str, table: Table, frame: pd.DataFrame) -> str:
    n, n_all = len(table.target), len(frame)
    known = "" if n == n_all else f", learnt from {n:,} of {n_all:,} customers"
    return f"The label is {original}{known}."


def _told_of_twins(known: Sequence[Twin]) -> str | None:
    if not known:
        return None
    names = ", ".join(twin.words for twin in known)
    return (
        f"Nearly the label by itself: {names}. Make sure that it was known before the outcome; the "
        "rows 'without' show what is left otherwise, and `leave_out` in [labels] keeps it out."
    )


def _too_good(
    question: str, choice: Choice, results: pd.DataFrame, known: Sequence[Twin]
) -> str | None:
    """A warning where several columns together are a twin of the label."""
    metric, least = ("auc", LEAST_AUC) if question == "churn" else ("spearman", LEAST_SPEARMAN)
    reached = float(overall(results)[metric].to_dict()[choice.champion])
    if known or not reached >= least:
        return None
    return (
        f"The columns together nearly say the label ({metric} {reached:.3f}): "
        "it may have been made from them."
    )


def _told_of_inputs(inputs: Inputs, labels: LabelColumns) -> str | None:
    reasons = [f"{', '.join(names)} ({why})" for why, names in inputs.left_out.items()]
    if labels.others:
        reasons.append(f"{', '.join(labels.others.values())} (named like an outcome)")
    if labels.leave_out:
        reasons.append(f"{', '.join(sorted(labels.leave_out))} (by the settings)")
    return f"Not learnt from: {'; '.join(reasons)}." if reasons else None
