"""The columns of a customers table that a model may learn from, and how raw values become theirs.

A column that is different for nearly everybody is a name or a number of the file, no property of
a customer; one that is the same for everybody tells nobody apart. Both are left out, and said.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_bool_dtype, is_numeric_dtype

Kind = Literal["number", "flag", "category"]

NOT_KNOWN: Final = "(not known)"
# The squares of larger numbers leave no room for sums.
_LARGEST: Final = 1e12
# A text of which more than half of the customers have one of their own.
_MOST_DIFFERENT: Final = 0.5
_FEWEST_TO_TELL: Final = 50
# Levels that are remembered for whoever asks what a model knows.
_MOST_LEVELS: Final = 200
# Words of a name that promise a number of the file's, not of the customer.
_IDS: Final = frozenset({"id", "no", "nr", "number", "key", "code", "index", "row", "uuid"})
_FLAGS: Final = {
    "true": 1.0, "t": 1.0, "yes": 1.0, "y": 1.0, "1": 1.0, "1.0": 1.0,
    "false": 0.0, "f": 0.0, "no": 0.0, "n": 0.0, "0": 0.0, "0.0": 0.0,
}  # fmt: skip


@dataclass(frozen=True)
class Input:
    """One column that a model looks at.

    Parameters
    ----------
    name : column of the frame.
    lowest, highest : of a number, among the customers that were learnt from.
    levels : of a category, sorted; at most 200.
    """

    name: str
    kind: Kind
    lowest: float | None = None
    highest: float | None = None
    levels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Inputs:
    """What models learn from, in order; ``left_out`` says of other columns why not, by reason."""

    inputs: tuple[Input, ...]
    left_out: Mapping[str, tuple[str, ...]]

    @property
    def names(self) -> list[str]:
        """The columns."""
        return [each.name for each in self.inputs]

    def of(self, *kinds: Kind) -> list[int]:
        """Places of the inputs of these kinds."""
        return [place for place, each in enumerate(self.inputs) if each.kind in kinds]

    def without(self, names: Collection[str]) -> "Inputs":
        """The same less some columns."""
        return Inputs(tuple(i for i in self.inputs if i.name not in names), self.left_out)

    def typed(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Raw values as a model reads them, one column an input, named ``x0``, ``x1`` and so on.

        Numbers and flags become float64, NaN where not known, not a number or infinite; categories
        text, ``(not known)`` where empty. A column that ``frame`` lacks is not known.
        """
        columns = {}
        for place, each in enumerate(self.inputs):
            values = _typed(frame, each.name, each.kind)
            # Said outright: pandas would make text of its own kind of them.
            columns[f"x{place}"] = pd.Series(values, frame.index, values.dtype)
        return pd.DataFrame(columns, index=frame.index)

    def described(self) -> list[dict[str, Any]]:
        """The inputs as plain values, to be saved; :func:`restored` reads them."""
        return [asdict(each) for each in self.inputs]


def restored(described: Sequence[Mapping[str, Any]]) -> Inputs:
    """What :meth:`Inputs.described` wrote."""
    made = [Input(**{**each, "levels": tuple(each["levels"])}) for each in described]
    return Inputs(tuple(made), {})


def choose_inputs(frame: pd.DataFrame, unseen: Collection[str]) -> Inputs:
    """The columns of a customers table that can tell customers apart.

    Parameters
    ----------
    frame : raw columns, a row a customer.
    unseen : columns that are none: keys, labels, and what the settings leave out.
    """
    inputs: list[Input] = []
    left_out: dict[str, list[str]] = {}
    for column in frame.columns:
        name = str(column)
        if name in unseen:
            continue
        kind = _kind(frame[name])
        values = pd.Series(_typed(frame, name, kind), name=name)
        reason = _useless(frame[name], values, kind)
        if reason:
            left_out.setdefault(reason, []).append(name)
        else:
            inputs.append(_input(name, kind, values))
    return Inputs(tuple(inputs), {reason: tuple(names) for reason, names in left_out.items()})


def _kind(values: "pd.Series[Any]") -> Kind:
    known = values.dropna()
    if is_bool_dtype(values) or (len(known) and all(isinstance(value, bool) for value in known)):
        return "flag"
    return "number" if is_numeric_dtype(values) else "category"


def _typed(frame: pd.DataFrame, name: str, kind: Kind) -> NDArray[Any]:
    """One column as an array: of one customer this must cost little."""
    if name not in frame:
        empty = NOT_KNOWN if kind == "category" else np.nan
        return np.full(len(frame), empty, dtype=object if kind == "category" else float)
    values = frame[name]
    if kind == "category":
        return _texts(values)
    if kind == "flag" and not is_bool_dtype(values):
        said = [_FLAGS.get(str(value).strip().lower(), np.nan) for value in values]
        return np.array(said, dtype=float)
    if not is_numeric_dtype(values):
        values = pd.to_numeric(values, errors="coerce")
    numbers = values.to_numpy(dtype=float, na_value=np.nan)
    return np.clip(np.where(np.isfinite(numbers), numbers, np.nan), -_LARGEST, _LARGEST)


def _texts(values: "pd.Series[Any]") -> NDArray[Any]:
    found = np.empty(len(values), dtype=object)
    found[:] = [
        (not missing and str(value).strip()) or NOT_KNOWN
        for value, missing in zip(values, values.isna(), strict=True)
    ]
    return found


def _useless(raw: "pd.Series[Any]", values: "pd.Series[Any]", kind: Kind) -> str | None:
    """Why a column cannot be an input, in words that follow a list of names; None if it can."""
    different, known = values.nunique(dropna=False), int(raw.notna().sum())
    if different <= 1:
        return "the same for everybody"
    if known < _FEWEST_TO_TELL:
        return None
    if kind == "category" and different > _MOST_DIFFERENT * known:
        return "different for nearly everybody"
    if kind == "number" and _numbers_rows(values.dropna()):
        return "a number of the file's rows"
    return None


def _numbers_rows(values: "pd.Series[float]") -> bool:
    """Whether whole numbers are all different, and called an id or nearly without a gap."""
    if not values.is_unique or not (values == values.round()).all():
        return False
    named = bool(_IDS & set(str(values.name).lower().split("_")))
    return named or float(values.max() - values.min()) < 2 * len(values)


def _input(name: str, kind: Kind, values: "pd.Series[Any]") -> Input:
    if kind == "category":
        return Input(name, kind, levels=tuple(sorted(set(values))[:_MOST_LEVELS]))
    return Input(name, kind, float(values.min()), float(values.max()))
