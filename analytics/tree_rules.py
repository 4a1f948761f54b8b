"""A shallow decision tree as sentences: what leads to each of its leaves.

The words are the rule: cases are counted by what is printed, and a number that is not known is
never taken for one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.tree import DecisionTreeClassifier

from analytics.metrics import Array
from warehouse.titles import title_of

RARE: Final = "one of the rare ones"


@dataclass(frozen=True)
class Column:
    """One column of the matrix that a tree sees.

    Parameters
    ----------
    name : the column of the data that it was made from.
    level : of words, the word that it stands for; None for a number.
    is_whole : whether the numbers are whole ones.
    has_gaps : whether some of the numbers are not known.
    """

    name: str
    level: str | None = None
    is_whole: bool = False
    has_gaps: bool = False


@dataclass(frozen=True)
class Step:
    """One turn on the way to a leaf: above the threshold, which of a word means that word.

    Parameters
    ----------
    threshold : infinite where the turn parts what is known from what is not.
    or_unknown : whether who has no number goes this way too.
    """

    column: Column
    threshold: float
    above: bool
    or_unknown: bool = False


def paths(
    tree: DecisionTreeClassifier, columns: Sequence[Column], values: Array
) -> dict[int, list[Step]]:
    """The way to every leaf, from the root: leaf number, as ``tree.apply`` gives it, to steps.

    Parameters
    ----------
    values : cases that it learnt from in rows, by ``columns``; thresholds are the roundest that
        part them alike. Others may fall otherwise than by ``tree.apply``: see :func:`holding`.
    """
    made = tree.tree_
    found: dict[int, list[Step]] = {}

    def walk(node: int, way: list[Step]) -> None:
        left, right = int(made.children_left[node]), int(made.children_right[node])
        if left == right:  # both are -1: a leaf
            found[node] = way
            return
        place, unknown_left = made.feature[node], bool(made.missing_go_to_left[node])
        column = columns[place]
        threshold = _roundest(float(made.threshold[node]), values[:, place])
        walk(left, [*way, Step(column, threshold, above=False, or_unknown=unknown_left)])
        walk(right, [*way, Step(column, threshold, above=True, or_unknown=not unknown_left)])

    walk(0, [])
    return found


def _roundest(threshold: float, values: Array) -> float:
    """The number with the fewest decimals that parts the values as the threshold does."""
    below, above = values[values <= threshold], values[values > threshold]
    if not len(below) or not len(above):
        return threshold
    rounded = (round(threshold, decimals) for decimals in range(16))
    lower, upper = below.max(), above.min()
    return next((each for each in rounded if lower <= each < upper), threshold)


def holding(way: Sequence[Step], columns: Sequence[Column], values: Array) -> NDArray[np.bool_]:
    """Which cases a way is true of; parameters as in :func:`paths`."""
    holds = np.ones(len(values), dtype=bool)
    for step in way:
        mine = values[:, columns.index(step.column)]
        known = mine > step.threshold if step.above else mine <= step.threshold
        holds &= known | (np.isnan(mine) & step.or_unknown)
    return holds


def in_words(way: Sequence[Step]) -> str:
    """``category is A and quantity above 3``; each column is named once."""
    names = dict.fromkeys(step.column.name for step in way)
    told = [_told([step for step in way if step.column.name == name]) for name in names]
    return " and ".join(told) or "always"


def _told(steps: Sequence[Step]) -> str:
    """What several turns on one column say together."""
    column = steps[0].column
    title = title_of(column.name)[0].lower()
    if column.level is None:
        return _range(title, steps, column)
    is_one = [step.column.level for step in steps if step.above]
    if is_one:
        return f"{title} is {is_one[0]}"
    others = [str(step.column.level) for step in steps]
    if len(others) == 1:
        return f"{title} is not {others[0]}"
    return f"{title} is neither {', '.join(others[:-1])} nor {others[-1]}"


def _range(title: str, steps: Sequence[Step], column: Column) -> str:
    """``quantity above 3 and up to 10``, and what is said of those whose quantity is not known."""
    above = [step.threshold for step in steps if step.above]
    below = [step.threshold for step in steps if not step.above and np.isfinite(step.threshold)]
    if np.inf in above:
        return f"{title} is not known"
    words = []
    if above:
        words.append(f"above {_number(max(above), is_whole=column.is_whole)}")
    if below:
        words.append(f"up to {_number(min(below), is_whole=column.is_whole)}")
    if not words:
        return f"{title} is known"
    also = column.has_gaps and all(step.or_unknown for step in steps)
    return f"{title} {' and '.join(words)}{' (or not known)' if also else ''}"


def _number(value: float, *, is_whole: bool) -> str:
    """Every digit; between whole numbers a tree cuts halfway: above 3.5 is above 3."""
    if is_whole:
        return f"{int(value // 1):,}"
    return f"{value:,}".removesuffix(".0")
