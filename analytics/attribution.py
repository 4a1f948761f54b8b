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

from analytics.metrics import Array

Curve = Callable[[Sequence[Array]], Array]
_STEPS: Final = 24
# Below this a margin did not move: the slope is taken where the customer stands.
_STILL: Final = 1e-9
_NUDGE: Final = 1e-4


@dataclass(frozen=True)
class Effects:
    """What each feature does, a row a customer. Plain arrays: one customer must cost little."""

    names: Sequence[str]
    values: Array

    @property
    def total(self) -> Array:
        """All features together, one number a row."""
        return np.asarray(self.values.sum(axis=1))

    def times(self, factor: Array | float) -> "Effects":
        """The same, each row multiplied by its factor."""
        return Effects(self.names, self.values * np.reshape(factor, (-1, 1)))

    def by(self, owner: Callable[[str], str]) -> "Effects":
        """Summed under the name of their owner, in the order of first appearance."""
        owners = [owner(name) for name in self.names]
        names = list(dict.fromkeys(owners))
        summed = np.zeros((len(self.values), len(names)))
        for column, name in enumerate(owners):
            summed[:, names.index(name)] += self.values[:, column]
        return Effects(names, summed)

    def of(self, name: str) -> Array:
        """The effect of one feature, one number a row."""
        return np.asarray(self.values[:, list(self.names).index(name)])


@dataclass(frozen=True)
class Contributions:
    """Why a model says what it says, for the rows of a frame.

    Parameters
    ----------
    base : what it says of a customer with average inputs, one number a row.
    effects : in the unit of the answer.
    adds_up : whether base and effects together are the answer; otherwise each effect is what the
        answer loses when that feature alone takes its typical value.
    """

    base: Array
    effects: Effects
    adds_up: bool = True

    @property
    def total(self) -> Array:
        """Base and all effects, one number a row."""
        return np.asarray(self.base + self.effects.total)

    def times(self, factor: float) -> "Contributions":
        """The same for an answer that is multiplied."""
        return Contributions(self.base * factor, self.effects.times(factor), self.adds_up)

    def stretched(self, answers: Array) -> "Contributions":
        """The same for answers that were multiplied afterwards, each row by a factor of its own.

        Answers that were only rounded stay as they are.
        """
        total = self.total
        moved = np.abs(answers - total) > np.maximum(0.01, 1e-6 * np.abs(total))
        known = moved & (np.abs(total) > 0) & self.adds_up
        factor = np.where(known, answers / np.where(known, total, 1.0), 1.0)
        return Contributions(self.base * factor, self.effects.times(factor), self.adds_up)


@dataclass(frozen=True)
class Margin:
    """An inner number of a model: its base, and what each feature adds to it."""

    base: Array
    effects: Effects


def together(parts: Sequence[Contributions], weight: float = 1.0) -> Contributions:
    """The sum of several, feature by feature, each weighed alike."""
    names = [name for part in parts for name in part.effects.names]
    values = np.concatenate([part.effects.values for part in parts], axis=1) * weight
    base = np.sum([part.base for part in parts], axis=0) * weight
    effects = Effects(names, values).by(str)
    return Contributions(base, effects, all(part.adds_up for part in parts))


def carried(margins: Sequence[Margin], curve: Curve) -> Contributions:
    """Effects on ``curve`` of one or two margins; ``curve`` takes them in the same order."""
    starts = [margin.base for margin in margins]
    moved = [margin.effects.total for margin in margins]
    parts = []
    for place, change in enumerate(_changes(starts, moved, curve)):
        is_still = np.abs(moved[place]) <= _STILL
        slope = change / np.where(is_still, 1.0, moved[place])
        if is_still.any():
            slope = np.where(is_still, _slope(starts, moved, place, curve), slope)
        parts.append(Contributions(np.zeros(len(slope)), margins[place].effects.times(slope)))
    return Contributions(np.asarray(curve(starts), dtype=float), together(parts).effects)


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
    effects = np.zeros((n_rows, len(names)))
    for column, name in enumerate(names):
        for chosen, value in known.items():
            if name not in chosen:
                orders = factorial(len(chosen)) * factorial(len(names) - len(chosen) - 1)
                gain = known[chosen | {name}] - value
                effects[:, column] += orders / factorial(len(names)) * gain
    return Contributions(known[frozenset()], Effects(names, effects))
