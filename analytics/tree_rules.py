"""A shallow decision tree as sentences: what leads to each of its leaves."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sklearn.tree import DecisionTreeClassifier

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
    """

    name: str
    level: str | None = None
    is_whole: bool = False


@dataclass(frozen=True)
class Step:
    """One turn on the way to a leaf: above the threshold, which of a word means that word."""

    column: Column
    threshold: float
    above: bool


def paths(tree: DecisionTreeClassifier, columns: Sequence[Column]) -> dict[int, list[Step]]:
    """The way to every leaf, from the root: leaf number, as ``tree.apply`` gives it, to steps."""
    made = tree.tree_
    found: dict[int, list[Step]] = {}

    def walk(node: int, way: list[Step]) -> None:
        left, right = int(made.children_left[node]), int(made.children_right[node])
        if left == right:  # both are -1: a leaf
            found[node] = way
            return
        column, threshold = columns[made.feature[node]], float(made.threshold[node])
        walk(left, [*way, Step(column, threshold, above=False)])
        walk(right, [*way, Step(column, threshold, above=True)])

    walk(0, [])
    return found


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
        return _range(title, steps, is_whole=column.is_whole)
    is_one = [step.column.level for step in steps if step.above]
    if is_one:
        return f"{title} is {is_one[0]}"
    others = [str(step.column.level) for step in steps]
    if len(others) == 1:
        return f"{title} is not {others[0]}"
    return f"{title} is neither {', '.join(others[:-1])} nor {others[-1]}"


def _range(title: str, steps: Sequence[Step], *, is_whole: bool) -> str:
    """``quantity above 3 and up to 10``."""
    above = [step.threshold for step in steps if step.above]
    below = [step.threshold for step in steps if not step.above]
    words = []
    if above:
        words.append(f"above {_number(max(above), is_whole=is_whole)}")
    if below:
        words.append(f"up to {_number(min(below), is_whole=is_whole)}")
    return f"{title} {' and '.join(words)}"


def _number(value: float, *, is_whole: bool) -> str:
    """Between whole numbers a tree cuts halfway: above 3.5 is above 3."""
    if is_whole:
        return f"{int(value // 1):,}"
    return f"{value:,.2f}" if abs(value) >= 1 else f"{value:.2g}"
