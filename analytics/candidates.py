"""What a question consists of: its candidates, what they are measured by, and how one serves."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import pandas as pd

from analytics.boosting import Fitting
from analytics.champion import Rule
from analytics.metrics import Array, Metrics


class Model(Protocol):
    """A fitted candidate."""

    def predict(self, frame: pd.DataFrame) -> Array:
        """One number a row of a scoring frame."""
        ...

    def parts(self) -> dict[str, object]:
        """Everything that has to be saved, by name: see :mod:`analytics.artifacts`."""
        ...


Fit = Callable[[Sequence[pd.DataFrame], Fitting], Model]


@dataclass(frozen=True)
class Candidate:
    """One way to answer a question.

    Parameters
    ----------
    name : as on the leaderboard.
    title : for people.
    fit : takes training frames, newest first.
    restore : makes the model again from its saved parts.
    """

    name: str
    title: str
    fit: Fit
    restore: Callable[[Mapping[str, object]], Model]


@dataclass(frozen=True)
class Question:
    """A question about the horizon.

    Parameters
    ----------
    name : ``spend`` or ``churn``.
    outcome : what happened, one number a row of a training frame.
    metrics : judges a forecast by the outcome.
    windows : how many training windows a candidate needs in front of a test.
    """

    name: str
    candidates: tuple[Candidate, ...]
    outcome: Callable[[pd.DataFrame], Array]
    metrics: Callable[[Array, Array], Metrics]
    rule: Rule
    windows: int

    @property
    def titles(self) -> dict[str, str]:
        """Names of the candidates for people."""
        return {candidate.name: candidate.title for candidate in self.candidates}

    def candidate(self, name: str) -> Candidate:
        """The candidate of that name."""
        return next(each for each in self.candidates if each.name == name)
