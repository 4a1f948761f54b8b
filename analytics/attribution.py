"""From what moves a model on its own scale to what moves its answer: effects that add up.

A model's answer is a curve of one or two inner numbers ("margins"): log odds, the logarithm of an
amount. Within a margin effects of features add up exactly. They are carried over to the answer
along the straight way from the model's base to the customer (Aumann and Shapley): each feature gets
its part of the margin's change times the mean slope of the answer. So signs stay as they are
through every calibration, nothing is divided by a difference that may be nothing, and all effects
together are the answer minus the base.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import factorial
from typing import Final

import numpy as np
import pandas as pd

from analytics.metrics import Array

Curve = Callable[[Sequence[Array]], Array]
_STEPS: Final = 24
# Below this a margin did not move: the slope is taken where the customer stands.
_STILL: Final = 1e-9
_NUDGE: Final = 1e-4


@dataclass(frozen=True)
class Contributions:
    """Why a model says what it says, for the rows of a frame.

    Parameters
    ----------
    base : what it says before it knows anything of the customer, one number a row.
    effects : a row a customer, a column a feature, in the unit of the answer.
    adds_up : whether base and effects together are the answer; otherwise each effect is what the
        answer loses when that feature alone takes its typical value.
    """

    base: Array
    effects: pd.DataFrame
    adds_up: bool = True

    @property
    def total(self) -> Array:
        """Base and all effects, one number a row."""
        return np.asarray(self.base + self.effects.sum(axis="columns").to_numpy(dtype=float))

    def stretched(self, answers: Array) -> "Contributions":
        """The same for answers that were multiplied afterwards, each row by a factor of its own.

        Answers that were only rounded stay as they are.
        """
        total = self.total
        moved = np.abs(answers - total) > np.maximum(0.01, 1e-6 * np.abs(total))
        known = moved & (np.abs(total) > 0) & self.adds_up
        factor = np.where(known, answers / np.where(known, total, 1.0), 1.0)
        effects = self.effects.mul(factor, axis="index")
        return Contributions(self.base * factor, effects, self.adds_up)

    def times(self, factor: float) -> "Contributions":
        """The same for an answer that is multiplied."""
        return Contributions(self.base * factor, self.effects * factor, self.adds_up)


@dataclass(frozen=True)
class Margin:
    """An inner number of a model: its base, and what each feature adds to it."""

    base: Array
    effects: pd.DataFrame

    @property
    def moved(self) -> Array:
        """What all features together add."""
        return np.asarray(self.effects.sum(axis="columns").to_numpy(dtype=float))


def together(parts: Sequence[Contributions]) -> Contributions:
    """The sum of several, feature by feature."""
    effects = parts[0].effects
    for part in parts[1:]:
        effects = effects.add(part.effects, fill_value=0.0)
    base = np.sum([part.base for part in parts], axis=0)
    return Contributions(base, effects, all(part.adds_up for part in parts))


def carried(margins: Sequence[Margin], curve: Curve) -> Contributions:
    """Effects on ``curve`` of one or two margins; ``curve`` takes them in the same order."""
    starts = [margin.base for margin in margins]
    moved = [margin.moved for margin in margins]
    changes = _changes(starts, moved, curve)
    slopes = [
        np.where(
            np.abs(each) > _STILL,
            change / np.where(np.abs(each) > _STILL, each, 1.0),
            _slope(starts, moved, place, curve),
        )
        for place, (each, change) in enumerate(zip(moved, changes, strict=True))
    ]
    parts = [
        Contributions(np.zeros(len(slope)), margin.effects.mul(slope, axis="index"))
        for margin, slope in zip(margins, slopes, strict=True)
    ]
    effects = together(parts).effects
    return Contributions(np.asarray(curve(starts), dtype=float), effects)


def _changes(starts: Sequence[Array], moved: Sequence[Array], curve: Curve) -> list[Array]:
    """What each margin's way changes in the answer; together exactly the whole change."""
    if len(starts) == 1:
        return [np.asarray(curve([starts[0] + moved[0]]) - curve(starts))]
    first, second = np.zeros(len(starts[0])), np.zeros(len(starts[0]))
    for step in range(_STEPS):
        here = [start + each * step / _STEPS for start, each in zip(starts, moved, strict=True)]
        there = [
            start + each * (step + 1) / _STEPS for start, each in zip(starts, moved, strict=True)
        ]
        only_first, only_second = curve([there[0], here[1]]), curve([here[0], there[1]])
        before, after = curve(here), curve(there)
        first += (only_first - before + after - only_second) / 2
        second += (only_second - before + after - only_first) / 2
    return [first, second]


def _slope(starts: Sequence[Array], moved: Sequence[Array], place: int, curve: Curve) -> Array:
    """Slope of the answer in one margin, where the customer stands."""
    here = [start + each for start, each in zip(starts, moved, strict=True)]
    more = [each + (_NUDGE if at == place else 0.0) for at, each in enumerate(here)]
    return np.asarray((curve(more) - curve(here)) / _NUDGE)


def shapley(
    answer: Callable[[Mapping[str, Array]], Array],
    own: Mapping[str, Array],
    typical: Mapping[str, Array],
) -> Contributions:
    """Shapley values of a few inputs, exactly: every order in which they could become known.

    Parameters
    ----------
    answer : from inputs to one number a row.
    own : the customers' inputs, by name: a row a customer, one number or several that belong
        together. At most four or so, for the work doubles with each.
    typical : what stands in for an input that is not known yet: one such row.
    """
    names = list(own)
    n_rows = len(next(iter(own.values())))
    known: dict[frozenset[str], Array] = {}
    for size in range(len(names) + 1):
        for chosen in map(frozenset, combinations(names, size)):
            given = {
                name: own[name]
                if name in chosen
                else np.broadcast_to(typical[name], own[name].shape)
                for name in names
            }
            known[chosen] = answer(given)
    effects = {}
    for name in names:
        effect = np.zeros(n_rows)
        for chosen, value in known.items():
            if name in chosen:
                continue
            orders = factorial(len(chosen)) * factorial(len(names) - len(chosen) - 1)
            effect += orders / factorial(len(names)) * (known[chosen | {name}] - value)
        effects[name] = effect
    return Contributions(known[frozenset()], pd.DataFrame(effects))
